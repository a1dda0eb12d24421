// Transaction results in words: the code stellar-core gave, and the contract error behind a trapped call.

import { contractErrors } from '@latchkey/sdk/chain';
import { DiagnosticEvent, TransactionMeta, TransactionResult } from '@stellar/stellar-sdk/xdr';

/** What became of the transaction that was signed: of a fee bump, the inner one's result. */
export function transactionResult(resultXdr: string) {
  const { result } = TransactionResult.fromXdr(resultXdr, 'base64');
  const isOfInner = result.type === 'txFeeBumpInnerSuccess' || result.type === 'txFeeBumpInnerFailed';
  return isOfInner ? result.value.result.result : result;
}

/** "txBadSeq", "txFailed: invokeHostFunctionTrapped", … */
export function resultCode(resultXdr: string): string {
  const result = transactionResult(resultXdr);
  if (result.type !== 'txFailed') return result.type;
  const [operation] = result.value;
  if (!operation) return result.type;
  const inner = operation.type === 'opInner' ? operation.value.value : operation;
  const code = (inner as { type?: string }).type ?? operation.type;
  return `${result.type}: ${code}`;
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
