// What is offered for a place in a ledger: a fee bump by the sponsor around the transaction, at the going rate first,
// ten times as much whenever ledgers pass without it (the least a node takes in place of an earlier offer), and never
// above the ceiling of the submission. What is charged is the ledger's price, not the offer.
import type { Rpc } from '@latchkey/sdk/chain';
import { type Transaction, TransactionResult, type TransactionV1Envelope } from '@stellar/stellar-sdk/xdr';
import type { Submission } from '../db/submissions.ts';
import { recent } from './recent.ts';
import type { Sponsor } from './sponsor.ts';
import { bumpIn } from './transactionHashes.ts';

const MIN_RATE_STROOPS = 100n;
const REPLACEMENT_FACTOR = 10n;
/** Where others pay more, a bid is raised after this many ledgers without the transaction. */
export const RAISE_AFTER_LEDGERS = 2;
/** Nodes drop what has waited for four ledgers. */
export const RAISE_ANYHOW_AFTER_LEDGERS = 3;

/** Inclusion fee, for each operation, of a transaction that is always wrapped: what the network demands for itself. */
export const INNER_INCLUSION_FEE_STROOPS = MIN_RATE_STROOPS;

/** What recent transactions of its sort paid for an operation: what suffices nearly always, and the most. */
export async function paidRates(
  rpc: Rpc,
  transaction: Transaction,
): Promise<{ goingStroops: bigint; highestStroops: bigint }> {
  const { sorobanInclusionFee, inclusionFee } = await recent(rpc, 'getFeeStats');
  const { p90, max } = transaction.ext.type === 'sorobanData' ? sorobanInclusionFee : inclusionFee;
  const going = BigInt(p90);
  return {
    goingStroops: going > MIN_RATE_STROOPS ? going : MIN_RATE_STROOPS,
    highestStroops: BigInt(max),
  };
}

/** What the rate is paid for: each operation, and the bump itself. */
function feeUnits(transaction: Transaction): bigint {
  return BigInt(transaction.operations.length) + 1n;
}

export function resourceFeeStroops(transaction: Transaction): bigint {
  return transaction.ext.type === 'sorobanData' ? transaction.ext.value.resourceFee : 0n;
}

/** Fee of a bump that offers `rateStroops` for each operation. */
export function bumpFeeStroops(transaction: Transaction, rateStroops: bigint): bigint {
  return resourceFeeStroops(transaction) + feeUnits(transaction) * rateStroops;
}

const bumpOf = (row: Submission) => bumpIn(row.envelope_xdr!);

export function innerEnvelope(row: Submission): TransactionV1Envelope {
  return bumpOf(row).innerTx.value;
}

export function rateOf(row: Submission): bigint {
  const bump = bumpOf(row);
  const { tx } = bump.innerTx.value;
  return (bump.fee - resourceFeeStroops(tx)) / feeUnits(tx);
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
  const { tx } = innerEnvelope(row);
  const units = feeUnits(tx);
  return (feeCharged - resourceFeeStroops(tx) + units - 1n) / units;
}
