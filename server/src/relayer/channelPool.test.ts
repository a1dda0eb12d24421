import { createDevnet, type Devnet } from '@latchkey/devnet';
import type { Rpc } from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import { LedgerEntryData } from '@stellar/stellar-sdk/xdr';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allChannels, releaseChannel } from '../db/channels.ts';
import { type Database, openDatabase } from '../db/database.ts';
import { openChannelKeys } from './channelKeys.ts';
import { createChannelPool } from './channelPool.ts';
import { accountKey, createSponsor, readAccount, type Sponsor } from './sponsor.ts';

const kek = new Uint8Array(32).fill(9);
const sponsorKey = Keypair.fromRawEd25519Seed(Buffer.alloc(32, 3));
const log = pino({ level: 'silent' });

let net: Devnet;
let db: Database;
let rpc: Rpc;
let sponsor: Sponsor;

async function startNetwork(): Promise<void> {
  net = await createDevnet();
  await net.fund(sponsorKey.publicKey());
  const { passphrase } = (await net.rpc('getNetwork')) as { passphrase: string };
  sponsor = createSponsor(rpc, sponsorKey.secret(), passphrase);
}

beforeEach(async () => {
  rpc = { url: 'in process', call: (method, params) => net.rpc(method, params as never) as never };
  db = await openDatabase(':memory:');
  await startNetwork();
});
afterEach(async () => {
  await db.destroy();
  await net.close();
});

async function pool(size: number) {
  const keys = await openChannelKeys(db, kek);
  return createChannelPool({ db, rpc, sponsor, keys, size, confirmNetwork: async () => {}, log });
}

async function sponsorEntry() {
  const { entries } = await rpc.call('getLedgerEntries', { keys: [accountKey(sponsorKey).toXdr('base64')] });
  const data = LedgerEntryData.fromXdr(entries[0]!.xdr, 'base64');
  if (data.type !== 'account' || data.value.ext.type !== 'v1') throw new Error('a sponsor has an extension');
  const { ext } = data.value.ext.value;
  return { balance: data.value.balance, sponsoring: ext.type === 'v2' ? ext.value.numSponsoring : 0 };
}

const exists = (address: string) =>
  readAccount(rpc, address).then(
    () => true,
    () => false,
  );

describe('the pool', () => {
  it('makes accounts that hold nothing, and the sponsor stands for their reserves', async () => {
    const { balanceStroops } = await sponsor.account();
    await (await pool(3)).reconcile();
    const channels = await allChannels(db);
    expect(channels).toHaveLength(3);
    for (const { address } of channels) expect((await readAccount(rpc, address)).balanceStroops).toBe(0n);
    const { balance, sponsoring } = await sponsorEntry();
    expect(sponsoring).toBe(6);
    // Nine operations at the minimum fee.
    expect(balanceStroops - balance).toBe(900n);
  });

  it('makes nothing twice: not again, not in two processes, not when the table was lost', async () => {
    await (await pool(3)).reconcile();
    const [first, balance] = [await allChannels(db), (await sponsorEntry()).balance];
    await (await pool(3)).reconcile();
    await Promise.all([(await pool(3)).reconcile(), (await pool(3)).reconcile()]);
    await db.deleteFrom('channels').execute();
    await (await pool(3)).reconcile();
    expect(await allChannels(db)).toEqual(first);
    expect((await sponsorEntry()).balance).toBe(balance);
  });

  it('grows beyond what one transaction can sign for', async () => {
    await (await pool(2)).reconcile();
    await (await pool(45)).reconcile();
    const channels = await allChannels(db);
    expect(channels).toHaveLength(45);
    for (const { address } of channels) expect(await exists(address)).toBe(true);
  });

  it('comes up again at once when the node is busy, instead of waiting for what was not taken', async () => {
    const { call } = rpc;
    const busy = { status: 'TRY_AGAIN_LATER' };
    rpc.call = (method, params) =>
      (method === 'sendTransaction' ? Promise.resolve(busy) : call(method, params)) as never;
    await expect((await pool(2)).reconcile()).rejects.toMatchObject({ code: 'NETWORK_UNAVAILABLE' });
    rpc.call = call;
    await (await pool(2)).reconcile();
    expect(await allChannels(db)).toHaveLength(2);
  });

  it('shrinks, and leaves an account that is lent until it is given back', async () => {
    await (await pool(4)).reconcile();
    const channels = await allChannels(db);
    await db.updateTable('channels').set({ submission_id: 'lent' }).where('key_index', '=', 3).execute();
    await (await pool(2)).reconcile();
    expect((await allChannels(db)).map((it) => it.key_index)).toEqual([0, 1, 3]);
    expect(await exists(channels[2]!.address)).toBe(false);
    await releaseChannel(db, 'lent', true);
    await (await pool(2)).reconcile();
    expect((await allChannels(db)).map((it) => it.key_index)).toEqual([0, 1]);
    expect(await exists(channels[3]!.address)).toBe(false);
    expect((await sponsorEntry()).sponsoring).toBe(4);
  });

  it('takes back accounts that were to leave', async () => {
    await (await pool(3)).reconcile();
    await db
      .updateTable('channels')
      .set({ state: 'retiring', submission_id: 'lent' })
      .where('key_index', '=', 2)
      .execute();
    await (await pool(3)).reconcile();
    expect((await allChannels(db)).map((it) => it.state)).toEqual(['active', 'active', 'active']);
  });

  it('is made again on a network that was started afresh', async () => {
    await (await pool(2)).reconcile();
    await net.close();
    await startNetwork();
    await (await pool(2)).reconcile();
    for (const { address } of await allChannels(db)) expect(await exists(address)).toBe(true);
  });
});

describe('the seed', () => {
  it('opens under no other key encryption key, and gives the same keys under its own', async () => {
    const keys = await openChannelKeys(db, kek);
    await expect(openChannelKeys(db, new Uint8Array(32).fill(8))).rejects.toThrow('KEY_ENCRYPTION_KEY');
    expect((await openChannelKeys(db, kek))(7).secret()).toBe(keys(7).secret());
    expect(keys(7).secret()).not.toBe(keys(8).secret());
  });

  it('is not in the database', async () => {
    const sealed = await db.selectFrom('channel_seed').selectAll().execute();
    expect(JSON.stringify(sealed)).not.toContain((await openChannelKeys(db, kek))(0).secret());
  });
});
