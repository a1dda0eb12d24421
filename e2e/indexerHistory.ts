// A history for the indexer to read: wallets of the server, sessions that come and go, recoveries with and without a
// delay, transfers both ways, and contracts that only look like wallets. And an indexer on a database of its own.
import { readFile } from 'node:fs/promises';
import {
  type CoSigners,
  createRpc,
  ed25519Part,
  type Rpc,
  type Signer,
  walletInitToScVal,
} from '@latchkey/sdk/chain';
import type { Keypair } from '@stellar/stellar-sdk/base';
import type { HostFunction } from '@stellar/stellar-sdk/xdr';
import { pino } from 'pino';
import { type Database, openDatabase } from '../server/src/db/database.ts';
import { readDueBalances } from '../server/src/indexer/balances.ts';
import { createIndexer, type IndexerSettings } from '../server/src/indexer/indexer.ts';
import { OWNER_SIGNER_ID } from '../server/src/wallets/ownerSigner.ts';
import { deploy, partOf, payloadOf, submit, unsignedEntry, withParts } from './submit.ts';
import type { Person, World } from './world.ts';

export const SESSION_LEDGERS = 30;

export async function byOwner(world: World, owner: Person, hostFunction: HostFunction) {
  const entry = await unsignedEntry(world, hostFunction);
  const part = await partOf(owner, OWNER_SIGNER_ID, await payloadOf(world, entry));
  return submit(world, hostFunction, [withParts(entry, [part])]);
}

export function sessionSigner(world: World, keypair: Keypair, coSigners: CoSigners | null = null): Signer {
  return {
    key: { kind: 'ed25519', publicKey: new Uint8Array(keypair.rawPublicKey()) },
    role: {
      kind: 'session',
      contracts: [world.server.services.config.nativeTokenId],
      expiresAtLedger: world.net!.latestLedger().sequence + SESSION_LEDGERS,
    },
    coSigners,
  };
}

export async function bySession(world: World, id: number, keypair: Keypair, hostFunction: HostFunction) {
  const entry = await unsignedEntry(world, hostFunction);
  const payload = await payloadOf(world, entry);
  return submit(world, hostFunction, [
    withParts(entry, [ed25519Part(id, keypair.sign(Buffer.from(payload)))]),
  ]);
}

/** A wallet of the very code, but not of the factory: nothing vouches for what its events say before it ran that code. */
export async function lookAlike(world: World, signer: Signer): Promise<string> {
  const code = await readFile(new URL('../contracts/wasm/wallet.wasm', import.meta.url));
  const init = walletInitToScVal({ adminThreshold: 1, recovery: null, signers: [signer] });
  return deploy(world, code, [init]);
}

export type TestIndexer = { db: Database; catchUp(): Promise<void>; fill(): Promise<void> };

export function indexerSettings(world: World, startLedger: number | null = null): IndexerSettings {
  const { networkPassphrase, factoryId, nativeTokenId } = world.server.services.config;
  return { networkPassphrase, factoryIds: [factoryId], knownWasmHashes: [], nativeTokenId, startLedger };
}

export async function openIndexer(
  world: World,
  databaseUrl: string,
  options: {
    rpc?: Rpc;
    eventsPerPage?: number;
    startLedger?: number;
    onStored?: () => void;
    inTransaction?: () => void;
  } = {},
): Promise<TestIndexer> {
  const { config, confirmNetwork } = world.server.services;
  const { rpc = createRpc(config.rpcUrl), startLedger = null, ...others } = options;
  const db = await openDatabase(databaseUrl);
  const indexer = createIndexer({
    db,
    rpc,
    log: pino({ level: 'silent' }),
    nowMs: Date.now,
    settings: indexerSettings(world, startLedger),
    confirmNetwork,
    ...others,
  });
  return {
    db,
    async catchUp() {
      await indexer.catchUp();
      // By a node that answers, and without waiting for what was put off.
      await readDueBalances(db, world.rpc, () => Number.MAX_SAFE_INTEGER);
    },
    fill: async () => void (await indexer.fill(null)),
  };
}

/** Everything that the indexer keeps about the network, row by row; how far it has read depends on when it was asked. */
export async function tablesOf(db: Database): Promise<Record<string, unknown[]>> {
  const all = async (
    table: 'indexed_wallets' | 'indexed_signers' | 'pending_recoveries' | 'wallet_events' | 'wallet_balances',
    ...keys: string[]
  ) => {
    let query = db.selectFrom(table).selectAll();
    for (const key of keys) query = query.orderBy(key as never);
    return query.execute();
  };
  return {
    wallets: await all('indexed_wallets', 'address'),
    signers: await all('indexed_signers', 'wallet', 'signer_id'),
    recoveries: await all('pending_recoveries', 'wallet', 'recovery_contract'),
    events: await all('wallet_events', 'id', 'wallet'),
    balances: await all('wallet_balances', 'wallet', 'token'),
  };
}
