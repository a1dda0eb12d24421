// Settlement keys: one row a merchant and network that says who signs for what arrives there. `encrypted_seed` leaves this
// file as ciphertext and only towards managedSeed.ts and kekRotation.ts. Changes name what they saw (status, ciphertext), so
// that of two at once one wins.
import { sql } from 'kysely';
import type { Db } from './database.ts';
import type { MerchantSettlementKeysTable, NetworkName } from './settlementTables.ts';

export type SettlementKey = MerchantSettlementKeysTable;

export function settlementKeyOf(
  db: Db,
  accountId: string,
  network: NetworkName,
): Promise<SettlementKey | undefined> {
  return db
    .selectFrom('merchant_settlement_keys')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('network', '=', network)
    .executeTakeFirst();
}

/** A managed account that is not on the network yet. */
export async function insertSettlementKey(
  db: Db,
  key: Pick<SettlementKey, 'account_id' | 'network' | 'address'>,
  sealed: { ciphertext: string; kekVersion: number },
  nowMs: number,
): Promise<void> {
  await db
    .insertInto('merchant_settlement_keys')
    .values({
      ...key,
      encrypted_seed: sealed.ciphertext,
      kek_version: sealed.kekVersion,
      managed: 1,
      passkey_credential_id: null,
      smart_wallet_address: null,
      status: 'provisioning',
      provision_submission_id: null,
      provision_tries: 0,
      provision_not_before: nowMs,
      deploy_submission_id: null,
      created_at: nowMs,
      updated_at: nowMs,
    })
    .execute();
}

/** Changes the row while it has the status that was seen; false when it has another by now. */
export async function updateSettlementKey(
  db: Db,
  seen: Pick<SettlementKey, 'account_id' | 'network' | 'status'>,
  change: Partial<Omit<SettlementKey, 'account_id' | 'network' | 'address' | 'created_at'>>,
  nowMs: number,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('merchant_settlement_keys')
    .set({ ...change, updated_at: nowMs })
    .where('account_id', '=', seen.account_id)
    .where('network', '=', seen.network)
    .where('status', '=', seen.status)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export function settlementKeyOfProvisioning(
  db: Db,
  submissionId: string,
): Promise<SettlementKey | undefined> {
  return db
    .selectFrom('merchant_settlement_keys')
    .selectAll()
    .where('provision_submission_id', '=', submissionId)
    .executeTakeFirst();
}

export async function provisioningsOnTheWay(db: Db, network: NetworkName): Promise<number> {
  const { count } = await db
    .selectFrom('merchant_settlement_keys')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('status', '=', 'provisioning')
    .where('network', '=', network)
    .where('provision_submission_id', 'is not', null)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Those whose account on the network waits to be asked for, the longest waiting first. */
export function dueProvisionings(
  db: Db,
  network: NetworkName,
  nowMs: number,
  limit: number,
): Promise<SettlementKey[]> {
  return db
    .selectFrom('merchant_settlement_keys')
    .selectAll()
    .where('status', '=', 'provisioning')
    .where('network', '=', network)
    .where('provision_not_before', '<=', nowMs)
    .where('provision_submission_id', 'is', null)
    .orderBy('provision_not_before')
    .limit(limit)
    .execute();
}

/** False when it was asked for already. */
export async function noteProvisioning(db: Db, row: SettlementKey, submissionId: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('merchant_settlement_keys')
    .set({ provision_submission_id: submissionId })
    .where('account_id', '=', row.account_id)
    .where('network', '=', row.network)
    .where('status', '=', 'provisioning')
    .where('provision_submission_id', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export async function seedsByKekVersion(db: Db): Promise<{ version: number; count: number }[]> {
  const rows = await db
    .selectFrom('merchant_settlement_keys')
    .select((eb) => ['kek_version', eb.fn.countAll<number>().as('count')])
    .where('encrypted_seed', 'is not', null)
    .groupBy('kek_version')
    .orderBy('kek_version')
    .execute();
  return rows.map((it) => ({ version: Number(it.kek_version), count: Number(it.count) }));
}

/** The check value of a version: the one proposed, unless there is one already. */
export async function keepKekCheck(db: Db, version: number, proposed: string): Promise<string> {
  await db
    .insertInto('settlement_kek_checks')
    .values({ version, check_value: proposed })
    .onConflict((conflict) => conflict.column('version').doNothing())
    .execute();
  const kept = await db
    .selectFrom('settlement_kek_checks')
    .select('check_value')
    .where('version', '=', version)
    .executeTakeFirstOrThrow();
  return kept.check_value;
}

export type SealedRow = Pick<SettlementKey, 'account_id' | 'network' | 'address'> & {
  encrypted_seed: string;
  kek_version: number;
};

/** Rows whose seed is sealed under another version, in the order of their keys, from after `after` on. */
export async function rowsToRewrap(
  db: Db,
  currentVersion: number,
  after: Pick<SealedRow, 'account_id' | 'network'> | null,
  limit: number,
): Promise<SealedRow[]> {
  let query = db
    .selectFrom('merchant_settlement_keys')
    .select(['account_id', 'network', 'address', 'encrypted_seed', 'kek_version'])
    .where('encrypted_seed', 'is not', null)
    .where('kek_version', '!=', currentVersion);
  if (after !== null)
    query = query.where((eb) =>
      eb.or([
        eb('account_id', '>', after.account_id),
        eb.and([eb('account_id', '=', after.account_id), eb('network', '>', after.network)]),
      ]),
    );
  return (await query.orderBy('account_id').orderBy('network').limit(limit).execute()) as SealedRow[];
}

/** Puts the same seeds under another key, each in place of exactly the ciphertext that was seen: one statement for all. */
export async function replaceSealedSeeds(
  db: Db,
  moves: readonly { seen: SealedRow; ciphertext: string }[],
  kekVersion: number,
): Promise<void> {
  const rows = moves.map(
    ({ seen, ciphertext }) =>
      sql`(${seen.account_id}, ${seen.network}, ${seen.encrypted_seed}, ${ciphertext})`,
  );
  await sql`
    with moved (account_id, network, seen, ciphertext) as (values ${sql.join(rows)})
    update merchant_settlement_keys
    set encrypted_seed = moved.ciphertext, kek_version = ${kekVersion}
    from moved
    where merchant_settlement_keys.account_id = moved.account_id
      and merchant_settlement_keys.network = moved.network
      and merchant_settlement_keys.encrypted_seed = moved.seen
  `.execute(db);
}
