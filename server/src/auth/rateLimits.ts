// Limits on how often something may be asked for, per key (a client's address, an e-mail address) in fixed windows. They
// are counted in this process, or in Redis for all servers that share it. While Redis is away each server counts for
// itself again, so nobody is locked out and nobody is unlimited. Redis sees hashes of the keys only.
import { createHash } from 'node:crypto';
import { LatchkeyError } from '@latchkey/sdk/api';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { ConfigError } from '../config.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const COMMAND_TIMEOUT_MS = 1_000;
const LONGEST_RECONNECT_MS = 2_000;

/** `points` requests in `durationSeconds`, which begin with the first one. */
export type RateLimitRule = { name: string; points: number; durationSeconds: number };

export type RateLimit = {
  /** Counts one request. @throws LatchkeyError RATE_LIMITED with the seconds to wait */
  consume(key: string): Promise<void>;
};

export type RateLimits = {
  /** @param text what a refusal says, given the seconds to wait */
  create(rule: RateLimitRule, text?: (retryAfterSeconds: number) => string): RateLimit;
  close(): void;
};

/** @throws ConfigError when Redis does not answer: a wrong REDIS_URL should be seen at the start */
async function connect(url: string, log: Logger): Promise<Redis> {
  // Loaded only where it is used: it takes 20 MB.
  const { Redis } = await import('ioredis');
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    retryStrategy: (tries) => Math.min(50 * 2 ** Math.min(tries, 10), LONGEST_RECONNECT_MS),
  });
  // Errors come with every try to connect again; one line about the outage is enough.
  redis.on('error', () => {});
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    redis.disconnect();
    const { code, message } = error as { code?: string; message: string };
    throw new ConfigError(`REDIS_URL names a Redis that does not answer (${code ?? message}).`);
  }
  let isAway = false;
  redis.on('close', () => {
    if (!isAway) log.warn('Redis is away: this server counts rate limits for itself');
    isAway = true;
  });
  redis.on('ready', () => {
    if (isAway) log.info('Redis is back');
    isAway = false;
  });
  return redis;
}

/**
 * @param redisUrl null counts in this process
 * @throws ConfigError
 */
export async function openRateLimits(redisUrl: string | null, log: Logger): Promise<RateLimits> {
  const redis = redisUrl === null ? null : await connect(redisUrl, log);
  return {
    create({ name, points, durationSeconds: duration }, text) {
      const inProcess = new RateLimiterMemory({ points, duration });
      const limiter = redis
        ? new RateLimiterRedis({
            storeClient: redis,
            keyPrefix: `latchkey:${name}`,
            points,
            duration,
            rejectIfRedisNotReady: true,
            insuranceLimiter: inProcess,
          })
        : inProcess;
      return {
        async consume(key) {
          try {
            await limiter.consume(createHash('sha256').update(key).digest('base64url'));
          } catch (refused) {
            if (!(refused instanceof RateLimiterRes)) throw refused;
            const retryAfterSeconds = Math.ceil(refused.msBeforeNext / 1000);
            throw new LatchkeyError('RATE_LIMITED', {
              ...(text ? { message: text(retryAfterSeconds) } : {}),
              details: { retryAfterSeconds },
            });
          }
        },
      };
    },
    close() {
      redis?.removeAllListeners('close');
      redis?.disconnect();
    },
  };
}
