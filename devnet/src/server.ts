// The HTTP shell: JSON-RPC on every path by POST, friendbot on /friendbot, a small archive on /archive, open CORS. The
// transport rules are those of stellar-rpc: batches, notifications, the request's id in every answer, 405 and 415, a
// body limit. Hostile input gets an error, never a crash. There is no TLS and no access control: it is for development.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FriendbotError, fund } from './friendbot.ts';
import { HistoryArchive } from './historyArchive.ts';
import type { Network } from './network.ts';
import { dispatch } from './rpc/dispatch.ts';
import { RPC_ERROR, RpcError } from './rpc/rpcError.ts';

const DEFAULT_PORT = 8000;
const DEFAULT_HOST = '127.0.0.1';
/** Where stellar-cli looks for the archive of a standalone network. */
const ARCHIVE_PATH = '/archive';
const BODY_LIMIT_BYTES = 512 * 1024;
const MAX_BATCH_CALLS = 100;
const REQUEST_TIMEOUT_MS = 25_000;
const MS_PER_SECOND = 1000;

export type ServeOptions = {
  /** 0 for any free port; 8000 by default. */
  port?: number;
  host?: string;
  /** How often an idle network closes a ledger. */
  closeIntervalMs?: number;
  /** Gets one line per request: method, target, status, duration. */
  onRequest?: (line: string) => void;
};

export type DevnetServer = { url: string; rpcUrl: string; friendbotUrl: string; close(): Promise<void> };

type Reply = { status: number; body?: unknown; headers?: Record<string, string> };

const CORS_HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': '*',
  'access-control-allow-methods': 'GET, PUT, POST, PATCH, DELETE, HEAD, OPTIONS',
};

class BodyTooLarge extends Error {}

/** @throws the listening error of node:net, such as EADDRINUSE. */
export async function serve(network: Network, options: ServeOptions): Promise<DevnetServer> {
  if (options.closeIntervalMs !== undefined) {
    network.closeIntervalSeconds = options.closeIntervalMs / MS_PER_SECOND;
  }
  const archive = new HistoryArchive(network);
  const server = createServer((request, response) => {
    const startedAt = performance.now();
    answer(network, archive, request)
      .catch((error): Reply => refusal(error))
      .then((reply) => {
        send(response, reply);
        const durationMs = (performance.now() - startedAt).toFixed(1);
        options.onRequest?.(`${request.method} ${request.url} ${reply.status} ${durationMs} ms`);
      })
      .catch(() => response.destroy());
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  const host = options.host ?? DEFAULT_HOST;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? DEFAULT_PORT, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  network.friendbotUrl = `${url}/friendbot`;
  return {
    url,
    rpcUrl: `${url}/rpc`,
    friendbotUrl: network.friendbotUrl,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The connection of a body that was not read to its end cannot be used again. */
function refusal(error: unknown): Reply {
  return error instanceof BodyTooLarge ? { status: 413, headers: { connection: 'close' } } : { status: 400 };
}

async function answer(network: Network, archive: HistoryArchive, request: IncomingMessage): Promise<Reply> {
  const url = new URL(request.url ?? '/', 'http://devnet');
  if (request.method === 'OPTIONS') return { status: 204 };
  if (url.pathname === '/friendbot') return answerFriendbot(network, request, url);
  if (request.method === 'GET' && url.pathname.startsWith(ARCHIVE_PATH)) {
    const file = archive.file(url.pathname.slice(ARCHIVE_PATH.length));
    return file ? { status: 200, body: file } : { status: 404 };
  }
  if (request.method !== 'POST') return { status: 405, headers: { 'accept-post': 'application/json' } };
  if (!isJson(request.headers['content-type'])) return { status: 415 };
  let body: unknown;
  try {
    body = JSON.parse(await readBody(request));
  } catch (error) {
    if (error instanceof BodyTooLarge) throw error;
    return { status: 500, body: 'cannot parse the request body as JSON' };
  }
  const result = await (Array.isArray(body) ? callBatch(network, body) : call(network, body));
  return result === undefined ? { status: 204 } : { status: 200, body: result };
}

function isJson(contentType: string | undefined): boolean {
  const [type, ...parameters] = (contentType ?? '').toLowerCase().split(';');
  const charset = parameters.map((parameter) => parameter.trim()).find((text) => text.startsWith('charset='));
  const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
  return type?.trim() === 'application/json' && isUtf8;
}

function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= BODY_LIMIT_BYTES) {
        chunks.push(chunk);
        return;
      }
      request.pause();
      reject(new BodyTooLarge());
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('error', reject);
  });
}

async function callBatch(network: Network, calls: readonly unknown[]): Promise<unknown> {
  if (calls.length === 0) return failure(null, new RpcError(RPC_ERROR.invalidRequest, 'empty batch'));
  if (calls.length > MAX_BATCH_CALLS) {
    return failure(
      null,
      new RpcError(RPC_ERROR.invalidRequest, `batch of more than ${MAX_BATCH_CALLS} calls`),
    );
  }
  const replies: unknown[] = [];
  for (const item of calls) {
    const reply = await call(network, item);
    if (reply !== undefined) replies.push(reply);
  }
  return replies.length > 0 ? replies : undefined;
}

/** Answers one call; a notification (no id) that is well formed gets undefined. */
async function call(network: Network, request: unknown): Promise<unknown> {
  if (typeof request !== 'object' || request === null || Array.isArray(request)) {
    return failure(null, new RpcError(RPC_ERROR.invalidRequest, 'request is not an object'));
  }
  const { jsonrpc, id, method, params } = request as Record<string, unknown>;
  const isIdValid = id === undefined || id === null || typeof id === 'string' || typeof id === 'number';
  if (!isIdValid) return failure(null, new RpcError(RPC_ERROR.invalidRequest, 'invalid request id'));
  if (jsonrpc !== '2.0' || typeof method !== 'string') {
    const reason = jsonrpc === '2.0' ? 'method is not a string' : "jsonrpc must be '2.0'";
    return failure(id ?? null, new RpcError(RPC_ERROR.invalidRequest, reason));
  }
  try {
    const result = await dispatch(network, method, params);
    return id === undefined ? undefined : { jsonrpc: '2.0', id, result };
  } catch (error) {
    if (id === undefined) return undefined;
    return failure(
      id,
      error instanceof RpcError ? error : new RpcError(RPC_ERROR.internal, 'internal error'),
    );
  }
}

function failure(id: unknown, { code, message, data }: RpcError) {
  return { jsonrpc: '2.0', id, error: { code, message, ...(data === undefined ? {} : { data }) } };
}

async function answerFriendbot(network: Network, request: IncomingMessage, url: URL): Promise<Reply> {
  if (request.method !== 'GET' && request.method !== 'POST') return { status: 405 };
  const form = request.method === 'POST' ? new URLSearchParams(await readBody(request)) : null;
  const address = url.searchParams.get('addr') ?? form?.get('addr') ?? '';
  try {
    const { hash, envelopeXdr, metaXdr } = fund(network, address);
    const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
    return {
      status: 200,
      body: {
        successful: true,
        hash,
        envelope_xdr: base64(envelopeXdr),
        result_meta_xdr: base64(metaXdr),
      },
    };
  } catch (error) {
    if (!(error instanceof FriendbotError)) throw error;
    const extras =
      error.code === 'INVALID_ADDRESS' ? { extras: { invalid_field: 'addr', reason: error.message } } : {};
    const problem = {
      type: 'https://stellar.org/horizon-errors/bad_request',
      title: 'Bad Request',
      status: 400,
      detail: error.message,
      ...extras,
    };
    return { status: 400, body: problem, headers: { 'content-type': 'application/problem+json' } };
  }
}

function send(response: ServerResponse, { status, body, headers }: Reply): void {
  if (body === undefined) {
    response.writeHead(status, { ...CORS_HEADERS, ...headers }).end();
    return;
  }
  const [contentType, content] =
    typeof body === 'string'
      ? ['text/plain; charset=utf-8', body]
      : body instanceof Uint8Array
        ? ['application/octet-stream', body]
        : ['application/json', JSON.stringify(body)];
  response.writeHead(status, { ...CORS_HEADERS, 'content-type': contentType, ...headers }).end(content);
}
