// A real Redis (or Valkey) for tests, on a free port of this machine, with nothing kept on disk.
import { Redis } from 'ioredis';
import { findProgram, freePort, type RunningProgram, startProgram, temporaryFolder } from './program.ts';

const redisServer = findProgram('redis-server', 'valkey-server');

/** What to do about it where this machine has no Redis, else null. */
export const missingRedis = redisServer
  ? null
  : 'tests on Redis need its server program: apt-get install redis-server, or put redis-server or valkey-server on the PATH';

async function answers(url: string): Promise<boolean> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => {});
  try {
    await redis.connect();
    return (await redis.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    redis.disconnect();
  }
}

export async function startRedis(givenPort?: number): Promise<RunningProgram> {
  const folder = await temporaryFolder('redis');
  const port = givenPort ?? (await freePort());
  const url = `redis://127.0.0.1:${port}`;
  return startProgram(
    redisServer!,
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder],
    { folder, url, isReady: () => answers(url) },
  );
}
