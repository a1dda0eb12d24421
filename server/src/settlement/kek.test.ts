// Key encryption keys: what a start refuses, what a rotation leaves, and who may open seeds at all.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../db/database.ts';
import { insertMerchant } from '../db/merchants.ts';
import { insertSettlementKey, seedsByKekVersion, settlementKeyOf } from '../db/settlementKeys.ts';
import { onEveryDatabase } from '../testing/everyDatabase.ts';
import { rotateKeks } from './kekRotation.ts';
import { createLocalKeyEncryption, openLocalKeyEncryption } from './localKek.ts';
import { createManagedSeeds } from './managedSeed.ts';

const NOW = 1_800_000_000_000;
const key = (byte: number) => new Uint8Array(32).fill(byte);
const keks = (...versions: [number, number][]) =>
  new Map(versions.map(([version, byte]) => [version, key(byte)]));
const failure = (code: string) => expect.objectContaining({ code });

onEveryDatabase((open) => {
  let db: Database;
  beforeEach(async () => {
    db = await open();
  });
  afterEach(() => db.destroy());

  async function addMerchant(accountId: string, using: ReadonlyMap<number, Uint8Array>): Promise<string> {
    const { address, sealed } = await createManagedSeeds(createLocalKeyEncryption(using)).create(accountId);
    const email = `${accountId}@example.org`;
    await insertMerchant(db, {
      account_id: accountId,
      email,
      name: 'Shop',
      network: 'testnet',
      created_at: NOW,
    });
    await insertSettlementKey(db, { account_id: accountId, network: 'testnet', address }, sealed, NOW);
    return address;
  }

  const addressOpened = (accountId: string, using: ReadonlyMap<number, Uint8Array>) =>
    createManagedSeeds(createLocalKeyEncryption(using)).openManagedSeed(
      db,
      { accountId, network: 'testnet' },
      'withdrawal',
      (keypair) => keypair.publicKey(),
    );
  const rowOf = async (accountId: string) => (await settlementKeyOf(db, accountId, 'testnet'))!;
  const change = (accountId: string, set: object) =>
    db.updateTable('merchant_settlement_keys').set(set).where('account_id', '=', accountId).execute();

  describe('a start', () => {
    it('takes the keys that the database was used with, and new versions', async () => {
      await openLocalKeyEncryption(db, keks([1, 1]));
      expect((await openLocalKeyEncryption(db, keks([1, 1], [2, 2]))).currentVersion).toBe(2);
    });

    it('refuses another key under a known version, before anything was sealed under it', async () => {
      await openLocalKeyEncryption(db, keks([1, 1]));
      await expect(openLocalKeyEncryption(db, keks([1, 9]))).rejects.toThrow(/another key for version 1/);
    });

    it('refuses settings without a version that seeds are sealed under, and names it', async () => {
      await addMerchant('ana', keks([1, 1]));
      for (const without of [keks([2, 2]), keks()])
        await expect(openLocalKeyEncryption(db, without)).rejects.toThrow(
          /lacks version 1, under which 1 seeds/,
        );
    });

    it('needs no key where there are no seeds', async () => {
      await openLocalKeyEncryption(db, keks());
    });
  });

  describe('a seed', () => {
    it('opens to the key of its address', async () => {
      const address = await addMerchant('ana', keks([1, 1]));
      expect(await addressOpened('ana', keks([1, 1]))).toBe(address);
    });

    it('is refused with a code, and left as it is, when its key is missing or it was changed', async () => {
      await addMerchant('ana', keks([1, 1]));
      const before = await rowOf('ana');
      await expect(addressOpened('ana', keks([2, 1]))).rejects.toThrow(failure('KEK_VERSION_MISSING'));
      await expect(addressOpened('ana', keks([1, 9]))).rejects.toThrow(failure('SEALED_SEED_DAMAGED'));
      expect(await rowOf('ana')).toEqual(before);
      await change('ana', { encrypted_seed: `${before.encrypted_seed!.slice(0, -8)}AAAAAAA=` });
      await expect(addressOpened('ana', keks([1, 1]))).rejects.toThrow(failure('SEALED_SEED_DAMAGED'));
    });

    it("does not open in another merchant's row", async () => {
      await addMerchant('ana', keks([1, 1]));
      await addMerchant('ben', keks([1, 1]));
      await change('ben', { encrypted_seed: (await rowOf('ana')).encrypted_seed });
      await expect(addressOpened('ben', keks([1, 1]))).rejects.toThrow(failure('SEALED_SEED_DAMAGED'));
    });

    it('opens for no withdrawal once the service does not sign any more, and for nothing once it is gone', async () => {
      const address = await addMerchant('ana', keks([1, 1]));
      const seeds = createManagedSeeds(createLocalKeyEncryption(keks([1, 1])));
      const openFor = (purpose: 'withdrawal' | 'migration') =>
        seeds.openManagedSeed(db, { accountId: 'ana', network: 'testnet' }, purpose, (it) => it.publicKey());
      await change('ana', { managed: 0 });
      await expect(openFor('withdrawal')).rejects.toThrow(failure('SETTLEMENT_NOT_MANAGED'));
      expect(await openFor('migration')).toBe(address);
      await change('ana', { encrypted_seed: null });
      await expect(openFor('migration')).rejects.toThrow(failure('SEED_GONE'));
    });

    it('is wiped after it was lent', async () => {
      await addMerchant('ana', keks([1, 1]));
      const seeds = createManagedSeeds(createLocalKeyEncryption(keks([1, 1])));
      const whose = { accountId: 'ana', network: 'testnet' } as const;
      const lent = await seeds.openManagedSeed(db, whose, 'withdrawal', (keypair) => keypair.rawSecretKey());
      expect([...lent]).toEqual(Array(32).fill(0));
    });
  });

  describe('a rotation', () => {
    const COUNT = 1_203;
    const add = async (count: number) => {
      for (let i = 0; i < count; i++) await addMerchant(`m${i}`, keks([1, 1]));
    };

    it('moves every seed to the newest version, under which each opens to the same key', async () => {
      await add(12);
      const before = await addressOpened('m3', keks([1, 1]));
      const both = keks([1, 1], [2, 2]);
      expect(await rotateKeks(db, createLocalKeyEncryption(both))).toEqual({
        rewrapped: 12,
        unopened: [],
        left: [],
      });
      expect(await seedsByKekVersion(db)).toEqual([{ version: 2, count: 12 }]);
      await openLocalKeyEncryption(db, keks([2, 2]));
      expect(await addressOpened('m3', keks([2, 2]))).toBe(before);
    });

    it('that was stopped goes on where it was', async () => {
      await add(COUNT);
      const both = createLocalKeyEncryption(keks([1, 1], [2, 2]));
      let stopped = false;
      await rotateKeks(db, both, () => {
        stopped = true;
        throw new Error('killed');
      }).catch(() => {});
      expect(stopped).toBe(true);
      expect(await seedsByKekVersion(db)).toEqual([
        { version: 1, count: COUNT - 500 },
        { version: 2, count: 500 },
      ]);
      expect(await rotateKeks(db, both)).toMatchObject({ rewrapped: COUNT - 500, left: [] });
    }, 60_000);

    it('leaves what does not open, and does not say that it is done', async () => {
      await add(3);
      await change('m1', { encrypted_seed: (await rowOf('m2')).encrypted_seed });
      const before = await rowOf('m1');
      expect(await rotateKeks(db, createLocalKeyEncryption(keks([1, 1], [2, 2])))).toEqual({
        rewrapped: 2,
        unopened: [{ accountId: 'm1', kekVersion: 1 }],
        left: [{ version: 1, count: 1 }],
      });
      expect(await rowOf('m1')).toEqual(before);
    });

    it('does not bring back a seed that was deleted meanwhile', async () => {
      await add(1);
      const both = createLocalKeyEncryption(keks([1, 1], [2, 2]));
      const deleting = {
        ...both,
        async rewrap(...sealed: Parameters<typeof both.rewrap>) {
          const rewrapped = await both.rewrap(...sealed);
          await change('m0', { encrypted_seed: null, kek_version: null });
          return rewrapped;
        },
      };
      await rotateKeks(db, deleting);
      expect((await rowOf('m0')).encrypted_seed).toBeNull();
    });
  });
});

describe('the code', () => {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const sources = execFileSync(
    'git',
    ['ls-files', '-co', '--exclude-standard', 'server/src', 'scripts', 'sdk/src'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  )
    .split('\n')
    .filter((file) => /\.ts$/.test(file) && !/\.(test|suite)\.ts$|\/testing\//.test(file))
    .sort();
  const using = (pattern: RegExp) =>
    sources.filter((file) => pattern.test(readFileSync(join(root, file), 'utf8')));

  it('opens a seed in one function, and passes ciphertexts through few hands', () => {
    expect(using(/keyEncryption\s*\.\s*open\b|\{[^}]*\bopen\b[^}]*\}\s*=\s*keyEncryption/)).toEqual([
      'server/src/settlement/managedSeed.ts',
    ]);
    expect(using(/\bKeyEncryption\b/)).toEqual([
      'server/src/settlement/kek.ts',
      'server/src/settlement/kekRotation.ts',
      'server/src/settlement/localKek.ts',
      'server/src/settlement/managedSeed.ts',
    ]);
    expect(using(/\bseedAssociatedData\b/)).toEqual([
      'server/src/settlement/kek.ts',
      'server/src/settlement/kekRotation.ts',
      'server/src/settlement/managedSeed.ts',
    ]);
    expect(using(/\bencrypted_seed\b/)).toEqual([
      'server/src/db/settlementKeys.ts',
      'server/src/db/settlementMigration.ts',
      'server/src/db/settlementTables.ts',
      // sets it to null
      'server/src/db/settlementUpgrades.ts',
      'server/src/settlement/kekRotation.ts',
      'server/src/settlement/managedSeed.ts',
    ]);
  });

  it('makes no key of a seed elsewhere', () => {
    expect(using(/fromRawEd25519Seed/)).toEqual([
      'server/src/relayer/channelKeys.ts',
      'server/src/settlement/managedSeed.ts',
    ]);
  });
});
