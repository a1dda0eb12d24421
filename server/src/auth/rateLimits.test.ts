import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError } from '../config.ts';
import { describeWith } from '../testing/describeWith.ts';
import { freePort, type RunningProgram } from '../testing/program.ts';
import { missingRedis, startRedis } from '../testing/redisServer.ts';
import { accepted, rateLimitSuite } from './rateLimit.suite.ts';
import { openRateLimits } from './rateLimits.ts';

const log = pino({ level: 'silent' });
const rule = { name: 'shared', points: 5, durationSeconds: 60 };

rateLimitSuite('rate limits in this process', () => openRateLimits(null, log));

describeWith(missingRedis)('Redis', () => {
  let server: RunningProgram;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server?.stop());

  rateLimitSuite('rate limits in Redis', () => openRateLimits(server.url, log));

  it('counts for all servers that share it', async () => {
    const [one, other] = [await openRateLimits(server.url, log), await openRateLimits(server.url, log)];
    const through = [one.create(rule), other.create(rule)];
    const counts = await Promise.all(through.map((limit) => accepted(limit, 'ana', 5)));
    expect(counts[0]! + counts[1]!).toBe(5);
    one.close();
    other.close();
  });

  it('sees no key in the clear', async () => {
    const limits = await openRateLimits(server.url, log);
    await limits.create(rule).consume('ana@example.org');
    const redis = new Redis(server.url);
    const keys = await redis.keys('*');
    expect(keys.length).toBeGreaterThan(0);
    expect(keys.join()).not.toContain('ana');
    redis.disconnect();
    limits.close();
  });

  it('that goes away leaves each server with its own count, and is used again when it is back', async () => {
    const lines: string[] = [];
    const port = await freePort();
    const first = await startRedis(port);
    const limits = await openRateLimits(
      first.url,
      pino({}, { write: (line: string) => void lines.push(line) }),
    );
    const limit = limits.create({ ...rule, name: 'outage' });
    expect(await accepted(limit, 'ana', 5)).toBe(5);
    await first.stop();
    expect(await accepted(limit, 'ana', 10)).toBe(5);
    expect(lines.filter((line) => line.includes('Redis is away'))).toHaveLength(1);

    const second = await startRedis(port);
    await expect.poll(() => lines.join(), { timeout: 5_000 }).toContain('Redis is back');
    expect(await accepted(limit, 'ana', 10)).toBe(5);
    limits.close();
    await second.stop();
  });

  it('that does not answer stops the start in one line, without its password', async () => {
    const url = `redis://:pa55word@127.0.0.1:${await freePort()}`;
    const refused = await openRateLimits(url, log).catch((error) => error);
    expect(refused).toBeInstanceOf(ConfigError);
    expect(refused.message).toMatch(/^REDIS_URL [^\n]*\.$/);
    expect(refused.message).not.toContain('pa55word');
  });

  it('that refuses the password stops the start too', async () => {
    const url = server.url.replace('redis://', 'redis://somebody:pa55word@');
    await expect(openRateLimits(url, log)).rejects.toThrow(ConfigError);
  });
});

describe('a limit', () => {
  it('of another server in the same process is another', async () => {
    const [one, other] = [await openRateLimits(null, log), await openRateLimits(null, log)];
    expect(await accepted(one.create(rule), 'ana', 6)).toBe(5);
    expect(await accepted(other.create(rule), 'ana', 6)).toBe(5);
  });
});
