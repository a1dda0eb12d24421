// Who is using a challenge: the Idempotency-Key header and a hash of the body, so that a repeated request is known
// from a different one. The hash is over the parsed body, so that white space does not matter.
import { createHash } from 'node:crypto';
import { LatchkeyError } from '@latchkey/sdk/api';
import type { Context } from 'hono';
import type { ChallengeUse } from '../db/challenges.ts';
import type { AppEnv } from './router.ts';

const KEY = /^[\x21-\x7e]{8,128}$/;

/** @throws LatchkeyError INVALID_REQUEST for a malformed Idempotency-Key */
export function challengeUse(c: Context<AppEnv>, body: unknown): ChallengeUse {
  const idempotencyKey = c.req.header('idempotency-key') ?? null;
  if (idempotencyKey !== null && !KEY.test(idempotencyKey)) {
    throw new LatchkeyError('INVALID_REQUEST', {
      message: 'Idempotency-Key must be 8 to 128 visible ASCII characters, such as a UUID.',
      details: { field: 'Idempotency-Key' },
    });
  }
  return { idempotencyKey, requestHash: createHash('sha256').update(JSON.stringify(body)).digest('base64') };
}
