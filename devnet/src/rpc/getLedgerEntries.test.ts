import { Keypair } from '@stellar/stellar-sdk/base';
import * as xdr from '@stellar/stellar-sdk/xdr';
import { beforeAll, describe, expect, it } from 'vitest';
import { createDevnet, type Devnet } from '../index.ts';

let net: Devnet;
const [alice, bob, nobody] = [Keypair.random(), Keypair.random(), Keypair.random()];
const accountKey = (keypair: Keypair) =>
  xdr.LedgerKey.account(new xdr.LedgerKeyAccount({ accountId: keypair.xdrAccountId() })).toXdr('base64');
const get = async (keys: string[], xdrFormat = '') =>
  (await net.rpc('getLedgerEntries', { keys, xdrFormat })) as {
    entries: Record<string, unknown>[];
    latestLedger: number;
  };

beforeAll(async () => {
  net = await createDevnet();
  await net.fund(alice.publicKey());
  await net.fund(bob.publicKey());
});

describe('getLedgerEntries', () => {
  it('answers in the order asked, repeats included, and leaves out what is missing', async () => {
    const keys = [bob, nobody, alice, bob].map(accountKey);
    const { entries, latestLedger } = await get(keys);
    expect(entries.map(({ key }) => key)).toEqual([bob, alice, bob].map(accountKey));
    expect(entries.map(({ lastModifiedLedgerSeq }) => lastModifiedLedgerSeq)).toEqual([3, 2, 3]);
    expect(entries[0]).not.toHaveProperty('liveUntilLedgerSeq');
    expect(latestLedger).toBe(net.latestLedger().sequence);
  });

  it('gives every network setting, mainnet limits among them', async () => {
    const ids = Array.from({ length: 17 }, (_, id) =>
      Buffer.from([0, 0, 0, 8, 0, 0, 0, id]).toString('base64'),
    );
    const { entries } = await get(ids, 'json');
    expect(entries).toHaveLength(17);
    expect(JSON.stringify(entries)).toContain('"tx_max_instructions":"400000000"');
  });

  it('speaks XDR-JSON when asked', async () => {
    const { entries } = await get([accountKey(alice)], 'json');
    expect(entries[0]).toMatchObject({
      keyJson: { account: { account_id: alice.publicKey() } },
      dataJson: { account: { balance: '100000000000' } },
      extJson: 'v0',
    });
    expect(entries[0]).not.toHaveProperty('xdr');
  });

  it('refuses too many keys, bad keys and TTL keys', async () => {
    const ttl = xdr.LedgerKey.ttl(new xdr.LedgerKeyTtl({ keyHash: new Uint8Array(32) })).toXdr('base64');
    await expect(get(Array(201).fill(accountKey(alice)))).rejects.toThrow('key count (201) exceeds');
    await expect(get([accountKey(alice), 'AAAA'])).rejects.toThrow(
      'cannot unmarshal key value AAAA at index 1',
    );
    await expect(get([ttl])).rejects.toThrow('ttl entries cannot be queried directly');
  });
});
