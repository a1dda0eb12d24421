// Ledgers that a node had no more when the indexer came to them: read later from another node, and then every table is what
// it would have been without the gap, wherever that was and whatever happened in it and after it.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LatchkeyError } from '@latchkey/sdk/api';
import { createRpc, type Rpc, readBytes, type Signer, tokenCalls, walletCalls } from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import { HostFunction } from '@stellar/stellar-sdk/xdr';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../server/src/db/database.ts';
import { indexerCursor, indexerGaps } from '../server/src/db/indexerCursor.ts';
import { createLookups } from '../server/src/indexer/lookups.ts';
import { describeWith } from '../server/src/testing/describeWith.ts';
import { missingPostgres, type PostgresServer, startPostgres } from '../server/src/testing/postgresServer.ts';
import { byOwner, openIndexer, sessionSigner, tablesOf } from './indexerHistory.ts';
import { submit } from './submit.ts';
import { createWorld, type Person, type World } from './world.ts';

const GAPS = 12;

let dir: string;
let world: World;
let expected: Awaited<ReturnType<typeof tablesOf>>;
let oldest: number;
let latest: number;

const databaseUrl = (name: string) => pathToFileURL(join(dir, `${name}.db`)).href;
const sequence = () => world.net!.latestLedger().sequence;

/** A node that has these ledgers and no others. */
function nodeWith(from: number, to: number): Rpc {
  const rpc = createRpc(world.rpc.url);
  const known = { oldestLedger: from, latestLedger: to };
  const answer = async (method: string, params: object): Promise<object> => {
    if (method === 'getHealth') return { ...(await rpc.call('getHealth')), ...known };
    if (method !== 'getEvents') return rpc.call(method as never, params as never);
    const { startLedger = from, endLedger = to + 1 } = params as { startLedger?: number; endLedger?: number };
    if (startLedger < from || startLedger > to) throw new Error(`${startLedger} is not on this node`);
    const asked = 'startLedger' in params ? { ...params, endLedger: Math.min(endLedger, to + 1) } : params;
    return { ...(await rpc.call('getEvents', asked as never)), ...known };
  };
  return { url: rpc.url, call: answer as Rpc['call'] };
}

function longSession(): Signer {
  const { key, coSigners } = sessionSigner(world, Keypair.random());
  const contracts = [world.server.services.config.nativeTokenId];
  return { key, coSigners, role: { kind: 'session', contracts, expiresAtLedger: sequence() + 1_000 } };
}

async function newCode(person: Person, wallet: string): Promise<void> {
  const code = await readFile(new URL('../contracts/wasm/allow_list.wasm', import.meta.url));
  const hash = await submit(world, HostFunction.hostFunctionTypeUploadContractWasm(code));
  await byOwner(world, person, walletCalls.update(wallet, readBytes(hash)));
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'latchkey-indexer-gap-'));
  world = await createWorld();
  const token = world.server.services.config.nativeTokenId;
  oldest = (await world.rpc.call('getHealth')).oldestLedger;
  const shop = await world.account();
  const people = ['ana', 'ben', 'cleo', 'dan'].map((name) => world.person(`${name}@example.org`));
  const wallets: string[] = [];
  for (const person of people) {
    const { walletAddress } = await person.latchkey.createWallet({ email: person.email });
    wallets.push(walletAddress);
    await byOwner(world, person, walletCalls.add(walletAddress, longSession()));
    await byOwner(world, person, tokenCalls.transfer(token, walletAddress, shop, 5n));
    await byOwner(world, person, tokenCalls.transfer(token, walletAddress, wallets[0]!, 7n));
  }
  await byOwner(world, people[0]!, walletCalls.remove(wallets[0]!, 1));
  await byOwner(world, people[1]!, walletCalls.add(wallets[1]!, longSession()));
  await newCode(people[2]!, wallets[2]!);
  for (const at of [0, 1, 3])
    await byOwner(world, people[at]!, tokenCalls.transfer(token, wallets[at]!, shop, 9n));
  latest = sequence();
  const whole = await openIndexer(world, databaseUrl('whole'), { rpc: nodeWith(oldest, latest) });
  await whole.catchUp();
  expected = await tablesOf(whole.db);
  expect(expected.events!.length).toBeGreaterThan(25);
  await whole.db.destroy();
}, 60_000);
afterAll(async () => {
  await world?.close();
  await rm(dir, { recursive: true, force: true });
});

type Gap = { from: number; to: number };

async function withGap(url: string, { from, to }: Gap, isSkipped: boolean): Promise<void> {
  const before = await openIndexer(world, url, { rpc: nodeWith(oldest, from - 1) });
  await before.catchUp();
  await before.db.destroy();
  const rpc = nodeWith(to + 1, latest);
  const after = await openIndexer(world, url, { rpc, ...(isSkipped ? { startLedger: to + 1 } : {}) });
  await after.catchUp();
  const found = await indexerGaps(after.db);
  expect(found.map((it) => [it.from_ledger, it.to_ledger])).toEqual(isSkipped ? [[from, to]] : []);
  await after.db.destroy();
}

/** Fills it, and whenever that breaks off, goes on. */
async function filled(url: string, maybe: () => void = () => {}): Promise<number> {
  let interruptions = 0;
  for (;;) {
    const indexer = await openIndexer(world, url, {
      rpc: nodeWith(oldest, latest),
      eventsPerPage: 4,
      inTransaction: maybe,
      onStored: maybe,
    });
    try {
      await indexer.fill();
      return interruptions;
    } catch (error) {
      if (!(error instanceof LatchkeyError)) throw error;
      interruptions++;
      expect(await indexerCursor(indexer.db)).toMatchObject({ status: 'filling' });
      // The server beside it leaves everything as it is.
      const next = (await indexerCursor(indexer.db))!.next_ledger;
      await indexer.catchUp();
      expect((await indexerCursor(indexer.db))!.next_ledger).toBe(next);
    } finally {
      await indexer.db.destroy();
    }
  }
}

async function isAsExpected(url: string): Promise<void> {
  const { db, catchUp } = await openIndexer(world, url, { rpc: nodeWith(latest, latest) });
  try {
    await catchUp();
    expect(await indexerCursor(db)).toMatchObject({ status: 'following', next_ledger: latest + 1 });
    expect(await indexerGaps(db)).toEqual([]);
    expect(await tablesOf(db)).toEqual(expected);
  } finally {
    await db.destroy();
  }
}

function someGap(): Gap {
  const [a, b] = [0, 0].map(() => oldest + 1 + Math.floor(Math.random() * (latest - oldest - 2)));
  return { from: Math.min(a!, b!), to: Math.max(a!, b!) };
}

describe('a gap that was left out', () => {
  it(`is filled, ${GAPS} times at random places, and every table is as if there had been none`, async () => {
    for (let run = 0; run < GAPS; run++) {
      const url = databaseUrl(`skipped-${run}`);
      await withGap(url, someGap(), true);
      await filled(url);
      await isAsExpected(url);
    }
  });

  it('is filled also when that is broken off again and again', async () => {
    const maybe = () => {
      if (Math.random() < 0.2) throw new LatchkeyError('NETWORK_UNAVAILABLE');
    };
    let interruptions = 0;
    for (let run = 0; interruptions < 10; run++) {
      const url = databaseUrl(`broken-${run}`);
      await withGap(url, someGap(), true);
      interruptions += await filled(url, maybe);
      await isAsExpected(url);
    }
  });

  it('makes wallets incomplete, until it is filled', async () => {
    const url = databaseUrl('incomplete');
    await withGap(url, { from: latest - 3, to: latest - 1 }, true);
    const db = await openDatabase(url);
    const lookups = createLookups({ db, nowMs: Date.now });
    const { address } = expected.wallets![0] as { address: string };
    expect(await lookups.wallet(address)).toMatchObject({ isComplete: false });
    await filled(url);
    expect(await lookups.wallet(address)).toMatchObject({ isComplete: true });
    await db.destroy();
  });

  it('is left as it is where the other node does not have all of it', async () => {
    const url = databaseUrl('short');
    const gap = { from: oldest + 10, to: oldest + 20 };
    await withGap(url, gap, true);
    for (const rpc of [nodeWith(oldest + 11, latest), nodeWith(oldest, oldest + 19)]) {
      const { db, fill } = await openIndexer(world, url, { rpc });
      const before = await tablesOf(db);
      await expect(fill()).rejects.toThrow(`Ledgers ${gap.from} to ${gap.to} are missing`);
      expect(await tablesOf(db)).toEqual(before);
      expect(await indexerGaps(db)).toHaveLength(1);
      await db.destroy();
    }
  });
});

describe('a gap that stops the reading', () => {
  it('is filled, and the reading goes on', async () => {
    const url = databaseUrl('stopped');
    await withGap(url, { from: oldest + 10, to: oldest + 20 }, false);
    await filled(url);
    await isAsExpected(url);
  });

  it('is none where nothing is missing', async () => {
    const url = databaseUrl('complete');
    const indexer = await openIndexer(world, url, { rpc: nodeWith(oldest, latest) });
    await indexer.catchUp();
    await indexer.fill();
    await indexer.db.destroy();
    await isAsExpected(url);
  });
});

describeWith(missingPostgres)('on PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());

  it('a gap is filled the same way', async () => {
    for (let run = 0; run < 3; run++) {
      const url = await server.createDatabase();
      await withGap(url, someGap(), true);
      await filled(url);
      await isAsExpected(url);
    }
  });
});
