// The one place where a managed account's seed is opened. Only while the service signs for the merchant (`managed`), or, once
// the settlement address has moved, for the migration's own steps as long as the old account is still there. The key is
// lent to a callback and its bytes are wiped after it; what JavaScript copied meanwhile is left to its memory. Who may ask
// for a signature, and for what, is decided by the callers.
import { LatchkeyError } from '@latchkey/sdk/api';
import { Keypair } from '@stellar/stellar-sdk/base';
import type { DecoratedSignature } from '@stellar/stellar-sdk/xdr';
import type { Db } from '../db/database.ts';
import { type SettlementKey, settlementKeyOf } from '../db/settlementKeys.ts';
import type { NetworkName } from '../db/settlementTables.ts';
import type { Submission } from '../db/submissions.ts';
import { signatureOf } from '../relayer/sponsor.ts';
import { type KeyEncryption, type SealedSeed, seedAssociatedData } from './kek.ts';

const SEED_BYTES = 32;

export type SeedPurpose = 'provisioning' | 'withdrawal' | 'migration';

export type ManagedSeeds = {
  /** A new account's key: its address, and its seed as it is stored. */
  create(accountId: string): Promise<{ address: string; sealed: SealedSeed }>;
  /**
   * @param db the database, or the transaction that the caller is in
   * @throws LatchkeyError SETTLEMENT_NOT_MANAGED, SEED_GONE, KEK_VERSION_MISSING, SEALED_SEED_DAMAGED
   */
  openManagedSeed<T>(
    db: Db,
    whose: { accountId: string; network: NetworkName },
    purpose: SeedPurpose,
    use: (keypair: Keypair, row: SettlementKey) => T | Promise<T>,
  ): Promise<T>;
};

/** @throws LatchkeyError SETTLEMENT_NOT_MANAGED, SEED_GONE */
function sealedSeedFor(row: SettlementKey | undefined, purpose: SeedPurpose): SealedSeed {
  if (!row) throw new LatchkeyError('SETTLEMENT_NOT_READY');
  if (row.managed !== 1 && purpose !== 'migration') throw new LatchkeyError('SETTLEMENT_NOT_MANAGED');
  if (row.encrypted_seed === null || row.kek_version === null) throw new LatchkeyError('SEED_GONE');
  return { ciphertext: row.encrypted_seed, kekVersion: row.kek_version };
}

export function createManagedSeeds(keyEncryption: KeyEncryption): ManagedSeeds {
  return {
    async create(accountId) {
      const seed = crypto.getRandomValues(new Uint8Array(SEED_BYTES));
      const keypair = Keypair.fromRawEd25519Seed(seed);
      try {
        const address = keypair.publicKey();
        return { address, sealed: await keyEncryption.seal(seed, seedAssociatedData(accountId, address)) };
      } finally {
        seed.fill(0);
        keypair.rawSecretKey().fill(0);
      }
    },

    async openManagedSeed(db, { accountId, network }, purpose, use) {
      const row = await settlementKeyOf(db, accountId, network);
      const sealed = sealedSeedFor(row, purpose);
      const seed = await keyEncryption.open(sealed, seedAssociatedData(accountId, row!.address));
      let keypair: Keypair | null = null;
      try {
        keypair = Keypair.fromRawEd25519Seed(seed);
        if (keypair.publicKey() !== row!.address) throw new LatchkeyError('SEALED_SEED_DAMAGED');
        return await use(keypair, row!);
      } finally {
        seed.fill(0);
        keypair?.rawSecretKey().fill(0);
      }
    },
  };
}

/** What a managed account's operations are signed for, by kind; other kinds are none of its. */
const purposeOfKind: Partial<Record<Submission['kind'], SeedPurpose>> = {
  'provision-settlement': 'provisioning',
  'withdraw-settlement': 'withdrawal',
  'migrate-settlement': 'migration',
  'close-settlement': 'migration',
};

/** The managed account's signature under a transaction with operations of its own. */
export function managedSignatures(deps: {
  db: Db;
  seeds: ManagedSeeds;
  network: NetworkName;
}): (row: Submission, hash: Uint8Array) => Promise<DecoratedSignature[]> {
  return async (row, hash) => {
    const purpose = purposeOfKind[row.kind];
    if (!purpose || row.account_id === null) return [];
    const whose = { accountId: row.account_id, network: deps.network };
    return deps.seeds.openManagedSeed(deps.db, whose, purpose, (keypair) => [signatureOf(keypair, hash)]);
  };
}
