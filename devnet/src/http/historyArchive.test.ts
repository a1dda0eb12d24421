import { gunzipSync } from 'node:zlib';
import { Keypair } from '@stellar/stellar-sdk/base';
import * as xdr from '@stellar/stellar-sdk/xdr';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toHex } from '../bytes.ts';
import { createDevnet, type Devnet, type DevnetServer, serveDevnet } from '../index.ts';
import { sha256 } from '../sha256.ts';

type ArchiveState = {
  currentLedger: number;
  networkPassphrase: string;
  currentBuckets: { curr: string; snap: string }[];
};

let net: Devnet;
let served: DevnetServer;
const account = Keypair.random().publicKey();

beforeAll(async () => {
  net = await createDevnet({ closeIntervalSeconds: 0 });
  await net.fund(account);
  served = await serveDevnet(net, { port: 0 });
});
afterAll(() => served.close());

const get = (path: string) => fetch(`${served.url}/archive${path}`);
const state = async () => (await (await get('/.well-known/stellar-history.json')).json()) as ArchiveState;

async function records(path: string): Promise<{ content: Buffer; items: Buffer[] }> {
  const content = gunzipSync(Buffer.from(await (await get(path)).arrayBuffer()));
  const items: Buffer[] = [];
  for (let at = 0; at < content.length; ) {
    const length = content.readUInt32BE(at) & 0x7fff_ffff;
    items.push(content.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return { content, items };
}

function bucketPath(hash: string): string {
  return `/bucket/${hash.slice(0, 2)}/${hash.slice(2, 4)}/${hash.slice(4, 6)}/bucket-${hash}.xdr.gz`;
}

describe('the archive', () => {
  it('names the latest ledger and a bucket by its hash', async () => {
    const { currentLedger, networkPassphrase, currentBuckets } = await state();
    expect(currentLedger).toBe(net.latestLedger().sequence);
    expect(networkPassphrase).toBe(net.passphrase);
    const { content } = await records(bucketPath(currentBuckets[0]!.curr));
    expect(toHex(sha256(content))).toBe(currentBuckets[0]!.curr);
  });

  it('has every entry of the ledger in the bucket, and lifetimes beside them', async () => {
    const { currentBuckets } = await state();
    const { items } = await records(bucketPath(currentBuckets[0]!.curr));
    const [first, ...rest] = items.map((item) => xdr.BucketEntry.fromXdr(item));
    expect(first?.type).toBe('metaentry');
    const data = rest.map((entry) => (entry.type === 'liveentry' ? entry.liveEntry.data : null));
    const accounts = data.flatMap((it) =>
      it?.type === 'account' ? [String(it.account.accountId.toJson())] : [],
    );
    expect(accounts).toContain(account);
    expect(data.map((it) => it?.type)).toEqual(
      expect.arrayContaining(['contractData', 'configSetting', 'ttl']),
    );
  });

  it('has the header of that ledger', async () => {
    const { currentLedger } = await state();
    const name = currentLedger.toString(16).padStart(8, '0');
    const { items } = await records(`/ledger/00/00/00/ledger-${name}.xdr.gz`);
    expect(xdr.LedgerHeaderHistoryEntry.fromXdr(items[0]!).header.ledgerSeq).toBe(currentLedger);
  });

  it('keeps a bucket readable while the ledger moves on', async () => {
    const { currentBuckets: before } = await state();
    await net.fund(Keypair.random().publicKey());
    expect((await state()).currentBuckets[0]!.curr).not.toBe(before[0]!.curr);
    expect((await get(bucketPath(before[0]!.curr))).status).toBe(200);
  });

  it('has no other files', async () => {
    expect((await get('/history/00/00/00/history-0000003f.json')).status).toBe(404);
    expect((await get(bucketPath('0'.repeat(64)))).status).toBe(404);
  });
});
