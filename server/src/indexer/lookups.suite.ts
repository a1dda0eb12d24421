// What look-ups say about rows that are there, whichever database they are in: pages, counts, order, and what is missing.
// How the rows come about is applySuite's.
import type { Signer } from '@latchkey/sdk/chain';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../db/database.ts';
import { createLookups, type Lookups } from './lookups.ts';
import { signerColumns } from './signerRow.ts';
import { contractId } from './testing/events.ts';

const WALLETS_PER_PAGE = 100;
const NEXT_LEDGER = 41;
const signer: Signer = {
  key: { kind: 'ed25519', publicKey: new Uint8Array(32).fill(1) },
  role: { kind: 'admin' },
  coSigners: null,
};
const publicKey = '01'.repeat(32);
const [wallet, one, other] = [1, 2, 3].map(contractId) as [string, string, string];

let db: Database;
let lookups: Lookups;

async function insertWallet(address: string, deployedAtLedger = 10): Promise<void> {
  const columns = { factory: 'C', deployment_salt: 'salt', wasm_hash: 'hash', guardian: null };
  const numbers = { is_known_code: 1, admin_threshold: 1, changed_at_ledger: 10 };
  const row = { address, deployed_at_ledger: deployedAtLedger, ...columns, ...numbers };
  await db.insertInto('indexed_wallets').values(row).execute();
}

async function insertSigner(address: string, id: number, change: object = {}): Promise<void> {
  const ledgers = { added_at_ledger: 10, changed_at_ledger: 10 + id, removed_at_ledger: null };
  const row = {
    wallet: address,
    signer_id: id,
    ...signerColumns(signer),
    policies: '[]',
    ...ledgers,
    ...change,
  };
  await db.insertInto('indexed_signers').values(row).execute();
}

export function lookupsSuite(openNew: () => Promise<Database>): void {
  describe('look-ups', () => {
    beforeEach(async () => {
      db = await openNew();
      lookups = createLookups({ db, nowMs: () => 0 });
      const anchor = { anchor_ledger: null, anchor_hash: null };
      const row = {
        id: 'events',
        next_ledger: NEXT_LEDGER,
        ...anchor,
        status: 'following',
        status_text: null,
      };
      await db
        .insertInto('indexer_cursor')
        .values({ ...row, status: 'following' })
        .execute();
    });
    afterEach(() => db.destroy());

    describe('the wallets of a key', () => {
      it('come a hundred at a time, by address', async () => {
        const addresses = Array.from({ length: WALLETS_PER_PAGE + 1 }, (_, index) =>
          contractId(index),
        ).sort();
        for (const address of addresses) {
          await insertWallet(address);
          await insertSigner(address, 0);
        }
        const first = await lookups.byKey('public_key', publicKey);
        expect(first.wallets.map((it) => it.contract_id)).toEqual(addresses.slice(0, WALLETS_PER_PAGE));
        expect(first.cursor).toBe(addresses.at(-2));
        const last = await lookups.byKey('public_key', publicKey, first.cursor!);
        expect(last).toMatchObject({
          count: 1,
          cursor: null,
          contracts: [{ contract_id: addresses.at(-1) }],
        });
      });

      it('have their other signers counted, without those removed, and as rules without those expired', async () => {
        await insertWallet(wallet);
        await insertSigner(wallet, 3, { public_key: 'other' });
        await insertSigner(wallet, 2);
        await insertSigner(wallet, 1, { removed_at_ledger: 30 });
        await insertSigner(wallet, 0, { expires_at_ledger: NEXT_LEDGER - 2 });
        expect(await lookups.byKey('public_key', publicKey)).toMatchObject({
          wallets: [{ contract_id: wallet, signer_count: 3, signer_ids: [0, 2] }],
          contracts: [{ context_rule_count: 2, context_rule_ids: [2, 3], last_seen_ledger: 13 }],
        });
      });
    });

    describe('a wallet', () => {
      it('has its signers by id, and its recoveries and balances by contract', async () => {
        await insertWallet(wallet);
        for (const id of [10, 9, 2]) await insertSigner(wallet, id);
        const contracts = [other, one].sort();
        for (const contract of contracts.toReversed()) {
          const numbers = { signer_id: 2, executable_at_seconds: 1_795_000_000, proposed_at_ledger: 20 };
          const recovery = { wallet, recovery_contract: contract, key_xdr: '"é\\', credential_id: null };
          await db
            .insertInto('pending_recoveries')
            .values({ ...recovery, ...numbers })
            .execute();
          const balance = { wallet, token: contract, amount: '170141183460469231731687303715884105727' };
          const times = { changed_at_ledger: 4_294_967_295, is_due: 0, not_before: 0 };
          await db
            .insertInto('wallet_balances')
            .values({ ...balance, ...times })
            .execute();
        }
        const found = await lookups.wallet(wallet);
        expect(found.asOfLedger).toBe(NEXT_LEDGER - 1);
        expect(found.signers.map((it) => it.id)).toEqual([2, 9, 10]);
        expect(
          found.pendingRecoveries.map((it) => [it.recoveryContract, it.keyXdr, it.executableAtSeconds]),
        ).toEqual(contracts.map((contract) => [contract, '"é\\', 1_795_000_000]));
        expect(found.balances).toEqual(
          contracts.map((token) => ({
            token,
            amount: '170141183460469231731687303715884105727',
            changedAtLedger: 4_294_967_295,
          })),
        );
      });

      it('is complete unless ledgers since its deployment are missing', async () => {
        await insertWallet(one, 21);
        await insertWallet(other, 20);
        const isComplete = async (address: string) => (await lookups.wallet(address)).isComplete;
        expect(await isComplete(other)).toBe(true);
        for (const [from, to] of [
          [15, 20],
          [2, 4],
        ] as const) {
          await db
            .insertInto('indexer_gaps')
            .values({ from_ledger: from, to_ledger: to, found_at: 1 })
            .execute();
        }
        expect(await isComplete(one)).toBe(true);
        expect(await isComplete(other)).toBe(false);
      });

      it('without anything but itself has empty lists', async () => {
        await insertWallet(wallet);
        expect(await lookups.wallet(wallet)).toMatchObject({
          signers: [],
          pendingRecoveries: [],
          balances: [],
        });
      });
    });
  });
}
