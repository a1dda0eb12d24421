// The indexer on what people and the built contracts really did: signers and their states, recoveries, transfers,
// look-alikes, and the same tables however often it is killed.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LatchkeyError } from '@latchkey/sdk/api';
import {
  addressToScVal,
  bytesToHex,
  createRpc,
  type Rpc,
  readSigner,
  readU32,
  rememberedPolicies,
  scI128,
  scStruct,
  scSymbol,
  scU32,
  scVec,
  tokenCalls,
  walletCalls,
} from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import { ScVal } from '@stellar/stellar-sdk/xdr';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLookups, type Lookups } from '../server/src/indexer/lookups.ts';
import { describeWith } from '../server/src/testing/describeWith.ts';
import { missingPostgres, type PostgresServer, startPostgres } from '../server/src/testing/postgresServer.ts';
import {
  byOwner,
  bySession,
  indexerSettings,
  lookAlike,
  openIndexer,
  SESSION_LEDGERS,
  sessionSigner,
  type TestIndexer,
  tablesOf,
} from './indexerHistory.ts';
import { deploy } from './submit.ts';
import { createWorld, type Person, type World } from './world.ts';

const INTERRUPTIONS = 100;
const MAX_KILLS = 10;

let dir: string;
let world: World;
let ana: Person;
let ben: Person;
let anas: string;
let bens: string;
let token: string;
let falseWallet: string;
let shop: string;
let lost: string;
let whole: TestIndexer;
let lookups: Lookups;
const removed = Keypair.random();
const expired = Keypair.random();

const factory = () => world.server.services.config.factoryId;
const databaseUrl = (name: string) => pathToFileURL(join(dir, `${name}.db`)).href;
const credentialHex = (person: Person) =>
  Buffer.from(person.authenticator.credentials[0]!.id, 'base64url').toString('hex');

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'latchkey-indexer-'));
  world = await createWorld({ env: { RECOVERY_DELAY_SECONDS: '3600' } });
  token = world.server.services.config.nativeTokenId;
  ana = world.person('ana@example.org');
  ben = world.person('ben@example.org');
  anas = (await ana.latchkey.createWallet({ email: ana.email })).walletAddress;
  bens = (await ben.latchkey.createWallet({ email: ben.email })).walletAddress;
  shop = await world.account();

  await byOwner(world, ana, walletCalls.add(anas, sessionSigner(world, removed)));
  await bySession(world, 1, removed, tokenCalls.transfer(token, anas, shop, 7n));
  await bySession(world, 1, removed, walletCalls.remove(anas, 1));
  await byOwner(world, ana, walletCalls.add(anas, sessionSigner(world, expired)));
  await byOwner(world, ana, tokenCalls.transfer(token, anas, bens, 1_000n));
  falseWallet = await lookAlike(world, {
    key: { kind: 'ed25519', publicKey: new Uint8Array(removed.rawPublicKey()) },
    role: { kind: 'admin' },
    coSigners: null,
  });

  // Ben loses his passkey, and cancels what somebody else proposes.
  lost = credentialHex(ben);
  const heir = world.person(ben.email);
  await heir.latchkey.requestRecoveryCode({ email: ben.email });
  await heir.latchkey.recoverWallet({ email: ben.email, code: world.recoveryCode(ben.email) });
  whole = await openIndexer(world, databaseUrl('whole'));
  lookups = createLookups({ db: whole.db, nowMs: Date.now });
});
afterAll(async () => {
  await whole?.db.destroy();
  await world?.close();
  await rm(dir, { recursive: true, force: true });
});

describe('what the indexer knows', () => {
  it('of a wallet: its signers, as the contract registered them', async () => {
    await whole.catchUp();
    const wallet = await lookups.wallet(anas);
    expect(wallet).toMatchObject({
      isKnownCode: true,
      factory: world.server.services.config.factoryId,
      adminThreshold: 1,
      guardian: await world.server.services.walletGuardian(),
      pendingRecoveries: [],
    });
    expect(wallet.signers).toMatchObject([
      {
        id: 0,
        key: { type: 'secp256r1', value: credentialHex(ana) },
        publicKey: bytesToHex(ana.authenticator.credentials[0]!.publicKey),
        role: 'admin',
        storage: 'persistent',
        status: 'live',
      },
      { id: 1, key: { type: 'ed25519', value: removed.publicKey() }, status: 'removed' },
      {
        id: 2,
        key: { type: 'ed25519', value: expired.publicKey() },
        role: 'session',
        storage: 'temporary',
        status: 'live',
        limits: { [token]: null },
      },
    ]);
  });

  it('of keys: the wallets they belong to, and not those they belonged to', async () => {
    const refs = async (...asked: Parameters<Lookups['byKey']>) =>
      (await lookups.byKey(...asked)).wallets.map((it) => [it.contract_id, it.signer_ids]);
    const { id, publicKey } = ana.authenticator.credentials[0]!;
    expect(await refs('credential_id', id)).toEqual([[anas, [0]]]);
    expect(await refs('public_key', bytesToHex(publicKey))).toEqual([[anas, [0]]]);
    expect(await refs('address', expired.publicKey())).toEqual([[anas, [2]]]);
    expect(await refs('address', removed.publicKey())).toEqual([]);
  });

  it('of contracts that only look like wallets: nothing', async () => {
    await expect(lookups.wallet(falseWallet)).rejects.toThrow(
      expect.objectContaining({ code: 'WALLET_NOT_FOUND' }),
    );
    // Its events are there, and say what a wallet's say.
    const { events } = await world.rpc.call('getEvents', {
      startLedger: 2,
      filters: [{ contractIds: [falseWallet], topics: [[scSymbol('signer_added').toXdr('base64'), '*']] }],
    });
    expect(events).toHaveLength(1);
  });

  it('of transfers: both sides, and what the wallets hold', async () => {
    const kinds = (await lookups.history(anas, {})).items.map((it) => [it.kind, it.amount]).reverse();
    expect(kinds).toEqual([
      ['signer-added', undefined],
      ['configured', undefined],
      ['wallet-deployed', undefined],
      ['received', '100000000000'],
      ['signer-added', undefined],
      ['sent', '7'],
      ['signer-removed', undefined],
      ['signer-added', undefined],
      ['sent', '1000'],
    ]);
    const sent = (await lookups.history(anas, { limit: 1 })).items[0];
    expect(sent).toMatchObject({ counterparty: bens, token, asset: 'native' });
    expect((await lookups.wallet(anas)).balances).toMatchObject([{ token, amount: '99999998993' }]);
    expect((await lookups.wallet(bens)).balances).toMatchObject([{ token, amount: '100000001000' }]);
  });

  it('of history: a page at a time, each row once', async () => {
    const all = (await lookups.history(anas, {})).items;
    const paged = [];
    let cursor: string | undefined;
    do {
      const page = await lookups.history(anas, { limit: 2, ...(cursor ? { cursor } : {}) });
      paged.push(...page.items);
      cursor = page.cursor ?? undefined;
    } while (cursor);
    expect(paged).toEqual(all);
  });

  it('of a recovery: the proposal while it waits, the new key after', async () => {
    const { pendingRecoveries } = await lookups.wallet(bens);
    expect(pendingRecoveries).toMatchObject([{ signerId: 0, recoveryContract: expect.any(String) }]);
    world.net!.warp({ seconds: 3_601 });
    await expect
      .poll(
        async () => {
          await world.server.services.executeDueRotations();
          await whole.catchUp();
          return (await lookups.wallet(bens)).pendingRecoveries;
        },
        { timeout: 20_000 },
      )
      .toEqual([]);
    const [owner] = (await lookups.wallet(bens)).signers;
    expect(owner).toMatchObject({ id: 0, status: 'live' });
    expect(owner!.key.value).not.toBe(lost);
    const refs = await lookups.byKey('credential_id', Buffer.from(lost, 'hex').toString('base64url'));
    expect(refs.wallets).toEqual([]);
  });

  it('of an expired session: enough to add it again, with the owner alone approving', async () => {
    for (let ledger = 0; ledger <= SESSION_LEDGERS; ledger++) world.net!.warp({ seconds: 5 });
    await world.account();
    await whole.catchUp();
    const indexed = (await lookups.wallet(anas)).signers[2]!;
    expect(indexed.status).toBe('expired');
    await expect(bySession(world, 2, expired, tokenCalls.transfer(token, anas, shop, 1n))).rejects.toThrow();

    const signer = readSigner(ScVal.fromXdr(indexed.signerXdr, 'base64'));
    const expiresAtLedger = world.net!.latestLedger().sequence + SESSION_LEDGERS;
    const added = await byOwner(world, ana, walletCalls.addSessionAgain(anas, signer, expiresAtLedger));
    await bySession(world, readU32(added), expired, tokenCalls.transfer(token, anas, shop, 1n));
    await whole.catchUp();
    const [ref] = (await lookups.byKey('address', expired.publicKey())).wallets;
    expect(ref!.signer_ids).toEqual([2, readU32(added)]);
  });
});

describe('a session under limits whose time has run out', () => {
  it('is added again under the same limits, which the policy itself remembers', async () => {
    const limit = { amount: scI128(30n), token: addressToScVal(token), window_ledgers: scU32(1_000) };
    const parameters = scStruct({ limits: scVec([scStruct(limit)]), others: ScVal.scvBool(false) });
    const code = await readFile(new URL('../contracts/wasm/spending_limit.wasm', import.meta.url));
    const policy = await deploy(world, code);
    const session = Keypair.random();
    const added = walletCalls.add(anas, sessionSigner(world, session), [{ policy, parameters }]);
    const id = readU32(await byOwner(world, ana, added));
    for (let ledger = 0; ledger <= SESSION_LEDGERS; ledger++) world.net!.warp({ seconds: 5 });
    await whole.catchUp();
    const indexed = (await lookups.wallet(anas)).signers.find((it) => it.id === id)!;
    expect(indexed).toMatchObject({ status: 'expired', policies: [policy] });

    const known = await rememberedPolicies(world.rpc, anas, id, [...indexed.policies, factory()]);
    expect(known).toEqual({ installations: [{ policy, parameters }], unknown: [factory()] });
    const signer = readSigner(ScVal.fromXdr(indexed.signerXdr, 'base64'));
    const until = world.net!.latestLedger().sequence + SESSION_LEDGERS;
    const again = walletCalls.addSessionAgain(anas, signer, until, known.installations);
    const newId = readU32(await byOwner(world, ana, again));
    await bySession(world, newId, session, tokenCalls.transfer(token, anas, shop, 25n));
    await expect(
      bySession(world, newId, session, tokenCalls.transfer(token, anas, shop, 25n)),
    ).rejects.toThrow();
  });
});

describeWith(missingPostgres)('an indexer on PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());

  it('has the same tables as one on libSQL, also when its connections break', async () => {
    await whole.catchUp();
    const url = await server.createDatabase();
    let stored = 0;
    for (let finished = false; !finished; ) {
      const breaking: Promise<void>[] = [];
      const { db, catchUp } = await openIndexer(world, url, {
        eventsPerPage: 3,
        inTransaction: () => {
          if (stored++ % 4 === 1 && stored < 20) breaking.push(server.dropConnections());
        },
      });
      finished = await catchUp().then(
        () => true,
        () => false,
      );
      await Promise.all(breaking);
      if (finished) expect(await tablesOf(db)).toEqual(await tablesOf(whole.db));
      await db.destroy();
    }
    expect(stored).toBeGreaterThan(5);
  });
});

describe('an indexer that is killed', () => {
  it(`at ${INTERRUPTIONS} random points has the same tables as one that was not`, async () => {
    await whole.catchUp();
    const expected = await tablesOf(whole.db);
    let interrupted = 0;
    const maybe = () => {
      if (Math.random() < 0.1) throw new LatchkeyError('NETWORK_UNAVAILABLE');
    };
    const failing = (rpc: Rpc): Rpc => ({
      url: rpc.url,
      call: async (method, params) => {
        const answer = await rpc.call(method, params);
        maybe();
        return answer;
      },
    });
    for (let run = 0; interrupted < INTERRUPTIONS; run++) {
      for (let finished = false; !finished; ) {
        const { db, catchUp } = await openIndexer(world, databaseUrl(`run-${run}`), {
          rpc: failing(createRpc(world.rpc.url)),
          eventsPerPage: 3,
          inTransaction: maybe,
          onStored: maybe,
        });
        finished = await catchUp().then(
          () => true,
          (error: LatchkeyError) => {
            expect(error.code).toBe('NETWORK_UNAVAILABLE');
            interrupted++;
            return false;
          },
        );
        if (finished) expect(await tablesOf(db)).toEqual(expected);
        await db.destroy();
      }
    }
  });

  it('with kill -9 has the same tables too', async () => {
    await whole.catchUp();
    const url = databaseUrl('killed');
    let killed = 0;
    for (let finished = false; !finished; ) {
      const child = fork(new URL('./indexerProcess.ts', import.meta.url), [
        JSON.stringify({
          rpcUrl: world.rpc.url,
          databaseUrl: url,
          settings: indexerSettings(world),
          eventsPerPage: 3,
          killedOneIn: killed < MAX_KILLS ? 12 : 1e9,
        }),
      ]);
      child.once('message', () => {
        finished = true;
      });
      await once(child, 'exit');
      if (!finished) {
        expect(child.signalCode).toBe('SIGKILL');
        killed++;
      }
    }
    expect(killed).toBeGreaterThan(0);
    const { db } = await openIndexer(world, url);
    expect(await tablesOf(db)).toEqual(await tablesOf(whole.db));
    await db.destroy();
  });
});
