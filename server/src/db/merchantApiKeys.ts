// API keys of merchants: what a merchant's own programs send instead of a session, limited to scopes. The secret is never
// stored, only its hash; it is random enough that a plain SHA-256 is not to be guessed back. Looking a key up by that hash
// tells by its timing nothing about a secret. A rotated key keeps its id; the old secret works no more.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Db } from './database.ts';
import type { MerchantApiKeysTable } from './settlementTables.ts';

const SECRET_BYTES = 32;
export const MERCHANT_KEY_PREFIX = 'lkm_';
/** Times of use are kept this exactly: a key that is used all the time does not write all the time. */
const LAST_USED_EVERY_MS = 60_000;

export type MerchantApiKey = MerchantApiKeysTable;

const hashOf = (secret: string) => createHash('sha256').update(secret).digest('hex');
const newSecret = () => MERCHANT_KEY_PREFIX + randomBytes(SECRET_BYTES).toString('base64url');

/** @returns the secret, which is not to be had again */
export async function insertMerchantKey(
  db: Db,
  key: { accountId: string; name: string; scopes: readonly string[] },
  nowMs: number,
): Promise<{ row: MerchantApiKey; secret: string }> {
  const secret = newSecret();
  const row: MerchantApiKey = {
    id: randomUUID(),
    account_id: key.accountId,
    name: key.name,
    secret_hash: hashOf(secret),
    scopes: JSON.stringify([...new Set(key.scopes)]),
    created_at: nowMs,
    last_used_at: null,
    revoked_at: null,
  };
  await db.insertInto('merchant_api_keys').values(row).execute();
  return { row, secret };
}

export function merchantKeyBySecret(db: Db, secret: string): Promise<MerchantApiKey | undefined> {
  return db
    .selectFrom('merchant_api_keys')
    .selectAll()
    .where('secret_hash', '=', hashOf(secret))
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
}

/** Those that work, oldest first. */
export function merchantKeysOf(db: Db, accountId: string): Promise<MerchantApiKey[]> {
  return db
    .selectFrom('merchant_api_keys')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('revoked_at', 'is', null)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

export async function noteKeyUse(db: Db, key: MerchantApiKey, nowMs: number): Promise<void> {
  if (key.last_used_at !== null && nowMs - key.last_used_at < LAST_USED_EVERY_MS) return;
  await db.updateTable('merchant_api_keys').set({ last_used_at: nowMs }).where('id', '=', key.id).execute();
}

const working = (db: Db, accountId: string, id: string) =>
  db
    .updateTable('merchant_api_keys')
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .where('revoked_at', 'is', null);

/** A new secret in place of the old; undefined when the merchant has no such key. */
export async function rotateMerchantKey(
  db: Db,
  accountId: string,
  id: string,
): Promise<{ row: MerchantApiKey; secret: string } | undefined> {
  const secret = newSecret();
  const row = await working(db, accountId, id)
    .set({ secret_hash: hashOf(secret), last_used_at: null })
    .returningAll()
    .executeTakeFirst();
  return row && { row, secret };
}

/** False when the merchant has no such key. */
export async function revokeMerchantKey(
  db: Db,
  accountId: string,
  id: string,
  nowMs: number,
): Promise<boolean> {
  const { numUpdatedRows } = await working(db, accountId, id).set({ revoked_at: nowMs }).executeTakeFirst();
  return numUpdatedRows === 1n;
}
