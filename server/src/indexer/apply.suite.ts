// What events make of the tables, whichever database they are in: wallets, signers, recoveries, transfers, and what only looks
// like them.
import {
  addressToScVal,
  type Role,
  type Signer,
  type SignerKey,
  scU32,
  scU64,
  signerKeyToScVal,
} from '@latchkey/sdk/chain';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../db/database.ts';
import { applyEvents, type IndexRules } from './apply.ts';
import type { ChainEvent } from './decode.ts';
import { createLookups, type Lookups } from './lookups.ts';
import { contractId, events } from './testing/events.ts';

const [factory, wallet, stranger, guardian, token, native] = [1, 2, 3, 4, 5, 6].map(contractId) as [
  string,
  string,
  string,
  string,
  string,
  string,
];
const account = 'GAAH4OT36RRCCAGKARGPN2HLHT2NOBVFHO4GUHA6CF7UKQ4MMV24WQ4N';
const key = (byte: number): SignerKey => ({ kind: 'ed25519', publicKey: new Uint8Array(32).fill(byte) });
const signer = (byte: number, role: Role = { kind: 'admin' }): Signer => ({
  key: key(byte),
  role,
  coSigners: null,
});
const hexOf = (byte: number) => byte.toString(16).padStart(2, '0').repeat(32);

let db: Database;
let lookups: Lookups;
const rules: IndexRules = {
  factoryIds: new Set([factory]),
  knownWasmHashes: new Set([hexOf(7)]),
  nativeTokenId: native,
  assetContract: (asset) => (asset === 'native' ? native : null),
};
const apply = (...batch: ChainEvent[]) => db.transaction().execute((trx) => applyEvents(trx, batch, rules));
const deployment = () => [
  events.signerAdded(10, wallet, 0, signer(1)),
  events.configured(10, wallet, guardian),
  events.deployed(10, factory, wallet),
];
const keys = async () => (await lookups.wallet(wallet)).signers.map((it) => [it.id, it.publicKey, it.status]);
const kinds = async () => (await lookups.history(wallet, {})).items.map((it) => it.kind).reverse();

export function applySuite(openNew: () => Promise<Database>): void {
  beforeEach(async () => {
    db = await openNew();
    lookups = createLookups({ db, nowMs: () => 0 });
  });
  afterEach(() => db.destroy());

  describe('a wallet', () => {
    it('is known with what its constructor said, which comes before the factory has its say', async () => {
      await apply(...deployment());
      expect(await keys()).toEqual([[0, hexOf(1), 'live']]);
      expect(await lookups.wallet(wallet)).toMatchObject({ guardian, adminThreshold: 1 });
    });

    it('is none because a contract that is no factory of ours says so', async () => {
      await apply(
        events.signerAdded(10, wallet, 0, signer(1)),
        events.deployed(10, stranger, wallet),
        events.deployed(11, wallet, wallet),
      );
      await expect(lookups.wallet(wallet)).rejects.toThrow(
        expect.objectContaining({ code: 'WALLET_NOT_FOUND' }),
      );
      expect((await lookups.byKey('public_key', hexOf(1))).count).toBe(0);
    });

    it('has no signers but those that it named itself', async () => {
      await apply(...deployment(), events.signerAdded(11, stranger, 1, signer(2)));
      expect(await keys()).toEqual([[0, hexOf(1), 'live']]);
    });

    it('that runs other known code is believed, and one that runs unknown code is not any more', async () => {
      await apply(
        ...deployment(),
        events.updated(11, wallet, 7),
        events.signerAdded(12, wallet, 1, signer(2)),
      );
      expect(await lookups.wallet(wallet)).toMatchObject({ isKnownCode: true, wasmHash: hexOf(7) });
      await apply(
        events.updated(13, wallet, 8),
        events.signerAdded(13, wallet, 2, signer(3)),
        events.updated(14, wallet, 7),
        events.signerAdded(14, wallet, 3, signer(4)),
      );
      expect(await lookups.wallet(wallet)).toMatchObject({ isKnownCode: false, wasmHash: hexOf(8) });
      expect((await keys()).map(([id]) => id)).toEqual([0, 1]);
    });
  });

  describe('a signer', () => {
    it('keeps id, role and policies when its key is rotated', async () => {
      const policy = { policy: addressToScVal(stranger) };
      await apply(...deployment(), events.signer(11, wallet, 'policy_added', 0, policy));
      await apply(events.signer(12, wallet, 'signer_rotated', 0, { key: signerKeyToScVal(key(9)) }));
      expect((await lookups.wallet(wallet)).signers).toMatchObject([
        {
          id: 0,
          publicKey: hexOf(9),
          role: 'admin',
          policies: [stranger],
          addedAtLedger: 10,
          changedAtLedger: 12,
        },
      ]);
      expect((await lookups.byKey('public_key', hexOf(1))).count).toBe(0);
    });

    it('has the policies that were added and not removed, each once', async () => {
      const policy = (id: string) => ({ policy: addressToScVal(id) });
      await apply(
        ...deployment(),
        events.signer(11, wallet, 'policy_added', 0, policy(stranger)),
        events.signer(11, wallet, 'policy_added', 0, policy(token)),
        events.signer(12, wallet, 'policy_removed', 0, policy(stranger)),
        events.signer(13, wallet, 'policy_added', 0, policy(token)),
      );
      expect((await lookups.wallet(wallet)).signers[0]!.policies).toEqual([token]);
    });

    it('is a session until its last ledger, and expired from the next one on', async () => {
      const role: Role = { kind: 'session', contracts: [token], expiresAtLedger: 20 };
      await apply(...deployment(), events.signerAdded(11, wallet, 1, signer(2, role)));
      for (const [lastLedger, status] of [
        [20, 'live'],
        [21, 'expired'],
      ] as const) {
        await db.deleteFrom('indexer_cursor').execute();
        const cursor = { id: 'events', next_ledger: lastLedger + 1, anchor_ledger: null, anchor_hash: null };
        await db
          .insertInto('indexer_cursor')
          .values({ ...cursor, status: 'following', status_text: null })
          .execute();
        expect((await keys())[1]).toEqual([1, hexOf(2), status]);
      }
      await apply(events.signer(22, wallet, 'signer_removed', 1));
      expect((await keys())[1]).toEqual([1, hexOf(2), 'removed']);
      expect((await lookups.byKey('public_key', hexOf(2))).count).toBe(0);
    });
  });

  describe('a proposed recovery', () => {
    const fields = { id: scU32(0), key: signerKeyToScVal(key(9)) };
    const proposed = (ledger: number, contract: string) =>
      events.rotation(ledger, contract, 'rotation_proposed', wallet, {
        ...fields,
        executable_at: scU64(77n),
      });
    const pending = async () => (await lookups.wallet(wallet)).pendingRecoveries;

    it("waits if the wallet's guardian keeps it, and is nothing from anybody else", async () => {
      await apply(...deployment(), proposed(11, stranger));
      expect(await pending()).toEqual([]);
      await apply(proposed(12, guardian));
      expect(await pending()).toMatchObject([
        { recoveryContract: guardian, signerId: 0, executableAtSeconds: 77 },
      ]);
      await apply(events.rotation(13, stranger, 'rotation_cancelled', wallet, fields));
      expect(await pending()).toHaveLength(1);
    });

    it.each(['rotation_cancelled', 'rotation_executed'])(
      'ends with %s, also under another guardian',
      async (end) => {
        await apply(...deployment(), proposed(11, guardian));
        await apply(events.configured(12, wallet, null));
        expect(await pending()).toHaveLength(1);
        await apply(events.rotation(13, guardian, end, wallet, fields));
        expect(await pending()).toEqual([]);
      },
    );
  });

  describe('a transfer', () => {
    it('that came before the wallet does not count, however the ledgers were read', async () => {
      await apply(events.transfer(9, token, account, wallet, 5n), ...deployment());
      expect(await kinds()).toEqual(['signer-added', 'configured', 'wallet-deployed']);
    });

    it('names an asset only if its token is the contract of that asset', async () => {
      await apply(
        ...deployment(),
        events.transfer(11, native, account, wallet, 5n, 'native'),
        events.transfer(11, token, wallet, account, 6n, 'native'),
        events.transfer(11, token, wallet, wallet, 7n),
        events.transfer(11, token, stranger, account, 8n),
      );
      const [moved, sent, received] = (await lookups.history(wallet, {})).items;
      expect(received).toMatchObject({
        kind: 'received',
        asset: 'native',
        counterparty: account,
        amount: '5',
      });
      expect(sent).toMatchObject({ kind: 'sent', token, amount: '6' });
      expect(sent).not.toHaveProperty('asset');
      expect(moved).toMatchObject({ kind: 'moved', amount: '7' });
    });
  });
}
