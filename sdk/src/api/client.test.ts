import { describe, expect, it } from 'vitest';
import { createApiClient } from './client.ts';

type Seen = { url: string; init: RequestInit };

function client(answers: (Response | Error)[], token: string | null = null) {
  const seen: Seen[] = [];
  const fetchOnce = async (url: string | URL | Request, init: RequestInit = {}) => {
    seen.push({ url: String(url), init });
    const answer = answers.shift();
    if (!answer || answer instanceof Error) throw answer ?? new TypeError('fetch failed');
    return answer;
  };
  const api = createApiClient({
    baseUrl: 'https://api.example',
    fetch: fetchOnce as typeof fetch,
    sessionToken: () => token,
  });
  return { api, seen };
}

const header = ({ init }: Seen, name: string) => new Headers(init.headers).get(name);

describe('the API client', () => {
  it('leaves out absent query parameters and sends the session', async () => {
    const { api, seen } = client([Response.json({ ok: 1 })], 'jwt');
    await expect(api.get('/x', { a: 'b c', gone: undefined })).resolves.toEqual({ ok: 1 });
    expect(seen[0]!.url).toBe('https://api.example/x?a=b+c');
    expect(header(seen[0]!, 'authorization')).toBe('Bearer jwt');
  });

  it('repeats a POST whose answer was lost, under the same idempotency key', async () => {
    const { api, seen } = client([new TypeError('connection reset'), Response.json({ id: 7 })]);
    await expect(api.post('/x', { amount: '1' })).resolves.toEqual({ id: 7 });
    expect(seen).toHaveLength(2);
    expect(header(seen[0]!, 'idempotency-key')).toMatch(/^[0-9a-f-]{36}$/);
    expect(header(seen[1]!, 'idempotency-key')).toBe(header(seen[0]!, 'idempotency-key'));
  });

  it('gives up after three lost answers', async () => {
    const { api, seen } = client([]);
    await expect(api.post('/x', {})).rejects.toThrow(
      expect.objectContaining({ code: 'NETWORK_UNREACHABLE' }),
    );
    expect(seen).toHaveLength(3);
  });

  it('does not repeat a POST that was answered', async () => {
    const problem = { code: 'INSUFFICIENT_BALANCE', detail: 'Not enough.', field: 'amount', requestId: 'r1' };
    const { api, seen } = client([Response.json(problem, { status: 422 })]);
    await expect(api.post('/x', {})).rejects.toThrow(
      expect.objectContaining({
        code: 'INSUFFICIENT_BALANCE',
        message: 'Not enough.',
        details: { status: 422, field: 'amount', requestId: 'r1' },
      }),
    );
    expect(seen).toHaveLength(1);
  });

  it('calls an answer that is no problem document unreachable or invalid, by its status', async () => {
    const gateway = client([new Response('<html>', { status: 502 })]);
    await expect(gateway.api.get('/x')).rejects.toThrow(
      expect.objectContaining({ code: 'NETWORK_UNREACHABLE' }),
    );
    const unknown = client([Response.json({ code: 'NEVER_HEARD_OF' }, { status: 400 })]);
    await expect(unknown.api.get('/x')).rejects.toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
  });
});
