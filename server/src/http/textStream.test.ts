import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { describe, expect, it } from 'vitest';
import { textStream } from './textStream.ts';

async function* parts(failAt: number | null): AsyncGenerator<string, void> {
  for (let part = 0; part < 5; part++) {
    if (part === failAt) throw new Error('the database is away');
    yield `part ${part}\n`;
  }
}

async function ask(failAt: number | null) {
  const errors: unknown[] = [];
  const server = serve({
    port: 0,
    fetch: () => textStream(parts(failAt), { 'content-type': 'text/csv' }, (error) => errors.push(error)),
  });
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/`);
    return { errors, status: response.status, text: await response.text().catch(() => 'broken off') };
  } finally {
    server.close();
  }
}

describe('a long answer', () => {
  it('has all of its parts', async () => {
    const { text, errors } = await ask(null);
    expect(text).toBe('part 0\npart 1\npart 2\npart 3\npart 4\n');
    expect(errors).toEqual([]);
  });

  it('that cannot be finished is broken off, and never looks whole', async () => {
    const { text, errors } = await ask(3);
    expect(text).toBe('broken off');
    expect(errors).toHaveLength(1);
  });

  it('that cannot be begun is an error from the start', async () => {
    const failing = textStream(parts(0), {}, () => {});
    await expect(failing).rejects.toThrow('the database is away');
  });
});
