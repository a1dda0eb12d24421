import {
  buildTransaction,
  transactionHash as hashOfSdk,
  invokeHostFunction,
  tokenCalls,
} from '@latchkey/sdk/chain';
import { FeeBumpTransaction as BaseFeeBump, Keypair, TransactionBuilder } from '@stellar/stellar-sdk/base';
import { TransactionEnvelope, TransactionV1Envelope } from '@stellar/stellar-sdk/xdr';
import { expect, it } from 'vitest';
import { createSponsor, signatureOf } from './sponsor.ts';
import { bumpIn, hashInLedger, transactionHash } from './transactionHashes.ts';

const passphrase = 'a network';
const sponsorKey = Keypair.fromRawEd25519Seed(Buffer.alloc(32, 1));
const channel = Keypair.fromRawEd25519Seed(Buffer.alloc(32, 2));
const token = 'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC';
const tx = buildTransaction({
  source: channel.publicKey(),
  sequenceNumber: 7n,
  feeStroops: 100,
  validUntilSeconds: 1_000n,
  body: invokeHostFunction(tokenCalls.transfer(token, token, channel.publicKey(), 5n), []),
});
const sponsor = createSponsor(
  { url: '', call: () => Promise.reject(new Error()) },
  sponsorKey.secret(),
  passphrase,
);

async function bump(): Promise<string> {
  const signatures = [signatureOf(channel, transactionHash(tx, passphrase))];
  return sponsor.feeBump(new TransactionV1Envelope({ tx, signatures }), 400n);
}

it("a transaction's hash is the SDK's", async () => {
  expect(transactionHash(tx, passphrase).toString('hex')).toBe(
    Buffer.from(await hashOfSdk(tx, passphrase)).toString('hex'),
  );
});

it('a fee bump is read by the Stellar SDK, with its hash, and signed by the sponsor', async () => {
  const envelopeXdr = await bump();
  const read = TransactionBuilder.fromXDR(envelopeXdr, passphrase);
  if (!(read instanceof BaseFeeBump)) throw new Error('no fee bump');
  const hash = read.hash();
  expect(hashInLedger(envelopeXdr, passphrase).toString('hex')).toBe(Buffer.from(hash).toString('hex'));
  expect(read.feeSource).toBe(sponsorKey.publicKey());
  const envelope = TransactionEnvelope.fromXdr(envelopeXdr, 'base64');
  if (envelope.type !== 'envelopeTypeTxFeeBump') throw new Error('no fee bump');
  const [signature] = envelope.value.signatures;
  expect(sponsorKey.verify(Buffer.from(hash), Buffer.from(signature!.signature.value))).toBe(true);
  expect(envelope.value.tx.toXdr('base64')).toBe(bumpIn(envelopeXdr).toXdr('base64'));
});

it('an envelope that was made elsewhere has the hash that it would have here', async () => {
  const envelopeXdr = await bump();
  const known = hashInLedger(envelopeXdr, passphrase).toString('hex');
  // The same bytes in a text that was never seen here.
  expect(hashInLedger(`${envelopeXdr} `, passphrase).toString('hex')).toBe(known);
});
