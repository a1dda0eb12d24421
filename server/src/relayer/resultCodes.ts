// Transaction results in words: the code stellar-core gave, what it means where people meet it, and the contract error
// behind a trapped call.

import { contractErrors } from '@latchkey/sdk/chain';
import {
  DiagnosticEvent,
  type OperationResult,
  TransactionMeta,
  TransactionResult,
} from '@stellar/stellar-sdk/xdr';

/** What became of the transaction that was signed: of a fee bump, the inner one's result. */
export function transactionResult(resultXdr: string) {
  const { result } = TransactionResult.fromXdr(resultXdr, 'base64');
  const isOfInner = result.type === 'txFeeBumpInnerSuccess' || result.type === 'txFeeBumpInnerFailed';
  return isOfInner ? result.value.result.result : result;
}

/** Results of the operations, in their order; none when the transaction did not come as far as that. */
export function operationResults(resultXdr: string): OperationResult[] {
  const result = transactionResult(resultXdr);
  return result.type === 'txSuccess' || result.type === 'txFailed' ? result.value : [];
}

/** What the account had that an accountMerge among the operations closed; null when none did. */
export function mergedBalanceStroops(resultXdr: string): bigint | null {
  // In a failed transaction, operations that were undone are still shown as successes.
  if (transactionResult(resultXdr).type !== 'txSuccess') return null;
  for (const result of operationResults(resultXdr)) {
    if (result.type !== 'opInner' || result.value.type !== 'accountMerge') continue;
    if (result.value.value.type === 'accountMergeSuccess') return result.value.value.value;
  }
  return null;
}

/** "opBadAuth", "paymentUnderfunded", "accountMergeSuccess", … */
function operationCode(result: OperationResult): string {
  if (result.type !== 'opInner') return result.type;
  return (result.value.value as { type?: string }).type ?? result.type;
}

function failedOperationCode(resultXdr: string): string | null {
  const codes = operationResults(resultXdr).map(operationCode);
  return codes.find((it) => !it.endsWith('Success')) ?? null;
}

/** "txBadSeq", "txFailed: invokeHostFunctionTrapped", … */
export function resultCode(resultXdr: string): string {
  const { type } = transactionResult(resultXdr);
  const operation = type === 'txFailed' ? failedOperationCode(resultXdr) : null;
  return operation === null ? type : `${type}: ${operation}`;
}

const operationTexts: Record<string, string> = {
  opBadAuth: 'A signature that it needs is missing.',
  opNoAccount: 'The account that it is of does not exist.',
  opTooManySubentries: 'The account holds as many entries as an account can.',
  opTooManySponsoring: 'The sponsor stands for as many reserves as it can.',
  createAccountUnderfunded: 'The account that pays does not hold that much.',
  createAccountLowReserve: 'The amount is below the least that an account has to hold.',
  createAccountAlreadyExist: 'The account exists already.',
  paymentUnderfunded: 'The account does not hold that much.',
  paymentSrcNoTrust: 'The account has no trust line for the asset.',
  paymentSrcNotAuthorized: "The asset's issuer does not let the account pay with it.",
  paymentNoDestination: 'The destination does not exist.',
  paymentNoTrust: 'The destination has no trust line for the asset.',
  paymentNotAuthorized: "The asset's issuer does not let the destination hold it.",
  paymentLineFull: 'The destination may not hold that much of the asset.',
  changeTrustNoIssuer: 'The asset has no issuer.',
  changeTrustInvalidLimit: 'The account holds, or has offered, more of the asset than that.',
  changeTrustLowReserve: 'The account cannot pay the reserve of a trust line.',
  changeTrustCannotDelete: 'A liquidity pool share needs the trust line.',
  changeTrustNotAuthMaintainLiabilities: "The asset's issuer does not let the trust line be changed.",
  accountMergeNoAccount: 'The account to merge into does not exist.',
  accountMergeImmutableSet: 'The account was made so that it can never be merged.',
  accountMergeHasSubEntries: 'The account still has trust lines, signers, offers or data.',
  accountMergeSeqnumTooFar:
    'The sequence number of the account is too high for it to be merged in this ledger.',
  accountMergeDestFull: 'The account to merge into may not hold that much.',
  accountMergeIsSponsor: 'The account stands for reserves of others.',
  endSponsoringFutureReservesNotSponsored: 'Nobody has begun to sponsor the account.',
};

/** What kept an operation from happening, where there are words for it. */
export function operationText(resultXdr: string): string | null {
  const code = failedOperationCode(resultXdr);
  return code === null ? null : (operationTexts[code] ?? null);
}

export function feeChargedStroops(resultXdr: string): bigint {
  return TransactionResult.fromXdr(resultXdr, 'base64').feeCharged;
}

/** Return value of the invoked host function, as base64 XDR, or null when the metadata has none. */
export function returnValueXdr(metaXdr: string): string | null {
  const meta = TransactionMeta.fromXdr(metaXdr, 'base64');
  if (meta.type !== 'v3' && meta.type !== 'v4') return null;
  return meta.value.sorobanMeta?.returnValue?.toXdr('base64') ?? null;
}

/** The first contract error among a failed transaction's diagnostic events. */
export function contractErrorOf(diagnosticEventsXdr: string[]): { number: number; text: string } | null {
  for (const xdr of diagnosticEventsXdr) {
    for (const topic of DiagnosticEvent.fromXdr(xdr, 'base64').event.body.value.topics) {
      if (topic.type === 'scvError' && topic.value.type === 'sceContract') {
        const number = topic.value.value;
        return { number, text: contractErrors[number]?.text ?? `The contract refused it (error ${number}).` };
      }
    }
  }
  return null;
}
