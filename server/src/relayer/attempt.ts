// One step of one submission, and what the row becomes by it. Each step either changes nothing or leaves the row in a
// state from which the next step, in this process or after a restart, goes on without losing or doubling anything:
// the envelope and its hash are stored before they are sent, and a new envelope is made only when the stored one can
// never be included (its time has passed, or its sequence number was used by another transaction).

import { errorTraits, LatchkeyError } from '@latchkey/sdk/api';
import {
  addressCredentials,
  buildTransaction,
  bytesToHex,
  invokeHostFunction,
  nonceKey,
  type Rpc,
  simulate,
  transactionHash,
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
  hashInLedger,
  INNER_INCLUSION_FEE_STROOPS,
  innerEnvelope,
  paidRates,
  RAISE_AFTER_LEDGERS,
  RAISE_ANYHOW_AFTER_LEDGERS,
  raised,
  rateOf,
} from './bids.ts';
import { requireSponsorable, SponsorRefusal } from './policy.ts';
import {
  contractErrorOf,
  feeChargedStroops,
  resultCode,
  returnValueXdr,
  transactionResult,
} from './resultCodes.ts';
import { readAccount, type Sponsor, signatureOf } from './sponsor.ts';

/** How long an envelope may wait for a ledger. */
export const ENVELOPE_VALIDITY_SECONDS = 60n;
/** How long an envelope that somebody else signed may still be valid. */
export const GIVEN_VALIDITY_SECONDS = 300n;
const MAX_ENVELOPES = 5;
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
    | 'fee_charged_stroops'
    | 'error_code'
    | 'error_message'
  >
>;

/** `null` means: nothing new yet, ask again. */
export type Step = Change | null;

/** The account whose transaction a submission becomes, and the last sequence number known of it. */
export type Source = { keypair: Keypair; sequence: bigint | null };

/** The stored envelope can never be included: make another, with another account. */
const unsent: Change = {
  state: 'queued',
  channel: null,
  envelope_xdr: null,
  hash: null,
  valid_until_seconds: null,
};

/** What can never be included is made again, except what only its owner could make again. */
function neverIncluded(row: Submission): Change {
  return row.signed_xdr === null
    ? unsent
    : failed('TRANSACTION_EXPIRED', 'The network did not include it in time. Nothing was moved.');
}

const failed = (code: string, message: string): Change => ({
  state: 'failed',
  error_code: code,
  error_message: message,
});

/** queued -> an envelope with its hash, to be stored as `sent` and only then sent; or failed. */
export async function prepare(chain: Chain, row: Submission, source: Source | null): Promise<Step> {
  if (row.attempts >= MAX_ENVELOPES)
    return failed('TRANSACTION_EXPIRED', 'The network did not include it in time.');
  try {
    await chain.confirmNetwork();
    const made =
      row.signed_xdr === null ? await signedCall(chain, row, source) : givenEnvelope(row.signed_xdr);
    if (!('inner' in made)) return made;
    const { inner, latestLedger } = made;
    const { goingStroops: rate } = await paidRates(chain.rpc);
    const feeStroops = bumpFeeStroops(inner.tx, rate);
    if (feeStroops > BigInt(row.max_fee_stroops)) {
      return failed('FEE_ABOVE_LIMIT', `The network asks ${feeStroops} stroops, above the limit.`);
    }
    const { cond } = inner.tx;
    if (cond.type !== 'precondTime') throw new TypeError('a submission has time bounds');
    return {
      state: 'sent',
      envelope_xdr: await chain.sponsor.feeBump(inner, feeStroops),
      hash: bytesToHex(await transactionHash(inner.tx, chain.networkPassphrase)),
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

type Made = { inner: TransactionV1Envelope; latestLedger: number | null };

function givenEnvelope(signedXdr: string): Made {
  const envelope = TransactionEnvelope.fromXdr(signedXdr, 'base64');
  if (envelope.type !== 'envelopeTypeTx')
    throw new TypeError('signed transactions are stored as V1 envelopes');
  return { inner: envelope.value, latestLedger: null };
}

async function signedCall(chain: Chain, row: Submission, source: Source | null): Promise<Made | Change> {
  const hostFunction = HostFunction.fromXdr(row.host_function_xdr, 'base64');
  const auth = (JSON.parse(row.auth_xdr) as string[]).map((xdr) =>
    SorobanAuthorizationEntry.fromXdr(xdr, 'base64'),
  );
  if (!source) throw new TypeError('a call needs a channel account');
  const address = source.keypair.publicKey();
  requireSponsorable(
    { kind: row.kind, hostFunction, auth },
    { own: [chain.sponsor.address, address], factoryId: chain.factoryId },
  );
  const latest = await chain.rpc.call('getLatestLedger');
  if (row.auth_expires_at_ledger !== null && latest.sequence >= row.auth_expires_at_ledger) {
    return failed(
      'TRANSACTION_EXPIRED',
      'The approval expired before the network included it. Nothing was moved.',
    );
  }
  const simulation = await simulate(chain.rpc, { hostFunction, auth, source: address });
  const { ext, resources } = simulation.sorobanData;
  if (ext.type === 'resourceExt' && row.may_restore === 0)
    throw new SponsorRefusal('restore', 'it needs archived entries, whose restoration is not paid for');
  const resourceFee = resourceFeeWithHeadroom(simulation.minResourceFeeStroops);
  const sequence = source.sequence ?? (await readAccount(chain.rpc, address)).sequenceNumber;
  const transaction = buildTransaction({
    source: address,
    sequenceNumber: sequence + 1n,
    feeStroops: Number(resourceFee + INNER_INCLUSION_FEE_STROOPS),
    validUntilSeconds: BigInt(latest.closeTime) + ENVELOPE_VALIDITY_SECONDS,
    body: invokeHostFunction(hostFunction, auth),
    sorobanData: new SorobanTransactionData({ ext, resources, resourceFee }),
  });
  const hash = await transactionHash(transaction, chain.networkPassphrase);
  const signatures = [signatureOf(source.keypair, hash)];
  return {
    inner: new TransactionV1Envelope({ tx: transaction, signatures }),
    latestLedger: latest.sequence,
  };
}

/** What the network says of a stored envelope: a final change, a higher bid, or null while there is only to wait. */
export async function look(chain: Chain, row: Submission): Promise<Step> {
  const found = await chain.rpc.call('getTransaction', { hash: row.hash! });
  if (found.status === 'NOT_FOUND') {
    const validUntil = BigInt(row.valid_until_seconds!);
    if (BigInt(found.latestLedgerCloseTime) <= validUntil) return higherBid(chain, row, found.latestLedger);
    // "Not found" means "never included" only if the node remembers all the time in which it could have been.
    const validity = row.signed_xdr === null ? ENVELOPE_VALIDITY_SECONDS : GIVEN_VALIDITY_SECONDS;
    const remembered = BigInt(found.oldestLedgerCloseTime) <= validUntil - validity;
    return remembered ? neverIncluded(row) : lookAtNonces(chain, row);
  }
  const where = {
    ...(found.envelopeXdr ? { hash: await hashInLedger(found.envelopeXdr, chain.networkPassphrase) } : {}),
    ledger: found.ledger ?? null,
    ledger_closed_at: found.createdAt ? Number(found.createdAt) * 1000 : null,
  };
  const feeCharged = found.resultXdr ? String(feeChargedStroops(found.resultXdr)) : null;
  if (found.status === 'SUCCESS') {
    return {
      state: 'confirmed',
      ...where,
      fee_charged_stroops: feeCharged,
      return_value_xdr: found.resultMetaXdr ? returnValueXdr(found.resultMetaXdr) : null,
    };
  }
  const contractError = contractErrorOf(found.diagnosticEventsXdr ?? []);
  const code = found.resultXdr ? resultCode(found.resultXdr) : 'unknown result';
  const message = contractError?.text ?? `The network refused the transaction (${code}). Nothing was moved.`;
  return { ...failed('TRANSACTION_FAILED', message), ...where, fee_charged_stroops: feeCharged };
}

async function higherBid(chain: Chain, row: Submission, latestLedger: number): Promise<Step> {
  if (row.bid_at_ledger === null) return { bid_at_ledger: latestLedger };
  const waitedLedgers = latestLedger - row.bid_at_ledger;
  if (waitedLedgers < RAISE_AFTER_LEDGERS) return null;
  const { goingStroops, highestStroops } = await paidRates(chain.rpc);
  // While nobody pays more, places are drawn among equals: a higher bid would only outbid our own submissions.
  if (highestStroops <= rateOf(row) && waitedLedgers < RAISE_ANYHOW_AFTER_LEDGERS) return null;
  const bid = await raised(chain.sponsor, row, goingStroops, latestLedger);
  // At the ceiling: look at the price again after as many ledgers.
  return bid ?? { bid_at_ledger: latestLedger };
}

/**
 * After an outage longer than the node's memory the nonces tell: used means included, unused and still valid means
 * not. A call that nobody signs (deployment, execution of a rotation) can be repeated without harm.
 */
async function lookAtNonces(chain: Chain, row: Submission): Promise<Change> {
  const credentials = (JSON.parse(row.auth_xdr) as string[]).flatMap(
    (xdr) => addressCredentials(SorobanAuthorizationEntry.fromXdr(xdr, 'base64')) ?? [],
  );
  if (credentials.length === 0) return neverIncluded(row);
  const keys = credentials.map((it) => nonceKey(it).toXdr('base64'));
  const { entries, latestLedger } = await chain.rpc.call('getLedgerEntries', { keys });
  if (entries.length > 0) return { state: 'confirmed' };
  const valid = row.auth_expires_at_ledger !== null && latestLedger < row.auth_expires_at_ledger;
  return valid ? neverIncluded(row) : failed('OUTCOME_UNKNOWN', errorTraits('OUTCOME_UNKNOWN').text);
}

/**
 * Sends a stored envelope. Sending the same envelope again is harmless: the network includes it at most once.
 * Returns null when it is, or may be, on its way. Only a refusal of the very first sending is final: a later one says
 * nothing about the copy that another node may hold since then.
 */
export async function send(chain: Chain, row: Submission, isFirst: boolean): Promise<Step> {
  const reply = await chain.rpc.call('sendTransaction', { transaction: row.envelope_xdr! });
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
  return failed('TRANSACTION_FAILED', `The network refused the transaction (${result}). Nothing was moved.`);
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
  const usedByAnother = account.sequenceNumber >= seqNum && found.latestLedger >= account.asOfLedger;
  return usedByAnother ? neverIncluded(row) : null;
}
