import { describe, expect, it } from 'vitest';
import { eventNames } from './eventStream.ts';

async function namesOf(...chunks: string[]): Promise<string[]> {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(encoder.encode(chunk));
      controller.close();
    },
  });
  const names: string[] = [];
  for await (const name of eventNames(body)) names.push(name);
  return names;
}

describe('a stream of events', () => {
  it('gives the name of each event, whatever the chunks and line ends', async () => {
    const text = ': alive\n\nevent: payment\ndata: {}\n\nevent:balance\r\ndata:\r\n\r\ndata: x\n\n';
    expect(await namesOf(text)).toEqual(['payment', 'balance', 'message']);
    expect(await namesOf(...text)).toEqual(['payment', 'balance', 'message']);
  });

  it('passes over events without data, and one that the end cut off', async () => {
    expect(await namesOf('event: payment\n\n', 'event: balance\ndata: {}')).toEqual([]);
  });

  it('ends at a line that does not end', async () => {
    expect(await namesOf(`data: ${'x'.repeat(70_000)}`, '\n\ndata: y\n\n')).toEqual([]);
  });
});
