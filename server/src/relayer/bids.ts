// What is offered for a place in a ledger: a fee bump by the sponsor around the transaction, at the going rate first,
// ten times as much whenever ledgers pass without it (the least a node takes in place of an earlier offer), and never
// above the ceiling of the submission. What is charged is the ledger's price, not the offer.
import { bytesToHex, type Rpc, transactionHash } from '@latchkey/sdk/chain';
import {
  type FeeBumpTransaction,
  type Transaction,
  TransactionEnvelope,
  TransactionResult,
  type TransactionV1Envelope,
} from '@stellar/stellar-sdk/xdr';
import type { Submission } from '../db/submissions.ts';
import { feeBumpHash, type Sponsor } from './sponsor.ts';

const MIN_RATE_STROOPS = 100n;
/** The one operation, and the bump itself. */
const FEE_UNITS = 2n;
const REPLACEMENT_FACTOR = 10n;
/** Where others pay more, a bid is raised after this many ledgers without the transaction. */
export const RAISE_AFTER_LEDGERS = 2;
/** Nodes drop what has waited for four ledgers. */
export const RAISE_ANYHOW_AFTER_LEDGERS = 3;

/** Inclusion fee of a transaction that is always wrapped: what the network demands for itself. */
export const INNER_INCLUSION_FEE_STROOPS = MIN_RATE_STROOPS;

/** What recent contract calls paid for an operation: what suffices nearly always, and the most. */
export async function paidRates(rpc: Rpc): Promise<{ goingStroops: bigint; highestStroops: bigint }> {
  const { sorobanInclusionFee } = await rpc.call('getFeeStats');
  const p90 = BigInt(sorobanInclusionFee.p90);
  return {
    goingStroops: p90 > MIN_RATE_STROOPS ? p90 : MIN_RATE_STROOPS,
    highestStroops: BigInt(sorobanInclusionFee.max),
  };
}

export function resourceFeeStroops(transaction: Transaction): bigint {
  return transaction.ext.type === 'sorobanData' ? transaction.ext.value.resourceFee : 0n;
}

/** Fee of a bump that offers `rateStroops` for each operation. */
export function bumpFeeStroops(transaction: Transaction, rateStroops: bigint): bigint {
  return resourceFeeStroops(transaction) + FEE_UNITS * rateStroops;
}

function bumpOf(row: Submission): FeeBumpTransaction {
  const envelope = TransactionEnvelope.fromXdr(row.envelope_xdr!, 'base64');
  if (envelope.type !== 'envelopeTypeTxFeeBump') throw new TypeError('submissions are stored as fee bumps');
  return envelope.value.tx;
}

export function innerEnvelope(row: Submission): TransactionV1Envelope {
  return bumpOf(row).innerTx.value;
}

export function rateOf(row: Submission): bigint {
  const bump = bumpOf(row);
  return (bump.fee - resourceFeeStroops(bump.innerTx.value.tx)) / FEE_UNITS;
}

/** The envelope with a higher offer, to be stored before it is sent; null when the ceiling is reached. */
export async function raised(
  sponsor: Sponsor,
  row: Submission,
  atLeastRateStroops: bigint,
  latestLedger: number,
): Promise<Pick<Submission, 'envelope_xdr' | 'bids' | 'bid_at_ledger'> | null> {
  const inner = innerEnvelope(row);
  const replacing = rateOf(row) * REPLACEMENT_FACTOR;
  const rate = replacing > atLeastRateStroops ? replacing : atLeastRateStroops;
  const feeStroops = bumpFeeStroops(inner.tx, rate);
  if (feeStroops > BigInt(row.max_fee_stroops)) return null;
  return {
    envelope_xdr: await sponsor.feeBump(inner, feeStroops),
    bids: row.bids + 1,
    bid_at_ledger: latestLedger,
  };
}

/** The rate that a node says it wants, from its refusal with txInsufficientFee. */
export function demandedRateStroops(row: Submission, errorResultXdr: string): bigint {
  const { feeCharged } = TransactionResult.fromXdr(errorResultXdr, 'base64');
  const wanted = feeCharged - resourceFeeStroops(innerEnvelope(row).tx);
  return (wanted + FEE_UNITS - 1n) / FEE_UNITS;
}

/** The hash under which the ledger has it: of the bump that got in, not of what is inside. */
export async function hashInLedger(envelopeXdr: string, networkPassphrase: string): Promise<string> {
  const envelope = TransactionEnvelope.fromXdr(envelopeXdr, 'base64');
  if (envelope.type === 'envelopeTypeTxFeeBump')
    return bytesToHex(await feeBumpHash(envelope.value.tx, networkPassphrase));
  if (envelope.type !== 'envelopeTypeTx') throw new TypeError('submissions are V1 envelopes');
  return bytesToHex(await transactionHash(envelope.value.tx, networkPassphrase));
}
