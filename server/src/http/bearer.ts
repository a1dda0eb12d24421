// Routes for whoever runs the service: open to the one token that the settings name, compared in constant time.
import { createHash, timingSafeEqual } from 'node:crypto';
import { LatchkeyError } from '@latchkey/sdk/api';
import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from './router.ts';

const digest = (text: string) => createHash('sha256').update(text).digest();

/** @throws LatchkeyError SESSION_REQUIRED for everybody else */
export function requireBearer(token: string): MiddlewareHandler<AppEnv> {
  const expected = digest(`Bearer ${token}`);
  return async (c, next) => {
    const given = digest(c.req.header('authorization') ?? '');
    if (!timingSafeEqual(given, expected)) {
      throw new LatchkeyError('SESSION_REQUIRED', {
        message: 'Send the token that the settings of this service name: Authorization: Bearer ….',
      });
    }
    await next();
  };
}
