// The refundable part of a Soroban transaction's fee: events and rent. What was offered beyond it is given back
// after the transaction, so an operation records here what it used.
import { errorDiagnostic } from '../errorDiagnostic.ts';
import { declaredFee } from '../sorobanResources.ts';
import type { OperationContext } from './operation.ts';

/** Records the use, or answers false when the offered resource fee does not cover it. */
export function useRefundableFee(
  { host, frame, soroban }: OperationContext,
  used: { rentFeeStroops: bigint; eventBytes: number },
): boolean {
  const data = frame.sorobanData!;
  const { nonRefundableStroops, eventsStroops } = declaredFee(host, frame, data, used.eventBytes);
  const needed = eventsStroops + used.rentFeeStroops;
  const offered = data.resourceFee - nonRefundableStroops;
  if (needed > offered) {
    const message = 'events and rent cost more than resourceFee leaves for them';
    soroban.diagnosticEvents.push(errorDiagnostic('budgetExceeded', message, [needed, offered]).toXdr());
    return false;
  }
  soroban.rentFeeStroops = used.rentFeeStroops;
  soroban.eventsFeeStroops = eventsStroops;
  return true;
}
