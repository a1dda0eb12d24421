// Transactions that really happened on testnet, as public pages show them, replayed on the accounts they met: hash and
// result must be those of then, and what they moved too.
import { Asset, hash, Keypair, xdr } from '@stellar/stellar-sdk';
import { describe, expect, it } from 'vitest';
import { createDevnet } from '../index.ts';
import { decodeTransaction } from './transactionFrame.ts';

const TESTNET = 'Test SDF Network ; September 2015';
const networkId = new Uint8Array(hash(Buffer.from(TESTNET)));

async function openTestnet(entries: readonly xdr.LedgerEntryData[]) {
  const net = await createDevnet({ passphrase: TESTNET, nowSeconds: () => 1_800_000_000 });
  for (const data of entries) {
    const entry = new xdr.LedgerEntry({ lastModifiedLedgerSeq: 1, data, ext: xdr.LedgerEntryExt.v0() });
    await net.setLedgerEntry(entry.toXdr('base64'));
  }
  return {
    async send(transaction: string) {
      const { hash: id } = (await net.rpc('sendTransaction', { transaction })) as { hash: string };
      const reply = (await net.rpc('getTransaction', { hash: id })) as { status: string; resultXdr: string };
      return { id, ...reply };
    },
    async account(accountId: xdr.AccountId): Promise<xdr.AccountEntry> {
      const key = xdr.LedgerKey.account(new xdr.LedgerKeyAccount({ accountId })).toXdr('base64');
      const { entries: found } = (await net.rpc('getLedgerEntries', { keys: [key] })) as {
        entries: { xdr: string }[];
      };
      const data = xdr.LedgerEntryData.fromXdr(found[0]!.xdr, 'base64');
      if (data.type !== 'account') throw new Error('not an account');
      return data.account;
    },
  };
}

function account(publicKey: Uint8Array, balance: bigint, seqNum: bigint): xdr.LedgerEntryData {
  return xdr.LedgerEntryData.account(
    new xdr.AccountEntry({
      accountId: xdr.PublicKey.publicKeyTypeEd25519(publicKey),
      balance,
      seqNum,
      numSubEntries: 0,
      inflationDest: null,
      flags: 0,
      homeDomain: '',
      thresholds: new Uint8Array([1, 0, 0, 0]),
      signers: [],
      ext: xdr.AccountEntryExt.v0(),
    }),
  );
}

function line(publicKey: Uint8Array, asset: Asset, balance: bigint): xdr.LedgerEntryData {
  return xdr.LedgerEntryData.trustline(
    new xdr.TrustLineEntry({
      accountId: xdr.PublicKey.publicKeyTypeEd25519(publicKey),
      asset: asset.toTrustLineXdrObject(),
      balance,
      limit: 2n ** 63n - 1n,
      flags: 1,
      ext: xdr.TrustLineEntryExt.v0(),
    }),
  );
}

describe('a transaction of the past', () => {
  it('friendbot makes an account, ledger 4586 of testnet', async () => {
    const envelope =
      'AAAAAJfwvT2ZL2JpGQ3sbKLRqRt8+4bs0iFEjVDuWyE5i60bAAAAZAAAAMoAAAAKAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAAEAAAAAEH3Rayw4M0iCLoEe96rPFNGYim8AVHJU0z4ebYZW4JwAAAAAAAAAAP+FxFvFo7kypsbnKGqL74f5G2kaDYe3GdG1o4WOv2XxAAAAF0h26AAAAAAAAAAAAjmLrRsAAABAfsPMIoEzviwifAXzNO2gANpUKjKD8hl9tnhCho+DDqSe3Y37awEfOw4/7Gh7eFzN9RG6K4ucC9LvBp8TXvnZC4ZW4JwAAABAH4YJK8pZNN6w6aTDBSWwcLiHHz1TEBxD/RDxJTDfME80hXnkJnneSZmP2d06X20Tj472p95cOEk18JIvdovaDQ==';
    const { source, tx } = decodeTransaction(envelope, networkId);
    const { body, sourceAccount } = tx.operations[0]!;
    if (body.type !== 'createAccount' || sourceAccount?.type !== 'keyTypeEd25519')
      throw new Error('another one');
    const bot = sourceAccount.ed25519.toBytes();
    // Balances as the metadata of then has them before the operation, with the fee of the source put back.
    const botBalance = 0x5ee06a87e64498n;
    const net = await openTestnet([
      account(source, 0x3c335c98n + 100n, tx.seqNum - 1n),
      account(bot, botBalance, 0xc10000000cn),
    ]);
    const reply = await net.send(envelope);
    expect(reply.id).toBe('d73d729aca83fc7205256137d46bf61693dd7d0d75cf29ab2350f3e0c6ce35d7');
    expect(reply.resultXdr).toBe('AAAAAAAAAGQAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAA=');
    expect((await net.account(body.createAccountOp.destination)).balance).toBe(0x174876e800n);
    expect((await net.account(xdr.PublicKey.publicKeyTypeEd25519(bot))).balance).toBe(0x5ee0533f6f5c98n);
    const after = await net.account(xdr.PublicKey.publicKeyTypeEd25519(source));
    expect([after.balance, after.seqNum]).toEqual([0x3c335c98n, 0xca0000000an]);
  });

  it('an account pays itself with a memo, ledger 2352988 of testnet', async () => {
    const envelope =
      'AAAAAIa40u4flA7s3ULXzfZ5AiTVvlwikHk6uNsqPY6p3vbXAAAAZAAj50cAAAACAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAABAAAAB2Fmc2RmYXMAAAAAAQAAAAAAAAABAAAAAIa40u4flA7s3ULXzfZ5AiTVvlwikHk6uNsqPY6p3vbXAAAAAAAAAAEqBfIAAAAAAAAAAAGp3vbXAAAAQKElK3CoNo1f8fWIGeJm98lw2AaFiyVVFhx3uFok0XVW3MHV9MubtEhfA+n1iLPrxmzHtHfmZsumWk+sOEQlSwI=';
    const { source, tx } = decodeTransaction(envelope, networkId);
    const net = await openTestnet([account(source, 0x174876e79cn, tx.seqNum - 1n)]);
    const reply = await net.send(envelope);
    expect(reply.id).toBe('cb9a25394acb6fe0d1d9bdea5afc01cafe2c6fde59a96ddceb2564a65780a81f');
    expect(reply.resultXdr).toBe('AAAAAAAAAGQAAAAAAAAAAQAAAAAAAAABAAAAAAAAAAA=');
    const after = await net.account(xdr.PublicKey.publicKeyTypeEd25519(source));
    expect([after.balance, after.seqNum]).toEqual([0x174876e738n, 0x23e74700000002n]);
  });

  it.each([
    {
      name: 'an issuer pays in its asset',
      envelope:
        'AAAAAK6jei3jmoI8TGlD/egc37PXtHKKzWV8wViZBaCu5L5MAAAAZAAAAAIAAAABAAAAAAAAAAAAAAABAAAAAAAAAAEAAAAAbmgm1V2dg5V1mq1elMcG1txjSYKZ9wEgoSBaeW8UiFoAAAABVVNEAAAAAACuo3ot45qCPExpQ/3oHN+z17Ryis1lfMFYmQWgruS+TAAAAAA7msoAAAAAAAAAAAGu5L5MAAAAQEnKDbDYvKkJjYK0arvhFln+GK0+7Ay6g0a+1hjRRelEAe4wmjeqNcRg2m4Cn7t4AjJzAsDQI0iXahGboJPINAw=',
      id: '56e3216045d579bea40f2d35a09406de3a894ecb5be70dbda5ec9c0427a0d5a1',
      result: 'AAAAAAAAAGQAAAAAAAAAAQAAAAAAAAABAAAAAAAAAAA=',
      held: 0n,
    },
    {
      name: 'a holder pays more than it has',
      envelope:
        'AAAAAG5oJtVdnYOVdZqtXpTHBtbcY0mCmfcBIKEgWnlvFIhaAAAAZAAAAAIAAAACAAAAAAAAAAAAAAABAAAAAAAAAAEAAAAAO2C/AO45YBD3tHVFO1R3A0MekP8JR6nN1A9eWidyItUAAAABVVNEAAAAAACuo3ot45qCPExpQ/3oHN+z17Ryis1lfMFYmQWgruS+TAAAAAB3NZQAAAAAAAAAAAFvFIhaAAAAQKcGS9OsVnVHCVIH04C9ZKzzKYBRdCmy+Jwmzld7QcALOxZUcAgkuGfoSdvXpH38mNvrqQiaMsSNmTJWYRzHvgo=',
      id: 'aa168f12124b7c196c0adaee7c73a64d37f99428cacb59a91ff389626845e7cf',
      result: 'AAAAAAAAAGT/////AAAAAQAAAAAAAAAB/////gAAAAA=',
      held: 1_000_000_000n,
    },
  ])('$name, in a scenario of Horizon', async ({ envelope, id, result, held }) => {
    const { source, tx } = decodeTransaction(envelope, networkId);
    const { body } = tx.operations[0]!;
    if (body.type !== 'payment' || body.paymentOp.destination.type !== 'keyTypeEd25519')
      throw new Error('another');
    const destination = body.paymentOp.destination.ed25519.toBytes();
    const issuer = Keypair.fromPublicKey('GCXKG6RN4ONIEPCMNFB732A436Z5PNDSRLGWK7GBLCMQLIFO4S7EYWVU');
    const usd = new Asset('USD', issuer.publicKey());
    const isIssuer = Buffer.from(source).equals(issuer.rawPublicKey());
    const net = await openTestnet([
      account(source, 10_000_000_000n, tx.seqNum - 1n),
      account(destination, 10_000_000_000n, 1n),
      line(destination, usd, 0n),
      ...(isIssuer ? [] : [line(source, usd, held)]),
    ]);
    const reply = await net.send(envelope);
    expect([reply.id, reply.resultXdr]).toEqual([id, result]);
  });
});
