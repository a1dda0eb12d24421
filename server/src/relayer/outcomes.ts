// What became of a submission where its own transaction does not tell. A signed entry is public once it was sent, and may
// be included in anybody's transaction: its nonce on the ledger says whether it was. So nothing is called failed, and
// nobody told to ask again, before the nonces were looked at. Who included an entry is not asked, nor whether it was for this
// call: only its owner could sign two calls with one nonce.
import { errorTraits } from '@latchkey/sdk/api';
import { addressCredentials, nonceKey } from '@latchkey/sdk/chain';
import { type LedgerKey, SorobanAuthorizationEntry } from '@stellar/stellar-sdk/xdr';
import type { Submission } from '../db/submissions.ts';
import type { Chain, Change, Step } from './attempt.ts';
import { innerEnvelope } from './bids.ts';
import { readAccount } from './sponsor.ts';

/** The stored envelope can never be included: make another, with another account. */
const unsent: Change = {
  state: 'queued',
  channel: null,
  envelope_xdr: null,
  hash: null,
  valid_until_seconds: null,
  not_before: 0,
};

export const failed = (code: string, message: string): Change => ({
  state: 'failed',
  error_code: code,
  error_message: message,
});

const unknown = () => failed('OUTCOME_UNKNOWN', errorTraits('OUTCOME_UNKNOWN').text);

/** What can never be included is made again, except what only its owner could make again. */
export function neverIncluded(row: Submission): Change {
  return row.signed_xdr === null
    ? unsent
    : failed('TRANSACTION_EXPIRED', 'The network did not include it in time. Nothing was moved.');
}

/** The nonces that its entries use up. None of those that nobody but the transaction's source signs. */
export function nonceKeys(row: Submission): LedgerKey[] {
  return (JSON.parse(row.auth_xdr) as string[]).flatMap((xdr) => {
    const entry = SorobanAuthorizationEntry.fromXdr(xdr, 'base64');
    // Delegated credentials are refused before anything is sent.
    if (entry.credentials.type === 'sorobanCredentialsAddressWithDelegates') return [];
    const credentials = addressCredentials(entry);
    return credentials ? [nonceKey(credentials)] : [];
  });
}

type Nonces = 'used' | 'unused' | 'gone' | 'asked too early';

/** @param asOfLedger another node may have said what is to be explained: an answer from before says nothing */
async function lookAtNonces(
  chain: Chain,
  row: Submission,
  keys: LedgerKey[],
  asOfLedger: number,
): Promise<Nonces> {
  const asked = keys.map((it) => it.toXdr('base64'));
  const { entries, latestLedger } = await chain.rpc.call('getLedgerEntries', { keys: asked });
  if (entries.length > 0) return 'used';
  if (latestLedger < asOfLedger) return 'asked too early';
  const isValid = row.auth_expires_at_ledger !== null && latestLedger < row.auth_expires_at_ledger;
  return isValid ? 'unused' : 'gone';
}

/**
 * The same step, unless it would call something failed that has happened, or that may have; null to ask again.
 * @param asOfLedger from which ledger on the nonces tell
 */
export async function unlessDone(
  chain: Chain,
  row: Submission,
  step: Step,
  asOfLedger: number,
): Promise<Step> {
  if (step?.state !== 'failed' || step.error_code === 'OUTCOME_UNKNOWN') return step;
  const keys = nonceKeys(row);
  if (keys.length === 0) return step;
  const nonces = await lookAtNonces(chain, row, keys, asOfLedger);
  if (nonces === 'asked too early') return null;
  if (nonces === 'used')
    return {
      state: 'confirmed',
      // The transaction is somebody else's; what ours cost, if it came that far, stays.
      hash: null,
      ledger: null,
      ledger_closed_at: null,
      result_xdr: step.result_xdr ?? null,
      fee_charged_stroops: step.fee_charged_stroops ?? null,
    };
  if (row.attempts === 0) return step;
  return { ...step, ...(nonces === 'gone' ? unknown() : stillPossible(step, row.auth_expires_at_ledger!)) };
}

/** What was sent once is out of our hands for as long as its signatures hold. */
function stillPossible({ error_message }: Change, expiresAtLedger: number): Change {
  const message = (error_message ?? '').replace('Nothing was moved.', 'Nothing was moved so far.');
  return {
    error_message: `${message} Its signatures hold until ledger ${expiresAtLedger}; until then others may still carry it out.`,
  };
}

/**
 * After an outage longer than the node's memory: used nonces mean included, unused and still valid ones mean not. A call
 * that nobody signs (deployment, execution of a rotation) can be repeated without harm. Operations have no nonce: the
 * account was lent to this submission alone, so its sequence number is unused if the envelope was not included.
 * @param asOfLedger in which its time was over
 */
export async function afterForgetting(chain: Chain, row: Submission, asOfLedger: number): Promise<Step> {
  if (row.operations_xdr !== null) {
    const { sourceAccount, seqNum } = innerEnvelope(row).tx;
    const account = await readAccount(chain.rpc, String(sourceAccount.toJson()));
    if (account.sequenceNumber >= seqNum) return unknown();
    return account.asOfLedger < asOfLedger ? null : neverIncluded(row);
  }
  const keys = nonceKeys(row);
  if (keys.length === 0) return neverIncluded(row);
  const nonces = await lookAtNonces(chain, row, keys, asOfLedger);
  if (nonces === 'asked too early') return null;
  if (nonces === 'used') return { state: 'confirmed', hash: null };
  return nonces === 'unused' ? neverIncluded(row) : unknown();
}
