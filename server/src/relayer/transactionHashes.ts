// Hashes of transactions and of fee bumps as the network makes them (TransactionSignaturePayload), at once and by Node's
// own SHA-256, and fee bumps of ours with what was known of them when they were made, so that they are not read again.
import { createHash } from 'node:crypto';
import {
  type DecoratedSignature,
  type FeeBumpTransaction,
  type Transaction,
  TransactionEnvelope,
} from '@stellar/stellar-sdk/xdr';

/** EnvelopeType of the XDR. */
const TRANSACTION = Buffer.from([0, 0, 0, 2]);
const FEE_BUMP = Buffer.from([0, 0, 0, 5]);
/** The number of signatures, before the one there is. */
const ONE_SIGNATURE = Buffer.from([0, 0, 0, 1]);
/** Fee bumps that are remembered: about as many as may be on their way. */
const MAX_BUMPS = 512;
/** Networks whose ids are remembered. */
const MAX_NETWORKS = 8;

type Bump = { transaction: FeeBumpTransaction; hash: Buffer | null };

const networkIds = new Map<string, Buffer>();
const bumps = new Map<string, Bump>();

function remember<T>(map: Map<string, T>, max: number, key: string, value: T): void {
  map.set(key, value);
  if (map.size > max) map.delete(map.keys().next().value!);
}

function networkId(passphrase: string): Buffer {
  let id = networkIds.get(passphrase);
  if (!id) {
    id = createHash('sha256').update(passphrase).digest();
    remember(networkIds, MAX_NETWORKS, passphrase, id);
  }
  return id;
}

function hashOf(type: Buffer, body: Uint8Array, passphrase: string): Buffer {
  return createHash('sha256').update(networkId(passphrase)).update(type).update(body).digest();
}

export function transactionHash(transaction: Transaction, networkPassphrase: string): Buffer {
  return hashOf(TRANSACTION, transaction.toXdr(), networkPassphrase);
}

export function feeBumpHash(transaction: FeeBumpTransaction, networkPassphrase: string): Buffer {
  return hashOf(FEE_BUMP, transaction.toXdr(), networkPassphrase);
}

/** An envelope with what `sign` gives for the hash. What it is made of is encoded once. */
export function signedBump(
  transaction: FeeBumpTransaction,
  networkPassphrase: string,
  sign: (hash: Buffer) => DecoratedSignature,
): string {
  const body = transaction.toXdr();
  const hash = hashOf(FEE_BUMP, body, networkPassphrase);
  const envelope = Buffer.concat([FEE_BUMP, body, ONE_SIGNATURE, sign(hash).toXdr()]);
  const envelopeXdr = envelope.toString('base64');
  remember(bumps, MAX_BUMPS, envelopeXdr, { transaction, hash });
  return envelopeXdr;
}

/** The fee bump in a stored envelope. */
export function bumpIn(envelopeXdr: string): FeeBumpTransaction {
  const known = bumps.get(envelopeXdr);
  if (known) return known.transaction;
  const envelope = TransactionEnvelope.fromXdr(envelopeXdr, 'base64');
  if (envelope.type !== 'envelopeTypeTxFeeBump') throw new TypeError('submissions are stored as fee bumps');
  remember(bumps, MAX_BUMPS, envelopeXdr, { transaction: envelope.value.tx, hash: null });
  return envelope.value.tx;
}

/** The hash under which the ledger has it: of the bump that got in, not of what is inside. */
export function hashInLedger(envelopeXdr: string, networkPassphrase: string): Buffer {
  const known = bumps.get(envelopeXdr)?.hash;
  if (known) return known;
  const envelope = TransactionEnvelope.fromXdr(envelopeXdr, 'base64');
  if (envelope.type === 'envelopeTypeTxFeeBump') return feeBumpHash(envelope.value.tx, networkPassphrase);
  if (envelope.type !== 'envelopeTypeTx') throw new TypeError('submissions are V1 envelopes');
  return transactionHash(envelope.value.tx, networkPassphrase);
}
