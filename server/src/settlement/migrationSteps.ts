// Which step a migration takes next, from its row, the submissions that its last step and its close were, and the managed
// account as the ledger has it: a pure function, so that the same is done again after a crash anywhere. What the ledger holds
// decides, as of a ledger that is not older than what is known already; that the account is gone is believed only where a
// close of ours can have ended it, because after that its seed is thrown away.
import type { Migration } from '../db/settlementMigrations.ts';
import type { Submission } from '../db/submissions.ts';
import { mergedBalanceStroops } from '../relayer/resultCodes.ts';
import type { ManagedAccount } from './managedAccount.ts';
import { sentTransfer } from './migrationTransfer.ts';

export type NextStep =
  | { what: 'wait' }
  /** nothing is left to transfer: payments go to the smart wallet from now on */
  | { what: 'move-mirror' }
  | { what: 'transfer'; asset: 'usdc' | 'native'; amount: bigint }
  | { what: 'close' }
  /** the account is gone, by a close of ours, of which the network may have forgotten how it ended */
  | { what: 'note-closed' }
  /** somebody has made the account again meanwhile, or it was never closed: whatever it holds goes the same way */
  | { what: 'reopen' }
  /** @param before an earlier try, which may have been carried out by others: what was signed once is never signed anew */
  | { what: 'return'; stroops: bigint; before: Submission | null }
  | { what: 'finish' }
  | { what: 'stop'; code: string; message: string };

/** Contract ids of what an account can hold. */
export type Tokens = { usdc: string; native: string };

/** @param last the submission that the migration names, if there still is one; `close` that which ends the account */
export type Known = {
  migration: Migration;
  last: Submission | null;
  close: Submission | null;
  account: ManagedAccount;
  tokens: Tokens;
  nowMs: number;
};

/** After these the same step may do better the next time, and asking the owner would not help. */
const WORTH_ANOTHER_TRY = ['TRANSACTION_EXPIRED', 'OUTCOME_UNKNOWN'];
/** From this round on, whoever sends dust all the time has it moved more and more rarely. */
const FIRST_SLOW_ROUND = 3;
const SLOW_ROUND_MS = 5_000;
const SLOWEST_ROUND_MS = 3_600_000;
const NOT_SHOWN = 'The network node does not show the account at the moment. Nothing was changed.';

function stopFor(last: Submission): NextStep {
  return {
    what: 'stop',
    code: last.error_code ?? 'TRANSACTION_FAILED',
    message: last.error_message ?? 'The network refused it.',
  };
}

const canBeTriedAgain = (last: Submission) => WORTH_ANOTHER_TRY.includes(last.error_code ?? '');

function isTooSoon({ round, updated_at }: Migration, nowMs: number): boolean {
  if (round < FIRST_SLOW_ROUND) return false;
  const pauseMs = Math.min(SLOW_ROUND_MS * 2 ** (round - FIRST_SLOW_ROUND), SLOWEST_ROUND_MS);
  return nowMs < updated_at + pauseMs;
}

/** Out of the account, or what comes after that when there is nothing in it. */
function moveOut({ migration, last, close, account, tokens, nowMs }: Known): NextStep {
  const isConfirmed = migration.state === 'confirmed';
  if (!account.isThere) {
    const mayBeClosed = close?.state === 'failed' && close.error_code === 'OUTCOME_UNKNOWN';
    if (mayBeClosed || close?.state === 'confirmed') return { what: 'note-closed' };
    return { what: 'stop', code: 'NETWORK_UNAVAILABLE', message: NOT_SHOWN };
  }
  const isFailed = last?.state === 'failed';
  // XLM that comes later goes with the merge, so that nobody can hold the end up by sending some.
  const strayStroops = migration.moved_native_stroops === '0' ? account.movableStroops : 0n;
  if (account.usdc > 0n || strayStroops > 0n) {
    // The mirror follows the USDC, so those come first.
    const asset = account.usdc > 0n ? 'usdc' : 'native';
    if (asset === 'native' && isConfirmed) return { what: 'move-mirror' };
    if (!isConfirmed && isTooSoon(migration, nowMs)) return { what: 'wait' };
    const amount = asset === 'usdc' ? account.usdc : strayStroops;
    const before = isFailed ? sentTransfer(last) : null;
    // Refused although the balance is still what it was: there is another reason.
    const isTheSame = before?.amount === amount && before.token === tokens[asset];
    if (isFailed && isTheSame && !canBeTriedAgain(last)) return stopFor(last);
    return { what: 'transfer', asset, amount };
  }
  if (isConfirmed) return { what: 'move-mirror' };
  if (isFailed && last.kind === 'close-settlement' && !canBeTriedAgain(last)) return stopFor(last);
  return { what: 'close' };
}

/** Once the account was merged: what came to it in between is the merchant's, and then there is nothing left to sign for. */
function afterClose({ last, account }: Known): NextStep {
  if (last?.kind === 'close-settlement' && last.state === 'confirmed' && last.result_xdr !== null) {
    const stroops = mergedBalanceStroops(last.result_xdr) ?? 0n;
    if (stroops > 0n) return { what: 'return', stroops, before: null };
  }
  if (last?.kind === 'return-settlement' && last.state === 'failed') {
    const stroops = sentTransfer(last)?.amount ?? 0n;
    if (stroops > 0n) return { what: 'return', stroops, before: last };
  }
  return account.isThere ? { what: 'reopen' } : { what: 'finish' };
}

export function nextStep(known: Known): NextStep {
  const { migration, last, account } = known;
  if (last?.state === 'queued' || last?.state === 'sent') return { what: 'wait' };
  // A node that is behind would show what was there before the last step.
  if (account.asOfLedger < Math.max(migration.seen_ledger, last?.ledger ?? 0)) return { what: 'wait' };
  switch (migration.state) {
    case 'confirmed':
    case 'transferred':
      return moveOut(known);
    case 'closed':
      return afterClose(known);
    default:
      return { what: 'wait' };
  }
}
