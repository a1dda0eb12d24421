// Typed calls to the server. Problem details (RFC 9457) become LatchkeyError with the server's code; an answer that
// is none becomes NETWORK_UNREACHABLE. Each POST carries an Idempotency-Key and is repeated with the same key when
// the connection breaks, so that a lost answer never means a second transfer.
import { type ErrorDetails, isErrorCode, LatchkeyError } from './errors.ts';
import type { Problem } from './schema.ts';

const REQUEST_TIMEOUT_MS = 60_000;
const POST_ATTEMPTS = 3;
const RETRY_DELAY_MS = 500;

export type ApiClient = {
  get<T>(
    path: string,
    query?: Record<string, string | undefined>,
    headers?: Record<string, string>,
  ): Promise<T>;
  /** @param idempotencyKey of an earlier attempt whose answer was lost, to get that answer */
  post<T>(path: string, body: unknown, idempotencyKey?: string): Promise<T>;
};

export function createApiClient(options: {
  baseUrl: string;
  fetch?: typeof fetch;
  sessionToken: () => string | null;
}): ApiClient {
  const doFetch = options.fetch ?? globalThis.fetch.bind(globalThis);

  async function send<T>(
    method: string,
    url: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<T> {
    const token = options.sessionToken();
    let response: Response;
    try {
      response = await doFetch(url, {
        method,
        headers: {
          accept: 'application/json',
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...headers,
        },
        ...(body === undefined ? {} : { body }),
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
    } catch (cause) {
      throw new LatchkeyError('NETWORK_UNREACHABLE', { cause });
    }
    const parsed: unknown = response.status === 204 ? null : await response.json().catch(() => undefined);
    if (response.ok && parsed !== undefined) return parsed as T;
    throw problemToError(response.status, parsed);
  }

  return {
    get(path, query = {}, headers = {}) {
      const search = new URLSearchParams();
      for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, value);
      const suffix = search.size > 0 ? `?${search}` : '';
      return send('GET', `${options.baseUrl}${path}${suffix}`, headers);
    },
    async post(path, body, idempotencyKey = crypto.randomUUID()) {
      const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
      for (let attempt = 1; ; attempt++) {
        try {
          return await send('POST', `${options.baseUrl}${path}`, headers, JSON.stringify(body));
        } catch (error) {
          const lost = error instanceof LatchkeyError && error.code === 'NETWORK_UNREACHABLE';
          if (!lost || attempt === POST_ATTEMPTS) throw error;
          await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS * attempt));
        }
      }
    },
  };
}

function problemToError(status: number, body: unknown): LatchkeyError {
  const problem = (body ?? {}) as Partial<Problem>;
  if (isErrorCode(problem.code)) {
    const details: ErrorDetails = { status };
    if (problem.field) details.field = problem.field;
    if (problem.requestId) details.requestId = problem.requestId;
    return new LatchkeyError(problem.code, {
      ...(problem.detail ? { message: problem.detail } : {}),
      details,
    });
  }
  return new LatchkeyError(status >= 500 || body === undefined ? 'NETWORK_UNREACHABLE' : 'INVALID_REQUEST', {
    details: { status },
  });
}
