// Server-sent events over fetch, because EventSource sends no Authorization header. Yields the names of the events; what
// they carry is not read, since whoever hears of a change asks the API for the present state. Ends when the connection
// does: connecting again is the caller's.
import { LatchkeyError } from '../api/errors.ts';

/** Longest line that is taken; a longer one ends the stream. */
const MAX_LINE_CHARS = 65_536;

/** Names of the events in a stream, as WHATWG HTML §9.2.6 dispatches them: at the blank line, when there was data. */
export async function* eventNames(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader();
  let rest = '';
  let name = '';
  let hasData = false;
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      rest += value;
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop()!;
      if (rest.length > MAX_LINE_CHARS) return;
      for (const line of lines) {
        if (line === '') {
          if (hasData) yield name || 'message';
          name = '';
          hasData = false;
        } else if (line.startsWith('event:')) name = line.slice(6).trim();
        else if (line.startsWith('data:')) hasData = true;
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

export async function openEvents(
  doFetch: typeof fetch,
  url: string,
  token: string | null,
  signal: AbortSignal,
): Promise<AsyncGenerator<string>> {
  const response = await doFetch(url, {
    headers: { accept: 'text/event-stream', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    signal,
  }).catch((cause: unknown) => {
    throw new LatchkeyError('NETWORK_UNREACHABLE', { cause });
  });
  if (response.status === 401) throw new LatchkeyError('SESSION_EXPIRED');
  if (!response.ok || !response.body) throw new LatchkeyError('NETWORK_UNREACHABLE');
  return eventNames(response.body);
}
