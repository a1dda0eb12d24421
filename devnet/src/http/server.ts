// The HTTP shell: JSON-RPC on every path by POST, friendbot on /friendbot, a small archive on /archive, open CORS, with TLS
// where a certificate is given. The transport rules are those of stellar-rpc: 405 and 415, 500 for what is not JSON, 204
// where nothing is to be answered, a body limit (wider on /devnet, where a dumped state can be loaded). Hostile input gets
// an error, never a crash; a body that does not come to its end is cut off. Closing waits for requests that are being
// answered. There is no access control: whoever reaches the port rules the network.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { toBase64 } from '../bytes.ts';
import { FriendbotError, fund } from '../network/friendbot.ts';
import type { Network } from '../network/network.ts';
import { answerJsonRpc } from '../rpc/jsonRpc.ts';
import { RPC_ERROR } from '../rpc/rpcError.ts';
import { HistoryArchive } from './historyArchive.ts';

const DEFAULT_PORT = 8000;
const DEFAULT_HOST = '127.0.0.1';
/** Where stellar-cli looks for the archive of a standalone network. */
const ARCHIVE_PATH = '/archive';
const BODY_LIMIT_BYTES = 512 * 1024;
/** Where devnet_loadState fits in. */
const STATE_PATH = '/devnet';
const STATE_LIMIT_BYTES = 64 * 1024 * 1024;
/** How long closing waits for requests that are being answered. */
const STOP_TIMEOUT_MS = 5_000;
const MAX_CONNECTIONS = 1_000;
const REQUEST_TIMEOUT_MS = 25_000;
const TIMEOUT_CHECK_INTERVAL_MS = 1_000;
const MS_PER_SECOND = 1000;

export type ServeOptions = {
  /** 0 for any free port; 8000 by default. */
  port?: number;
  host?: string;
  /** How often an idle network closes a ledger. */
  closeIntervalMs?: number;
  /** In which a request must have come whole; 25 seconds by default. */
  requestTimeoutMs?: number;
  /** Makes the listener speak HTTPS; both in PEM. */
  tls?: { readonly key: string; readonly cert: string };
  /** Gets one line per request: method, target, JSON-RPC methods, status, duration, errors. */
  onRequest?: (line: string) => void;
};

export type DevnetServer = { url: string; rpcUrl: string; friendbotUrl: string; close(): Promise<void> };

type Reply = {
  readonly status: number;
  readonly body?: string | Uint8Array;
  /** Of the body; plain text by default. */
  readonly contentType?: string;
  readonly headers?: Record<string, string>;
  /** What the request was about, for the log. */
  readonly subject?: string;
  readonly errors?: readonly string[];
};

const CORS_HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': '*',
  'access-control-allow-methods': 'GET, PUT, POST, PATCH, DELETE, HEAD, OPTIONS',
};

class BodyTooLarge extends Error {
  constructor(limitBytes: number) {
    super(`request body of more than ${limitBytes} bytes`);
  }
}

/** @throws the listening error of node:net, such as EADDRINUSE. */
export async function serve(network: Network, options: ServeOptions): Promise<DevnetServer> {
  if (options.closeIntervalMs !== undefined) {
    network.closeIntervalSeconds = options.closeIntervalMs / MS_PER_SECOND;
  }
  const requestTimeout = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  const timeouts = {
    requestTimeout,
    headersTimeout: requestTimeout,
    connectionsCheckingInterval: Math.min(TIMEOUT_CHECK_INTERVAL_MS, requestTimeout),
  };
  const archive = new HistoryArchive(network);
  const running = new Set<ServerResponse>();
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    const startedAt = performance.now();
    const onRead = () => {
      running.add(response);
      response.once('close', () => running.delete(response));
    };
    answer(network, archive, request, onRead)
      .catch((error): Reply => refusal(error))
      .then((reply) => {
        send(response, reply);
        const durationMs = (performance.now() - startedAt).toFixed(1);
        const subject = reply.subject ? ` ${reply.subject}` : '';
        const errors = (reply.errors ?? []).map((error) => `  ${error}`).join('');
        const target = printable(request.url ?? '');
        options.onRequest?.(
          `${request.method} ${target}${subject} ${reply.status} ${durationMs} ms${errors}`,
        );
      })
      .catch(() => response.destroy());
  };
  const server = options.tls
    ? createTlsServer({ ...timeouts, ...options.tls }, listener)
    : createServer(timeouts, listener);
  server.maxConnections = MAX_CONNECTIONS;
  const host = options.host ?? DEFAULT_HOST;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? DEFAULT_PORT, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `${options.tls ? 'https' : 'http'}://${nameOf(host)}:${port}`;
  network.friendbotUrl = `${url}/friendbot`;
  return {
    url,
    rpcUrl: `${url}/rpc`,
    friendbotUrl: network.friendbotUrl,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const deadlineMs = performance.now() + STOP_TIMEOUT_MS;
      while (running.size > 0 && performance.now() < deadlineMs) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      server.closeAllConnections();
      await closed;
    },
  };
}

/** How a client on this machine reaches the address that is listened on. */
function nameOf(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

/** One line of a log, whatever the client wrote. */
function printable(text: string): string {
  const MAX_CHARACTERS = 200;
  return text.slice(0, MAX_CHARACTERS).replace(/[^\x21-\x7e]/g, '?');
}

/** The connection of a body that was not read to its end cannot be used again. */
function refusal(error: unknown): Reply {
  if (!(error instanceof BodyTooLarge)) return { status: 400, body: 'the request did not come to its end' };
  const { message } = error;
  const body = { jsonrpc: '2.0', id: null, error: { code: RPC_ERROR.invalidRequest, message } };
  return { ...json(413, body), headers: { connection: 'close' } };
}

async function answer(
  network: Network,
  archive: HistoryArchive,
  request: IncomingMessage,
  onRead: () => void,
): Promise<Reply> {
  const [path, query] = splitTarget(request.url ?? '/');
  if (request.method === 'OPTIONS') return { status: 204 };
  if (path === '/friendbot') return answerFriendbot(network, request, query, onRead);
  if (request.method === 'GET' && path.startsWith(ARCHIVE_PATH)) {
    const file = await network.attempt(() => archive.file(path.slice(ARCHIVE_PATH.length)));
    return file ? { status: 200, body: file, contentType: 'application/octet-stream' } : { status: 404 };
  }
  if (request.method !== 'POST') return { status: 405, headers: { 'accept-post': 'application/json' } };
  if (!isJson(request.headers['content-type'])) {
    return { status: 415, body: 'content-type must be application/json in utf-8' };
  }
  const text = await readBody(request, path === STATE_PATH ? STATE_LIMIT_BYTES : BODY_LIMIT_BYTES);
  onRead();
  try {
    const { text: body, methods, errors } = await answerJsonRpc(network, text);
    const subject = methods.length > 1 ? `${methods[0]} and ${methods.length - 1} more` : (methods[0] ?? '');
    if (body === null) return { status: 204, subject, errors };
    return { status: 200, body, contentType: 'application/json', subject, errors };
  } catch {
    return { status: 500, body: 'the request body is not JSON' };
  }
}

/** Path and query of a request target, which need not be a valid URL. */
function splitTarget(target: string): [path: string, query: string] {
  const mark = target.indexOf('?');
  return mark === -1 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)];
}

function isJson(contentType: string | undefined): boolean {
  const [type, ...parameters] = (contentType ?? '').toLowerCase().split(';');
  const charset = parameters.map((parameter) => parameter.trim()).find((text) => text.startsWith('charset='));
  const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
  return type?.trim() === 'application/json' && isUtf8;
}

function readBody(request: IncomingMessage, limitBytes = BODY_LIMIT_BYTES): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limitBytes) {
        chunks.push(chunk);
        return;
      }
      request.pause();
      reject(new BodyTooLarge(limitBytes));
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('error', reject);
  });
}

async function answerFriendbot(
  network: Network,
  request: IncomingMessage,
  query: string,
  onRead: () => void,
): Promise<Reply> {
  if (request.method !== 'GET' && request.method !== 'POST') return { status: 405 };
  const form = request.method === 'POST' ? new URLSearchParams(await readBody(request)) : null;
  onRead();
  const parameter = (name: string) => new URLSearchParams(query).get(name) ?? form?.get(name) ?? undefined;
  const address = parameter('addr') ?? '';
  const asset = parameter('asset');
  try {
    const { hash, envelopeXdr, metaXdr } = await network.attempt(() => fund(network, address, asset));
    return json(200, {
      successful: true,
      hash,
      envelope_xdr: toBase64(envelopeXdr),
      result_meta_xdr: toBase64(metaXdr),
    });
  } catch (error) {
    return json(...friendbotProblem(error), 'application/problem+json');
  }
}

function friendbotProblem(error: unknown): [status: number, problem: object] {
  const type = (name: string) => `https://stellar.org/horizon-errors/${name}`;
  if (!(error instanceof FriendbotError)) {
    const detail = error instanceof Error ? error.message : 'internal error';
    return [500, { type: type('server_error'), title: 'Internal Server Error', status: 500, detail }];
  }
  const extras =
    error.code === 'INVALID_ADDRESS' ? { extras: { invalid_field: 'addr', reason: error.message } } : {};
  return [
    400,
    { type: type('bad_request'), title: 'Bad Request', status: 400, detail: error.message, ...extras },
  ];
}

function json(status: number, body: object, contentType = 'application/json'): Reply {
  return { status, body: JSON.stringify(body), contentType };
}

function send(response: ServerResponse, { status, body, contentType, headers }: Reply): void {
  const type = body === undefined ? {} : { 'content-type': contentType ?? 'text/plain; charset=utf-8' };
  response.writeHead(status, { ...CORS_HEADERS, ...type, ...headers }).end(body);
}
