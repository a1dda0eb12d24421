// What a settled submission changes in an upgrade and its migration, on every database, and that it does so once.
import { tokenCalls } from '@latchkey/sdk/chain';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../db/database.ts';
import { insertPasskey, passkeysOf } from '../db/merchantPasskeys.ts';
import { merchantById } from '../db/merchants.ts';
import { settlementKeyOf, updateSettlementKey } from '../db/settlementKeys.ts';
import {
  deleteMigration,
  dueMigrations,
  insertMigration,
  type Migration,
  migrationOf,
  updateMigration,
} from '../db/settlementMigrations.ts';
import { eraseSeed } from '../db/settlementUpgrades.ts';
import { queuedSubmission, type Submission } from '../db/submissions.ts';
import { onEveryDatabase } from '../testing/everyDatabase.ts';
import { migrationEffects } from './migrationEffects.ts';
import { insertMerchantRow } from './testing/merchantRows.ts';

const NOW = 1_795_000_000_000;
const wallet = 'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC';
const native = 'CAS3J7GYLGXMF6TDJBBYYSE3HQ6BBSMLNUQ34T6TZMYMW2EVH34XOWMA';
const usdc = 'CCW67TSZV3SSS2HXMBQ5JFGCKJNXKZM7UQUWUZPUTHXSTZLEO7SJMI75';
const effects = migrationEffects({ nativeTokenId: native, nowMs: () => NOW });

onEveryDatabase((open) => {
  let db: Database;
  let address: string;
  beforeEach(async () => {
    db = await open();
    ({ address } = await insertMerchantRow(db, 'shop'));
  });
  afterEach(() => db.destroy());

  const keyRow = async () => (await settlementKeyOf(db, 'shop', 'testnet'))!;
  const migration = async () => (await migrationOf(db, 'shop', 'testnet'))!;

  function submission(kind: Submission['kind'], change: Partial<Submission> = {}, token = usdc) {
    const hostFunctionXdr = tokenCalls.transfer(token, address, wallet, 5n).toXdr('base64');
    const work = { hostFunctionXdr, authXdr: [], authExpiresAtLedger: null };
    const limits = { maxFeeStroops: 1n, mayRestore: true };
    const row = queuedSubmission({ id: kind, kind, accountId: 'shop', ...work, ...limits }, NOW);
    return { ...row, state: 'confirmed' as const, ledger: 50, ...change, account_id: 'shop' };
  }
  const settled = (kind: keyof typeof effects, change: Partial<Submission> = {}, token = usdc) =>
    db.transaction().execute((trx) => effects[kind](trx, submission(kind, change, token)));
  const failed = { state: 'failed', error_code: 'TRANSACTION_FAILED', error_message: 'why' } as const;

  async function upgrading(): Promise<void> {
    const wish = {
      status: 'upgrading' as const,
      passkey_credential_id: 'passkey',
      smart_wallet_address: wallet,
      deploy_submission_id: 'deploy-settlement',
    };
    await updateSettlementKey(db, await keyRow(), wish, NOW);
    await insertPasskey(db, {
      id: 'passkey',
      account_id: 'shop',
      public_key: 'AA==',
      sign_count: 0,
      transports: '[]',
      origin: 'https://dashboard.example',
      name: 'First device',
      signer_id: null,
      state: 'incoming',
      submission_id: 'deploy-settlement',
      created_at: NOW,
    });
  }

  async function at(state: Migration['state'], submissionId: string | null, moved = false): Promise<void> {
    await upgrading();
    await settled('deploy-settlement');
    await updateSettlementKey(db, await keyRow(), { status: 'migrating', managed: moved ? 0 : 1 }, NOW);
    await updateMigration(db, await migration(), { state, submission_id: submissionId }, NOW);
  }

  describe('a deployment', () => {
    it('that was confirmed makes the passkey a signer and the migration ready, once', async () => {
      await upgrading();
      await settled('deploy-settlement');
      await settled('deploy-settlement');
      expect(await keyRow()).toMatchObject({ status: 'upgrading', managed: 1 });
      expect(await passkeysOf(db, 'shop', ['active'])).toMatchObject([{ id: 'passkey', signer_id: 0 }]);
      expect(await migration()).toMatchObject({
        state: 'ready',
        from_address: address,
        to_address: wallet,
        seen_ledger: 50,
      });
      expect((await merchantById(db, 'shop'))?.settlement_address).toBe(address);
    });

    it('that failed leaves the wallet managed, and the passkey free for another try', async () => {
      await upgrading();
      await settled('deploy-settlement', failed);
      expect(await keyRow()).toMatchObject({
        status: 'managed',
        smart_wallet_address: null,
        passkey_credential_id: null,
      });
      expect(await migration()).toBeUndefined();
      await upgrading();
      expect(await passkeysOf(db, 'shop', ['incoming'])).toHaveLength(1);
    });
  });

  describe('a transfer', () => {
    it('that was confirmed moves the mirror, and counts once', async () => {
      await at('transferring', 'migrate-settlement');
      await settled('migrate-settlement');
      await settled('migrate-settlement');
      expect(await migration()).toMatchObject({
        state: 'transferred',
        moved_amount: '5',
        moved_native_stroops: '0',
      });
      expect((await merchantById(db, 'shop'))?.settlement_address).toBe(wallet);
      expect((await keyRow()).managed).toBe(0);
      expect((await keyRow()).encrypted_seed).not.toBeNull();
    });

    it('that failed goes back to where it came from, with nothing moved', async () => {
      await at('transferring', 'migrate-settlement');
      await settled('migrate-settlement', failed);
      expect(await migration()).toMatchObject({ state: 'confirmed', submission_id: 'migrate-settlement' });
      expect((await merchantById(db, 'shop'))?.settlement_address).toBe(address);
      expect((await keyRow()).managed).toBe(1);
    });

    it('of a later round goes back to the state after the first one', async () => {
      await at('transferring', 'migrate-settlement', true);
      await settled('migrate-settlement', failed);
      expect((await migration()).state).toBe('transferred');
    });

    it('of XLM is counted apart', async () => {
      await at('transferring', 'migrate-settlement', true);
      await settled('migrate-settlement', {}, native);
      expect(await migration()).toMatchObject({ moved_amount: '0', moved_native_stroops: '5' });
    });

    it('that no migration names changes nothing', async () => {
      await at('transferring', 'another');
      await settled('migrate-settlement');
      expect(await migration()).toMatchObject({ state: 'transferring', moved_amount: '0' });
    });
  });

  it('leaves the settlement address of a merchant alone who is on another network by now', async () => {
    await at('transferring', 'migrate-settlement');
    await db.updateTable('merchants').set({ network: 'mainnet', settlement_address: 'GOTHER' }).execute();
    await settled('migrate-settlement');
    expect((await migration()).state).toBe('transferred');
    expect((await merchantById(db, 'shop'))?.settlement_address).toBe('GOTHER');
  });

  it('closes, or goes back to transfers when something kept it from closing', async () => {
    await at('closing', 'close-settlement', true);
    await settled('close-settlement', failed);
    expect((await migration()).state).toBe('transferred');
    await updateMigration(db, await migration(), { state: 'closing' }, NOW);
    await settled('close-settlement', { ledger: 77 });
    expect(await migration()).toMatchObject({ state: 'closed', seen_ledger: 77 });
  });

  it('stops at a return that was refused, and looks by itself after one that nobody answered for', async () => {
    await at('closed', 'return-settlement', true);
    await settled('return-settlement', { ...failed, error_code: 'OUTCOME_UNKNOWN' });
    expect((await migration()).error_code).toBeNull();
    await settled('return-settlement', failed);
    expect(await migration()).toMatchObject({ error_code: 'TRANSACTION_FAILED', state: 'closed' });
    await settled('return-settlement');
    expect(await migration()).toMatchObject({ error_code: null, moved_native_stroops: '5' });
  });

  it('keeps an entry of the audit log for each state', async () => {
    await at('transferring', 'migrate-settlement');
    await settled('migrate-settlement');
    const entries = await db.selectFrom('settlement_audit').select(['action', 'detail']).execute();
    expect(entries.map((it) => it.action).sort()).toEqual([
      'migration.ready',
      'migration.transferred',
      'upgrade.deployed',
    ]);
    const moved = entries.find((it) => it.action === 'migration.transferred')!;
    expect(JSON.parse(moved.detail)).toMatchObject({ settlementAddress: wallet, movedAmount: '5' });
  });

  describe('the rows', () => {
    it('are changed by one of those who saw the same version', async () => {
      await at('confirmed', null);
      const seen = await migration();
      const change = { error_code: 'NETWORK_UNAVAILABLE', error_message: 'away' };
      const done = await Promise.all([1, 2, 3].map(() => updateMigration(db, seen, change, NOW)));
      expect(done.filter((it) => it !== null)).toHaveLength(1);
      expect(await deleteMigration(db, seen)).toBe(false);
      expect(await deleteMigration(db, await migration())).toBe(true);
    });

    it('take one migration for a merchant and network', async () => {
      await at('confirmed', null);
      expect(await insertMigration(db, { ...(await migration()), id: 'another' })).toBe(false);
    });

    it('are due when nobody has stopped them, or what stopped them mends itself', async () => {
      await at('confirmed', null);
      const isDue = async (nowMs = NOW) => (await dueMigrations(db, ['testnet'], nowMs, '', 10)).length === 1;
      const set = async (change: Parameters<typeof updateMigration>[2]) =>
        updateMigration(db, await migration(), change, NOW);
      expect(await isDue()).toBe(true);
      await set({ error_code: 'TRANSACTION_FAILED' });
      expect(await isDue()).toBe(false);
      await set({ error_code: 'NETWORK_UNAVAILABLE' });
      expect(await isDue()).toBe(true);
      await set({ not_before: NOW + 1 });
      expect(await isDue()).toBe(false);
      expect(await isDue(NOW + 1)).toBe(true);
      const row = submission('close-settlement', { state: 'sent' });
      await db.insertInto('submissions').values(row).execute();
      for (const state of ['transferring', 'closing'] as const) {
        await set({ state, submission_id: row.id });
        expect(await isDue(NOW + 1)).toBe(false);
        await set({ submission_id: null });
        expect(await isDue(NOW + 1)).toBe(true);
      }
      await set({ submission_id: row.id });
      await db.updateTable('submissions').set({ state: 'failed' }).execute();
      expect(await isDue(NOW + 1)).toBe(true);
    });

    it('give no seed up while the service still signs', async () => {
      await at('closed', null);
      await expect(eraseSeed(db, await migration(), NOW)).rejects.toThrow('is not to be erased');
      expect((await keyRow()).encrypted_seed).not.toBeNull();
      await updateSettlementKey(db, await keyRow(), { managed: 0 }, NOW);
      await eraseSeed(db, await migration(), NOW);
      expect(await keyRow()).toMatchObject({
        encrypted_seed: null,
        kek_version: null,
        status: 'self-custody',
      });
    });
  });
});
