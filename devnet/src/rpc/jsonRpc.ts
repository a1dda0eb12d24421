// The envelope of JSON-RPC 2.0: reads one call or a batch from a text and writes the replies as a text. Every reply
// echoes the request's id, errors too; a call without an id is a notification and gets none. The rules and codes are
// those of stellar-rpc, but for batches, which have a limit and are always answered by a list.
// An id that no double holds comes back rounded.
import type { Network } from '../network/network.ts';
import { dispatch } from './dispatch.ts';
import { invalidRequest, RPC_ERROR, RpcError } from './rpcError.ts';

export const MAX_BATCH_CALLS = 1_000;
/** What one text may take. Once a reply does not fit, or the time is over, what follows is refused and not called. */
export type JsonRpcLimits = { readonly replyCharacters: number; readonly ms: number };
const LIMITS: JsonRpcLimits = { replyCharacters: 64 * 1024 * 1024, ms: 25_000 };
/** How long a batch may keep others waiting. */
const TURN_MS = 50;
const REQUEST_FIELDS: readonly string[] = ['jsonrpc', 'id', 'method', 'params'];

export type JsonRpcAnswer = {
  /** What to send back; null when the text held nothing but notifications. */
  readonly text: string | null;
  /** The methods that were called, for a log. */
  readonly methods: readonly string[];
  /** What was answered with an error, code and message, for a log. */
  readonly errors: readonly string[];
};

/** @throws SyntaxError when the text is not JSON */
export async function answerJsonRpc(
  network: Network,
  text: string,
  limits: JsonRpcLimits = LIMITS,
): Promise<JsonRpcAnswer> {
  const body: unknown = JSON.parse(text);
  const allowance = { characters: limits.replyCharacters, untilMs: performance.now() + limits.ms };
  if (!Array.isArray(body)) return answerOne(network, body, allowance);
  if (body.length === 0 || body.length > MAX_BATCH_CALLS) {
    const message = body.length === 0 ? 'empty batch' : `batch of more than ${MAX_BATCH_CALLS} calls`;
    return failed(null, invalidRequest(message), []);
  }
  const replies: string[] = [];
  const methods: string[] = [];
  const errors: string[] = [];
  let turnEndsMs = performance.now() + TURN_MS;
  for (const request of body) {
    if (performance.now() > turnEndsMs) {
      await new Promise((resolve) => setTimeout(resolve));
      turnEndsMs = performance.now() + TURN_MS;
    }
    const answer = await answerOne(network, request, allowance);
    methods.push(...answer.methods);
    errors.push(...answer.errors);
    if (answer.text !== null) replies.push(answer.text);
  }
  return { text: replies.length > 0 ? `[${replies.join(',')}]` : null, methods, errors };
}

type Id = string | number | null;
type Call = { readonly id: Id; readonly method: string; readonly params: unknown };
/** What is left for a batch. */
type Allowance = { characters: number; readonly untilMs: number };

async function answerOne(network: Network, request: unknown, allowance: Allowance): Promise<JsonRpcAnswer> {
  let call: Call;
  try {
    call = readCall(request);
  } catch (error) {
    return failed(idOf(request), error as RpcError, []);
  }
  const { id, method, params } = call;
  const methods = [method];
  try {
    const result = await resultOf(network, method, params, allowance);
    const text = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`;
    return { text: id === null ? null : text, methods, errors: [] };
  } catch (error) {
    const known = error instanceof RpcError ? error : new RpcError(RPC_ERROR.internal, 'internal error');
    return failed(id, known, methods, id !== null);
  }
}

function failed(id: Id, error: RpcError, methods: readonly string[], isAnswered = true): JsonRpcAnswer {
  return {
    text: isAnswered ? failure(id, error) : null,
    methods,
    errors: [`${error.code} ${error.message}`],
  };
}

/** The result of a call as JSON. */
async function resultOf(
  network: Network,
  method: string,
  params: unknown,
  allowance: Allowance,
): Promise<string> {
  if (performance.now() >= allowance.untilMs) {
    throw new RpcError(RPC_ERROR.deadline, 'request exceeded processing limit threshold');
  }
  if (allowance.characters > 0) {
    const result = JSON.stringify((await dispatch(network, method, params)) ?? null);
    allowance.characters -= result.length;
    if (allowance.characters >= 0) return result;
  }
  throw new RpcError(RPC_ERROR.internal, 'the reply is too long');
}

/** @throws RpcError */
function readCall(request: unknown): Call {
  if (typeof request !== 'object' || request === null || Array.isArray(request)) {
    throw new RpcError(RPC_ERROR.parse, 'request is not a JSON object');
  }
  const { jsonrpc, id, method, params } = request as Record<string, unknown>;
  if (id !== undefined && id !== null && !isId(id)) throw invalidRequest('invalid request ID');
  if (method !== undefined && typeof method !== 'string') {
    throw new RpcError(RPC_ERROR.parse, 'invalid method name');
  }
  if (jsonrpc !== '2.0') throw invalidRequest('invalid version marker');
  if (params !== undefined && typeof params !== 'object') {
    throw invalidRequest('parameters must be array or object');
  }
  const extra = Object.keys(request).filter((name) => !REQUEST_FIELDS.includes(name));
  if (extra.length > 0) throw new RpcError(RPC_ERROR.invalidRequest, 'extra fields in request', extra);
  if (!method) throw invalidRequest('empty method name');
  return { id: id ?? null, method, params };
}

function isId(id: unknown): id is string | number {
  return typeof id === 'string' || typeof id === 'number';
}

/** The id to answer a malformed request with, as far as it can be read. */
function idOf(request: unknown): Id {
  const id = (request as { id?: unknown } | null)?.id;
  return isId(id) ? id : null;
}

function failure(id: Id, { code, message, data }: RpcError): string {
  return JSON.stringify({
    jsonrpc: '2.0',
    id,
    error: { code, message, ...(data === undefined ? {} : { data }) },
  });
}
