// Diagnostic events that say why a transaction's resources, fee or footprint were refused, shaped as stellar-core's: the
// topics `error` and an SCError, and as data a sentence, with the numbers it is about beside it. The sentences are ours.
import * as xdr from '@stellar/stellar-sdk/xdr';

const code = xdr.ScErrorCode;

/** What a refusal is about. */
const CAUSES = {
  budgetExceeded: xdr.ScError.sceBudget(code.scecExceededLimit),
  storageExceeded: xdr.ScError.sceStorage(code.scecExceededLimit),
  storageInvalid: xdr.ScError.sceStorage(code.scecInvalidInput),
  storageType: xdr.ScError.sceStorage(code.scecUnexpectedType),
  internal: xdr.ScError.sceContext(code.scecInternalError),
  valueInvalid: xdr.ScError.sceValue(code.scecInvalidInput),
} as const;

export type Cause = keyof typeof CAUSES;

export function errorDiagnostic(
  cause: Cause,
  message: string,
  values: readonly (number | bigint | xdr.ScVal)[] = [],
): xdr.DiagnosticEvent {
  const topics = [xdr.ScVal.scvSymbol('error'), xdr.ScVal.scvError(CAUSES[cause])];
  const sentence = xdr.ScVal.scvString(message);
  const numbers = values.map((value) =>
    typeof value === 'object' ? value : xdr.ScVal.scvU64(BigInt.asUintN(64, BigInt(value))),
  );
  const data = numbers.length === 0 ? sentence : xdr.ScVal.scvVec([sentence, ...numbers]);
  return new xdr.DiagnosticEvent({
    inSuccessfulContractCall: false,
    event: new xdr.ContractEvent({
      ext: xdr.ExtensionPoint.v0(),
      contractId: null,
      type: xdr.ContractEventType.diagnostic,
      body: xdr.ContractEventBody.v0(new xdr.ContractEventV0({ topics, data })),
    }),
  });
}
