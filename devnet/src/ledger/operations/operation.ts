// What every operation implements, and the table of those this network knows. An operation that is missing here
// is answered with opNOT_SUPPORTED.
import * as xdr from '@stellar/stellar-sdk/xdr';
import type { SorobanHost } from '../../engine/sorobanHost.ts';
import type { LedgerDelta } from '../entryStore.ts';
import type { NetworkSettings } from '../limits.ts';
import type { ThresholdLevel } from '../signatureChecker.ts';
import type { OpenSponsorships } from '../sponsorship.ts';
import type { TransactionFrame } from '../transactionFrame.ts';

/** The ledger that a transaction is applied in. */
export type ClosingLedger = {
  readonly sequence: number;
  readonly closeTimeSeconds: number;
  readonly networkId: Uint8Array;
  readonly nativeContractId: Uint8Array;
  readonly protocolVersion: number;
  readonly settings: NetworkSettings;
  /** Addresses (G… or C…) that need no signature, for developers. */
  readonly impersonated: ReadonlySet<string>;
};

/** What a Soroban operation consumed; the fee and the metadata are made from it. */
export type SorobanConsumption = {
  /** Encoded ScVal. */
  returnValue: Uint8Array | null;
  rentFeeStroops: bigint;
  eventsFeeStroops: bigint;
  /** Encoded DiagnosticEvents. */
  diagnosticEvents: Uint8Array[];
};

export type OperationContext = {
  readonly host: SorobanHost;
  readonly ledger: ClosingLedger;
  readonly frame: TransactionFrame;
  readonly delta: LedgerDelta;
  /** Place of the operation in its transaction. */
  readonly operationIndex: number;
  readonly source: Uint8Array;
  readonly events: xdr.ContractEvent[];
  readonly soroban: SorobanConsumption;
  /** Whose future reserves others pay at this point of the transaction. */
  readonly sponsorships: OpenSponsorships;
};

export type OperationOutcome =
  | { readonly isSuccess: boolean; readonly result: xdr.OperationResultTr }
  /** A limit that all operations share was reached. */
  | { readonly isSuccess: false; readonly exceeded: 'opTooManySubentries' | 'opTooManySponsoring' };

export function operationResult(outcome: OperationOutcome): xdr.OperationResult {
  return 'result' in outcome
    ? xdr.OperationResult.opInner(outcome.result)
    : xdr.OperationResult[outcome.exceeded]();
}

export type OperationHandler<Body extends xdr.OperationBody = xdr.OperationBody> = {
  readonly threshold: ThresholdLevel | ((body: Body) => ThresholdLevel);
  /** The result of an operation that passed its checks while another one failed the transaction. */
  passed(): xdr.OperationResultTr;
  /** Static check, without looking at the ledger's entries. Returns the failing result or null. */
  check(
    body: Body,
    source: Uint8Array,
    frame: TransactionFrame,
    ledger: ClosingLedger,
  ): xdr.OperationResultTr | null;
  /** Why `check` failed, where the result alone does not say. */
  explain?(body: Body, frame: TransactionFrame, ledger: ClosingLedger): xdr.DiagnosticEvent | null;
  apply(body: Body, context: OperationContext): OperationOutcome;
};

export function thresholdOf(handler: OperationHandler, body: xdr.OperationBody): ThresholdLevel {
  return typeof handler.threshold === 'function' ? handler.threshold(body) : handler.threshold;
}
