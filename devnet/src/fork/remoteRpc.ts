// A client of another network's stellar-rpc, as much of it as a fork needs. Every call ends: by an answer, or by a
// ForkError that says what was wrong with it. Addresses of RPC providers often hold a key, so errors name the host only.
// Answers are not trusted to be well formed; that they are true cannot be checked here.

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const MAX_ATTEMPTS = 3;
const RETRY_AFTER_MS = 250;

export class ForkError extends Error {
  readonly code = 'FORK_FAILED';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ForkError';
  }
}

/** Worth another try: the other side may be back in a moment. */
class Unavailable extends ForkError {}

export class RemoteRpc {
  readonly #url: string;
  readonly #timeoutMs: number;
  readonly host: string;

  /** @throws ForkError when it is not an http address */
  constructor(url: string, timeoutMs = TIMEOUT_MS) {
    const parsed = URL.canParse(url) ? new URL(url) : null;
    if (!parsed || !/^https?:$/.test(parsed.protocol)) {
      throw new ForkError('the network to fork is named by the http(s) address of its RPC');
    }
    this.#url = url;
    this.#timeoutMs = timeoutMs;
    this.host = parsed.host;
  }

  /** @throws ForkError */
  async call(method: string, params?: unknown): Promise<Record<string, unknown>> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#callOnce(method, params);
      } catch (error) {
        if (!(error instanceof Unavailable) || attempt === MAX_ATTEMPTS) throw error;
        await new Promise((resolve) => setTimeout(resolve, attempt * RETRY_AFTER_MS));
      }
    }
  }

  /** @throws ForkError */
  failure(what: string, cause?: unknown): ForkError {
    return new ForkError(`the forked network's RPC at ${this.host} ${what}`, { cause });
  }

  async #callOnce(method: string, params: unknown): Promise<Record<string, unknown>> {
    const text = await this.#post(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }), method);
    let reply: unknown;
    try {
      reply = JSON.parse(text);
    } catch (cause) {
      throw this.failure(`answered ${method} with something that is not JSON`, cause);
    }
    const { result, error } = (isObject(reply) ? reply : {}) as { result?: unknown; error?: unknown };
    if (isObject(error)) throw this.failure(`refused ${method}: ${String(error.message).slice(0, 200)}`);
    if (!isObject(result)) throw this.failure(`answered ${method} without a result`);
    return result;
  }

  async #post(body: string, method: string): Promise<string> {
    let response: Response;
    try {
      response = await fetch(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(this.#timeoutMs),
      });
      if (response.ok) return await this.#text(response, method);
      await response.body?.cancel();
    } catch (cause) {
      if (cause instanceof ForkError) throw cause;
      const isLate = cause instanceof Error && cause.name === 'TimeoutError';
      if (isLate) throw this.failure(`did not answer ${method} within ${this.#timeoutMs} ms`, cause);
      throw new Unavailable(this.failure(`cannot be reached for ${method}`).message, { cause });
    }
    const { message } = this.failure(`answered ${method} with HTTP status ${response.status}`);
    const isPassing = response.status === 429 || response.status >= 500;
    throw isPassing ? new Unavailable(message) : new ForkError(message);
  }

  async #text(response: Response, method: string): Promise<string> {
    const decoder = new TextDecoder();
    const reader = response.body!.getReader();
    let text = '';
    let length = 0;
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      length += part.value.length;
      if (length > MAX_ANSWER_BYTES) {
        await reader.cancel();
        throw this.failure(`answered ${method} with more than ${MAX_ANSWER_BYTES} bytes`);
      }
      text += decoder.decode(part.value, { stream: true });
    }
    return text + decoder.decode();
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
