// API keys: what a holder may ask the relayer to pay for, and how much of it. The secret itself is never stored, only
// its hash; it is random enough that a plain SHA-256 is not to be guessed back. Rows change only in when they expire.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Db } from './database.ts';
import type { ApiKeysTable } from './schema.ts';

const SECRET_BYTES = 32;
const PREFIX = 'lk_';

export type ApiKey = ApiKeysTable;

/** A contract that may be called, `wallet` for any known wallet, and its functions that may be. */
export type AllowedCall = { contract: string; functions: string[] };

export type ApiKeyTerms = {
  name: string;
  allowed: AllowedCall[];
  maxFeeStroops: bigint;
  submissionsPerDay: number;
  stroopsPerDay: bigint;
  walletSubmissionsPerDay: number;
  mayRestore: boolean;
  /** serves requests that bring no key */
  isPublic: boolean;
};

const hashOf = (secret: string) => createHash('sha256').update(secret).digest('hex');

/** @returns the secret, which is not to be had again */
export async function createApiKey(
  db: Db,
  terms: ApiKeyTerms,
  nowMs: number,
): Promise<{ id: string; secret: string }> {
  const secret = PREFIX + randomBytes(SECRET_BYTES).toString('base64url');
  const id = randomUUID();
  await db
    .insertInto('api_keys')
    .values({
      id,
      name: terms.name,
      secret_hash: hashOf(secret),
      allowed: JSON.stringify(terms.allowed),
      max_fee_stroops: String(terms.maxFeeStroops),
      submissions_per_day: terms.submissionsPerDay,
      stroops_per_day: String(terms.stroopsPerDay),
      wallet_submissions_per_day: terms.walletSubmissionsPerDay,
      may_restore: terms.mayRestore ? 1 : 0,
      is_public: terms.isPublic ? 1 : 0,
      created_at: nowMs,
      expires_at: null,
    })
    .execute();
  return { id, secret };
}

const live = (db: Db, nowMs: number) =>
  db
    .selectFrom('api_keys')
    .selectAll()
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', nowMs)]));

export function apiKeyBySecret(db: Db, secret: string, nowMs: number): Promise<ApiKey | undefined> {
  return live(db, nowMs).where('secret_hash', '=', hashOf(secret)).executeTakeFirst();
}

/** The newest key that serves requests without one. */
export function publicApiKey(db: Db, nowMs: number): Promise<ApiKey | undefined> {
  return live(db, nowMs).where('is_public', '=', 1).orderBy('created_at', 'desc').limit(1).executeTakeFirst();
}

export function apiKeyById(db: Db, id: string): Promise<ApiKey | undefined> {
  return db.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirst();
}

export function allApiKeys(db: Db): Promise<ApiKey[]> {
  return db.selectFrom('api_keys').selectAll().orderBy('created_at').execute();
}

/** False when there is no such key. A key that has ended already stays ended. */
export async function endApiKey(db: Db, id: string, atMs: number): Promise<boolean> {
  const ended = await db
    .updateTable('api_keys')
    .set({ expires_at: atMs })
    .where('id', '=', id)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', atMs)]))
    .executeTakeFirst();
  return ended.numUpdatedRows === 1n;
}
