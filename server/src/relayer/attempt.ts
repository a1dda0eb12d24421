// One step of one submission, and what the row becomes by it. Each step either changes nothing or leaves the row in a
// state from which the next step, in this process or after a restart, goes on without losing or doubling anything:
// the envelope and its hash are stored before they are sent, and a new envelope is made only when the stored one can
// never be included (its time has passed, or its sequence number was used by another transaction). Whether it happened by
// other means is told by outcomes.ts, whether a call or an operation is to be paid for by policy.ts and operations.ts.

import { LatchkeyError } from '@latchkey/sdk/api';
import {
  buildTransaction,
  bytesToHex,
  invokeHostFunction,
  type Rpc,
  type RpcMethods,
  simulate,
} from '@latchkey/sdk/chain';
import type { Keypair } from '@stellar/stellar-sdk/base';
import {
  HostFunction,
  SorobanAuthorizationEntry,
  SorobanTransactionData,
  TransactionEnvelope,
  TransactionV1Envelope,
} from '@stellar/stellar-sdk/xdr';
import type { Submission } from '../db/submissions.ts';
import {
  bumpFeeStroops,
  demandedRateStroops,
  INNER_INCLUSION_FEE_STROOPS,
  innerEnvelope,
  paidRates,
  RAISE_AFTER_LEDGERS,
  RAISE_ANYHOW_AFTER_LEDGERS,
  raised,
  rateOf,
} from './bids.ts';
import { type SignaturesOf, signedOperations } from './operations.ts';
import { afterForgetting, failed, neverIncluded, nonceKeys, unlessDone } from './outcomes.ts';
import { requireSponsorable, SponsorRefusal } from './policy.ts';
import { recent } from './recent.ts';
import {
  contractErrorOf,
  feeChargedStroops,
  operationText,
  resultCode,
  returnValueXdr,
  transactionResult,
} from './resultCodes.ts';
import type { KeptSimulations } from './simulations.ts';
import { readAccount, type Sponsor, signatureOf } from './sponsor.ts';
import { hashInLedger, transactionHash } from './transactionHashes.ts';

/** How long an envelope may wait for a ledger. */
export const ENVELOPE_VALIDITY_SECONDS = 60n;
/** How long an envelope that somebody else signed may still be valid. */
export const GIVEN_VALIDITY_SECONDS = 300n;
/** So many one after the other; after that with pauses, until the signatures expire. */
const MAX_ENVELOPES = 5;
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;
/** Room over the simulated resource fee, for state that changes before the transaction is applied. */
const RESOURCE_FEE_HEADROOM_PERCENT = 15n;

export function resourceFeeWithHeadroom(minResourceFeeStroops: bigint): bigint {
  return (minResourceFeeStroops * (100n + RESOURCE_FEE_HEADROOM_PERCENT)) / 100n;
}

export type Chain = {
  rpc: Rpc;
  sponsor: Sponsor;
  networkPassphrase: string;
  factoryId: string;
  nativeTokenId: string;
  /** of calls that were judged a moment ago */
  simulations?: KeptSimulations;
  /** @throws LatchkeyError NETWORK_UNAVAILABLE until the node is known to serve the configured network */
  confirmNetwork(): Promise<void>;
};

export type Change = Partial<
  Pick<
    Submission,
    | 'state'
    | 'envelope_xdr'
    | 'hash'
    | 'valid_until_seconds'
    | 'attempts'
    | 'bids'
    | 'bid_at_ledger'
    | 'errors'
    | 'not_before'
    | 'channel'
    | 'claimed_until'
    | 'ledger'
    | 'ledger_closed_at'
    | 'return_value_xdr'
    | 'result_xdr'
    | 'fee_charged_stroops'
    | 'error_code'
    | 'error_message'
  >
>;

/** `null` means: nothing new yet, ask again. */
export type Step = Change | null;

/** The account whose transaction a submission becomes, and the last sequence number known of it. */
export type Source = { keypair: Keypair; sequence: bigint | null };

export type Maker = {
  /** asked for each envelope of operations, for the signatures that it needs besides ours */
  signaturesOf?: SignaturesOf;
  nowMs?: () => number;
};

/** queued -> an envelope with its hash, to be stored as `sent` and only then sent; or failed; or later. */
export async function prepare(
  chain: Chain,
  row: Submission,
  source: Source | null,
  { signaturesOf = async () => [], nowMs = Date.now }: Maker = {},
): Promise<Step> {
  const step = afterMany(row, nowMs()) ?? (await nextEnvelope(chain, row, source, signaturesOf));
  if (step?.state !== 'failed' || nonceKeys(row).length === 0) return step;
  // What was never sent nobody has had the chance to include.
  const asOfLedger = row.attempts === 0 ? 0 : (await recent(chain.rpc, 'getLatestLedger')).sequence;
  return unlessDone(chain, row, step, asOfLedger);
}

/** What others may still include, because its signatures hold, is never given up, only made ever more rarely. */
function afterMany(row: Submission, nowMs: number): Step {
  if (row.attempts < MAX_ENVELOPES) return null;
  if (nonceKeys(row).length === 0)
    return failed('TRANSACTION_EXPIRED', 'The network did not include it in time.');
  if (row.not_before !== 0) return null;
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (row.attempts - MAX_ENVELOPES), LONGEST_PAUSE_MS);
  return { state: 'queued', channel: null, not_before: nowMs + pauseMs };
}

async function nextEnvelope(
  chain: Chain,
  row: Submission,
  source: Source | null,
  signaturesOf: SignaturesOf,
): Promise<Step> {
  try {
    await chain.confirmNetwork();
    const made = await envelopeOf(chain, row, source, signaturesOf);
    if (!('inner' in made)) return made;
    const { inner, latestLedger } = made;
    const { goingStroops: rate } = await paidRates(chain.rpc, inner.tx);
    const feeStroops = bumpFeeStroops(inner.tx, rate);
    if (feeStroops > BigInt(row.max_fee_stroops)) {
      return failed('FEE_ABOVE_LIMIT', `The network asks ${feeStroops} stroops, above the limit.`);
    }
    const { cond } = inner.tx;
    if (cond.type !== 'precondTime') throw new TypeError('a submission has time bounds');
    return {
      state: 'sent',
      envelope_xdr: await chain.sponsor.feeBump(inner, feeStroops),
      hash: bytesToHex(made.hash ?? transactionHash(inner.tx, chain.networkPassphrase)),
      valid_until_seconds: Number(cond.value.maxTime),
      attempts: row.attempts + 1,
      bids: 1,
      bid_at_ledger: latestLedger,
    };
  } catch (error) {
    if (error instanceof SponsorRefusal)
      return failed('NOT_SPONSORED', `Not sponsored (${error.rule}): ${error.message}.`);
    if (error instanceof LatchkeyError && error.code === 'SIMULATION_FAILED') {
      return failed('TRANSACTION_FAILED', error.message);
    }
    throw error;
  }
}

type Made = { inner: TransactionV1Envelope; hash?: Uint8Array; latestLedger: number | null };

function envelopeOf(
  chain: Chain,
  row: Submission,
  source: Source | null,
  signaturesOf: SignaturesOf,
): Made | Promise<Made | Change> {
  if (row.signed_xdr !== null) return givenEnvelope(row.signed_xdr);
  if (!source) throw new TypeError('a submission needs a channel account');
  return row.operations_xdr === null
    ? signedCall(chain, row, source)
    : classicEnvelope(chain, row, source, signaturesOf);
}

/** The last sequence number that the source account has used. */
async function lastSequence(chain: Chain, { keypair, sequence }: Source): Promise<bigint> {
  return sequence ?? (await readAccount(chain.rpc, keypair.publicKey())).sequenceNumber;
}

async function classicEnvelope(
  chain: Chain,
  row: Submission,
  source: Source,
  signaturesOf: SignaturesOf,
): Promise<Made> {
  const latest = await recent(chain.rpc, 'getLatestLedger');
  const from = {
    keypair: source.keypair,
    sequenceNumber: (await lastSequence(chain, source)) + 1n,
    validUntilSeconds: BigInt(latest.closeTime) + ENVELOPE_VALIDITY_SECONDS,
  };
  return { inner: await signedOperations(chain, row, from, signaturesOf), latestLedger: latest.sequence };
}

function givenEnvelope(signedXdr: string): Made {
  const envelope = TransactionEnvelope.fromXdr(signedXdr, 'base64');
  if (envelope.type !== 'envelopeTypeTx')
    throw new TypeError('signed transactions are stored as V1 envelopes');
  return { inner: envelope.value, latestLedger: null };
}

async function signedCall(chain: Chain, row: Submission, source: Source): Promise<Made | Change> {
  const hostFunction = HostFunction.fromXdr(row.host_function_xdr, 'base64');
  const authXdr = JSON.parse(row.auth_xdr) as string[];
  const auth = authXdr.map((xdr) => SorobanAuthorizationEntry.fromXdr(xdr, 'base64'));
  const address = source.keypair.publicKey();
  requireSponsorable(
    { kind: row.kind, hostFunction, auth },
    { own: [chain.sponsor.address, address], factoryId: chain.factoryId, nativeTokenId: chain.nativeTokenId },
  );
  const latest = await recent(chain.rpc, 'getLatestLedger');
  if (row.auth_expires_at_ledger !== null && latest.sequence >= row.auth_expires_at_ledger) {
    return failed(
      'TRANSACTION_EXPIRED',
      'The approval expired before the network included it. Nothing was moved.',
    );
  }
  const simulation =
    chain.simulations?.take(row.host_function_xdr, authXdr) ??
    (await simulate(chain.rpc, { hostFunction, auth, source: address }));
  const { ext, resources } = simulation.sorobanData;
  if (ext.type === 'resourceExt' && row.may_restore === 0)
    throw new SponsorRefusal('restore', 'it needs archived entries, whose restoration is not paid for');
  const resourceFee = resourceFeeWithHeadroom(simulation.minResourceFeeStroops);
  const transaction = buildTransaction({
    source: address,
    sequenceNumber: (await lastSequence(chain, source)) + 1n,
    feeStroops: Number(resourceFee + INNER_INCLUSION_FEE_STROOPS),
    validUntilSeconds: BigInt(latest.closeTime) + ENVELOPE_VALIDITY_SECONDS,
    body: invokeHostFunction(hostFunction, auth),
    sorobanData: new SorobanTransactionData({ ext, resources, resourceFee }),
  });
  const hash = transactionHash(transaction, chain.networkPassphrase);
  const signatures = [signatureOf(source.keypair, hash)];
  return {
    inner: new TransactionV1Envelope({ tx: transaction, signatures }),
    hash,
    latestLedger: latest.sequence,
  };
}

/** What the network says of a stored envelope: a final change, a higher bid, or null while there is only to wait. */
export async function look(chain: Chain, row: Submission): Promise<Step> {
  const found = await chain.rpc.call('getTransaction', { hash: row.hash! });
  return unlessDone(chain, row, await stepOf(chain, row, found), found.latestLedger);
}

async function stepOf(
  chain: Chain,
  row: Submission,
  found: RpcMethods['getTransaction']['result'],
): Promise<Step> {
  if (found.status === 'NOT_FOUND') {
    const validUntil = BigInt(row.valid_until_seconds!);
    if (BigInt(found.latestLedgerCloseTime) <= validUntil) return higherBid(chain, row, found.latestLedger);
    if (isRemembered(row, found)) return neverIncluded(row);
    return afterForgetting(chain, row, found.latestLedger);
  }
  const where = {
    ...(found.envelopeXdr
      ? { hash: bytesToHex(hashInLedger(found.envelopeXdr, chain.networkPassphrase)) }
      : {}),
    ledger: found.ledger ?? null,
    ledger_closed_at: found.createdAt ? Number(found.createdAt) * 1000 : null,
  };
  const resultXdr = found.resultXdr ?? null;
  const feeCharged = found.resultXdr ? String(feeChargedStroops(found.resultXdr)) : null;
  const isOwn = row.kind !== 'call' && row.kind !== 'envelope';
  if (found.status === 'SUCCESS') {
    return {
      state: 'confirmed',
      ...where,
      result_xdr: resultXdr,
      fee_charged_stroops: feeCharged,
      // Of what others ask for nobody reads it.
      return_value_xdr: isOwn && found.resultMetaXdr ? returnValueXdr(found.resultMetaXdr) : null,
    };
  }
  const contractError = contractErrorOf(found.diagnosticEventsXdr ?? []);
  return {
    ...failed('TRANSACTION_FAILED', contractError?.text ?? refusal(resultXdr)),
    ...where,
    result_xdr: resultXdr,
    fee_charged_stroops: feeCharged,
  };
}

function refusal(resultXdr: string | null): string {
  const code = resultXdr === null ? 'unknown result' : resultCode(resultXdr);
  const text = resultXdr === null ? null : operationText(resultXdr);
  const start = text === null ? '' : `${text} `;
  return `${start}The network refused the transaction (${code}). Nothing was moved.`;
}

/** Whether "not found" means "never included": the node has to remember all the time in which it could have been. */
function isRemembered(
  row: Submission,
  { oldestLedgerCloseTime }: { oldestLedgerCloseTime: string },
): boolean {
  const validity = row.signed_xdr === null ? ENVELOPE_VALIDITY_SECONDS : GIVEN_VALIDITY_SECONDS;
  return BigInt(oldestLedgerCloseTime) <= BigInt(row.valid_until_seconds!) - validity;
}

async function higherBid(chain: Chain, row: Submission, latestLedger: number): Promise<Step> {
  if (row.bid_at_ledger === null) return { bid_at_ledger: latestLedger };
  const waitedLedgers = latestLedger - row.bid_at_ledger;
  if (waitedLedgers < RAISE_AFTER_LEDGERS) return null;
  const { goingStroops, highestStroops } = await paidRates(chain.rpc, innerEnvelope(row).tx);
  // While nobody pays more, places are drawn among equals: a higher bid would only outbid our own submissions.
  if (highestStroops <= rateOf(row) && waitedLedgers < RAISE_ANYHOW_AFTER_LEDGERS) return null;
  const bid = await raised(chain.sponsor, row, goingStroops, latestLedger);
  // At the ceiling: look at the price again after as many ledgers.
  return bid ?? { bid_at_ledger: latestLedger };
}

/**
 * Sends a stored envelope. Sending the same envelope again is harmless: the network includes it at most once.
 * Returns null when it is, or may be, on its way. Only a refusal of the very first sending is final: a later one says
 * nothing about the copy that another node may hold since then.
 */
export async function send(chain: Chain, row: Submission, isFirst: boolean): Promise<Step> {
  const reply = await chain.rpc.call('sendTransaction', { transaction: row.envelope_xdr! });
  return unlessDone(chain, row, await afterSending(chain, row, isFirst, reply), reply.latestLedger);
}

async function afterSending(
  chain: Chain,
  row: Submission,
  isFirst: boolean,
  reply: RpcMethods['sendTransaction']['result'],
): Promise<Step> {
  if (reply.status !== 'ERROR') return null;
  const result = reply.errorResultXdr ? transactionResult(reply.errorResultXdr).type : '';
  if (result === 'txBadSeq') return sequenceNumberUsed(chain, row);
  if (!isFirst || result === 'txTooLate') return null;
  if (result === 'txInsufficientFee' && reply.errorResultXdr) {
    const demanded = demandedRateStroops(row, reply.errorResultXdr);
    const bid = await raised(chain.sponsor, row, demanded, reply.latestLedger);
    if (bid) return bid;
  }
  if (result === 'txInsufficientFee' || result === 'txInsufficientBalance') {
    return failed(
      'FEE_ABOVE_LIMIT',
      'The service cannot pay the network fee at the moment. Nothing was moved.',
    );
  }
  const resultXdr = reply.errorResultXdr ?? null;
  return { ...failed('TRANSACTION_FAILED', refusal(resultXdr)), result_xdr: resultXdr };
}

/**
 * The sequence number is taken: by this very envelope (then it is found), or by another transaction of its account.
 * Only in the second case, and only once a ledger at or after that use shows no trace of ours, is it given up.
 */
async function sequenceNumberUsed(chain: Chain, row: Submission): Promise<Step> {
  const { sourceAccount, seqNum } = innerEnvelope(row).tx;
  const account = await readAccount(chain.rpc, String(sourceAccount.toJson()));
  const found = await chain.rpc.call('getTransaction', { hash: row.hash! });
  if (found.status !== 'NOT_FOUND') return look(chain, row);
  const usedByAnother =
    account.sequenceNumber >= seqNum && found.latestLedger >= account.asOfLedger && isRemembered(row, found);
  return usedByAnother ? neverIncluded(row) : null;
}
