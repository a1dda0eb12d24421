// Server-sent events (WHATWG HTML §9.2) as an answer: begun before anything has happened, kept alive by comments, ended
// after a few minutes, so that whoever listens on shows that the session is still good. A reader that does not read is cut off:
// what was not read is held in memory.
const ALIVE_EVERY_MS = 15_000;
const MAX_STREAM_MS = 600_000;
const MAX_UNREAD_CHUNKS = 256;

export type EventSink = {
  /** After the end it does nothing. */
  send(event: string, data: unknown): void;
  end(): void;
};

/** @param open called with the sink at once; returns what to do at the end */
export async function eventStream(open: (sink: EventSink) => Promise<() => void>): Promise<Response> {
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  let close = () => {};
  let isOver = false;

  function end(): void {
    if (isOver) return;
    isOver = true;
    clearInterval(alive);
    clearTimeout(limit);
    close();
    controller?.close();
    controller = null;
  }
  function write(text: string): void {
    if (!controller) return;
    controller.enqueue(encoder.encode(text));
    if ((controller.desiredSize ?? 0) < -MAX_UNREAD_CHUNKS) end();
  }
  const alive = setInterval(() => write(': alive\n\n'), ALIVE_EVERY_MS);
  const limit = setTimeout(end, MAX_STREAM_MS);
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
    cancel() {
      controller = null;
      end();
    },
  });
  try {
    close = await open({
      send: (event, data) => write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
      end,
    });
  } catch (error) {
    end();
    throw error;
  }
  write(': alive\n\n');
  // The last one keeps proxies from gathering the answer.
  const headers = { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' };
  return new Response(body, { headers });
}
