// One step of one submission, and what the row becomes by it. Each step either changes nothing or leaves the row in a
// state from which the next step, in this process or after a restart, goes on without losing or doubling anything:
// the envelope and its hash are stored before they are sent, and a new envelope is made only when the stored one can
// never be included (its time has passed, or its sequence number was used by another transaction).

import { errorTraits, LatchkeyError } from '@latchkey/sdk/api';
import {
  addressCredentials,
  buildTransaction,
  invokeHostFunction,
  nonceKey,
  type Rpc,
  simulate,
} from '@latchkey/sdk/chain';
import {
  HostFunction,
  SorobanAuthorizationEntry,
  SorobanTransactionData,
  TransactionEnvelope,
  TransactionResult,
} from '@stellar/stellar-sdk/xdr';
import type { Submission } from '../db/submissions.ts';
import { requireSponsorable, SponsorRefusal } from './policy.ts';
import { contractErrorOf, feeChargedStroops, resultCode, returnValueXdr } from './resultCodes.ts';
import type { Sponsor } from './sponsor.ts';

/** How long an envelope may wait for a ledger. */
export const ENVELOPE_VALIDITY_SECONDS = 60n;
const MAX_ENVELOPES = 5;
/** Room over the simulated resource fee, for state that changes before the transaction is applied. */
const RESOURCE_FEE_HEADROOM_PERCENT = 15n;

export function resourceFeeWithHeadroom(minResourceFeeStroops: bigint): bigint {
  return (minResourceFeeStroops * (100n + RESOURCE_FEE_HEADROOM_PERCENT)) / 100n;
}

export type Chain = {
  rpc: Rpc;
  sponsor: Sponsor;
  factoryId: string;
  maxFeeStroops: bigint;
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
    | 'errors'
    | 'not_before'
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

/** The stored envelope can never be included: make another. */
const unsent: Change = { state: 'queued', envelope_xdr: null, hash: null, valid_until_seconds: null };

const failed = (code: string, message: string): Change => ({
  state: 'failed',
  error_code: code,
  error_message: message,
});

/** queued -> an envelope with its hash, to be stored as `sent` and only then sent; or failed. */
export async function prepare(chain: Chain, row: Submission): Promise<Step> {
  if (row.attempts >= MAX_ENVELOPES)
    return failed('TRANSACTION_EXPIRED', 'The network did not include it in time.');
  const hostFunction = HostFunction.fromXdr(row.host_function_xdr, 'base64');
  const auth = (JSON.parse(row.auth_xdr) as string[]).map((xdr) =>
    SorobanAuthorizationEntry.fromXdr(xdr, 'base64'),
  );
  try {
    requireSponsorable(
      { kind: row.kind, hostFunction, auth },
      { sponsorAddress: chain.sponsor.address, factoryId: chain.factoryId },
    );
    await chain.confirmNetwork();
    const latest = await chain.rpc.call('getLatestLedger');
    if (row.auth_expires_at_ledger !== null && latest.sequence >= row.auth_expires_at_ledger) {
      return failed(
        'TRANSACTION_EXPIRED',
        'The approval expired before the network included it. Nothing was moved.',
      );
    }
    const source = chain.sponsor.address;
    const simulation = await simulate(chain.rpc, { hostFunction, auth, source });
    const fees = await chain.rpc.call('getFeeStats');
    const inclusionFee =
      BigInt(fees.sorobanInclusionFee.p90) > 100n ? BigInt(fees.sorobanInclusionFee.p90) : 100n;
    const resourceFee = resourceFeeWithHeadroom(simulation.minResourceFeeStroops);
    const feeStroops = inclusionFee + resourceFee;
    if (feeStroops > chain.maxFeeStroops) {
      return failed('FEE_ABOVE_LIMIT', `The network asks ${feeStroops} stroops, above this service's limit.`);
    }
    const account = await chain.sponsor.account();
    const validUntilSeconds = BigInt(latest.closeTime) + ENVELOPE_VALIDITY_SECONDS;
    const { ext, resources } = simulation.sorobanData;
    const transaction = buildTransaction({
      source,
      sequenceNumber: account.sequenceNumber + 1n,
      feeStroops: Number(feeStroops),
      validUntilSeconds,
      body: invokeHostFunction(hostFunction, auth),
      sorobanData: new SorobanTransactionData({ ext, resources, resourceFee }),
    });
    const { envelopeXdr, hash } = await chain.sponsor.sign(transaction);
    return {
      state: 'sent',
      envelope_xdr: envelopeXdr,
      hash,
      valid_until_seconds: Number(validUntilSeconds),
      attempts: row.attempts + 1,
    };
  } catch (error) {
    if (error instanceof SponsorRefusal)
      return failed('SIMULATION_FAILED', `Not sponsored: ${error.message}.`);
    if (error instanceof LatchkeyError && error.code === 'SIMULATION_FAILED') {
      return failed('TRANSACTION_FAILED', error.message);
    }
    throw error;
  }
}

/** What the network says of a stored envelope: a final change, or null while it may still be included. */
export async function look(chain: Chain, row: Submission): Promise<Step> {
  const found = await chain.rpc.call('getTransaction', { hash: row.hash! });
  if (found.status === 'NOT_FOUND') {
    const validUntil = BigInt(row.valid_until_seconds!);
    if (BigInt(found.latestLedgerCloseTime) <= validUntil) return null;
    // "Not found" means "never included" only if the node remembers all the time in which it could have been.
    const remembered = BigInt(found.oldestLedgerCloseTime) <= validUntil - ENVELOPE_VALIDITY_SECONDS;
    return remembered ? unsent : lookAtNonces(chain, row);
  }
  const where = {
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

/**
 * After an outage longer than the node's memory the nonces tell: used means included, unused and still valid means
 * not. A call that nobody signs (deployment, execution of a rotation) can be repeated without harm.
 */
async function lookAtNonces(chain: Chain, row: Submission): Promise<Change> {
  const credentials = (JSON.parse(row.auth_xdr) as string[]).flatMap(
    (xdr) => addressCredentials(SorobanAuthorizationEntry.fromXdr(xdr, 'base64')) ?? [],
  );
  if (credentials.length === 0) return unsent;
  const keys = credentials.map((it) => nonceKey(it).toXdr('base64'));
  const { entries, latestLedger } = await chain.rpc.call('getLedgerEntries', { keys });
  if (entries.length > 0) return { state: 'confirmed' };
  const valid = row.auth_expires_at_ledger !== null && latestLedger < row.auth_expires_at_ledger;
  return valid ? unsent : failed('OUTCOME_UNKNOWN', errorTraits('OUTCOME_UNKNOWN').text);
}

/**
 * Sends a stored envelope. Sending the same envelope again is harmless: the network includes it at most once.
 * Returns null when it is, or may be, on its way. Only a refusal of the very first sending is final: a later one says
 * nothing about the copy that another node may hold since then.
 */
export async function send(chain: Chain, row: Submission, isFirst: boolean): Promise<Step> {
  const reply = await chain.rpc.call('sendTransaction', { transaction: row.envelope_xdr! });
  if (reply.status !== 'ERROR') return null;
  const result = reply.errorResultXdr
    ? TransactionResult.fromXdr(reply.errorResultXdr, 'base64').result.type
    : '';
  if (result === 'txBadSeq') return sequenceNumberUsed(chain, row);
  if (!isFirst || result === 'txTooLate') return null;
  if (result === 'txInsufficientFee' || result === 'txInsufficientBalance') {
    return failed(
      'FEE_ABOVE_LIMIT',
      'The service cannot pay the network fee at the moment. Nothing was moved.',
    );
  }
  return failed('TRANSACTION_FAILED', `The network refused the transaction (${result}). Nothing was moved.`);
}

/**
 * The sequence number is taken: by this very envelope (then it is found), or by another transaction of the sponsor.
 * Only in the second case, and only once a ledger at or after that use shows no trace of ours, is it given up.
 */
async function sequenceNumberUsed(chain: Chain, row: Submission): Promise<Step> {
  const envelope = TransactionEnvelope.fromXdr(row.envelope_xdr!, 'base64');
  if (envelope.type !== 'envelopeTypeTx') throw new TypeError('submissions are stored as V1 envelopes');
  const account = await chain.sponsor.account();
  const found = await chain.rpc.call('getTransaction', { hash: row.hash! });
  if (found.status !== 'NOT_FOUND') return look(chain, row);
  const usedByAnother =
    account.sequenceNumber >= envelope.value.tx.seqNum && found.latestLedger >= account.asOfLedger;
  return usedByAnother ? unsent : null;
}
