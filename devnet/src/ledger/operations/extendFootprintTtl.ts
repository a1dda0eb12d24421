// ExtendFootprintTtlOp: lengthens the life of the live entries in the read-only footprint; never shortens it.
// Missing and archived entries are passed over.
import * as xdr from '@stellar/stellar-sdk/xdr';
import type { RentChange } from '../../engine/sorobanHost.ts';
import { keyText } from '../entryStore.ts';
import { errorDiagnostic } from '../errorDiagnostic.ts';
import { isOversized, isPersistent } from '../sorobanResources.ts';
import type { OperationHandler } from './operation.ts';
import { useRefundableFee } from './refundableFee.ts';

const R = xdr.ExtendFootprintTtlResult;
const result = (value: xdr.ExtendFootprintTtlResult) => xdr.OperationResultTr.extendFootprintTtl(value);

type Body = Extract<xdr.OperationBody, { type: 'extendFootprintTtl' }>;

export const extendFootprintTtl: OperationHandler<Body> = {
  threshold: 'low',
  passed: () => result(R.extendFootprintTtlSuccess()),

  check({ extendFootprintTtlOp }, _source, { sorobanData }, ledger) {
    const { readOnly, readWrite } = sorobanData!.resources.footprint;
    const isForeign = readOnly.some(({ type }) => type !== 'contractData' && type !== 'contractCode');
    const isTooLong = extendFootprintTtlOp.extendTo > ledger.settings.maxEntryTtl - 1;
    return readWrite.length > 0 || isForeign || isTooLong ? result(R.extendFootprintTtlMalformed()) : null;
  },

  explain() {
    const message = 'only live contract data and code can be extended: read-only, and not beyond the maximum';
    return errorDiagnostic('storageInvalid', message);
  },

  apply({ extendFootprintTtlOp }, context) {
    const { delta, host, ledger, frame, soroban } = context;
    const newLiveUntil = ledger.sequence + extendFootprintTtlOp.extendTo;
    const rentChanges: RentChange[] = [];
    for (const key of frame.sorobanData!.resources.footprint.readOnly) {
      const text = keyText(key.toXdr());
      const stored = delta.get(text);
      const oldLiveUntil = stored?.ttl?.liveUntilLedger ?? 0;
      if (!stored || oldLiveUntil < ledger.sequence || oldLiveUntil >= newLiveUntil) continue;
      if (isOversized(stored.xdr, ledger.settings)) {
        const message = 'a ledger entry is larger than the network allows';
        soroban.diagnosticEvents.push(
          errorDiagnostic('budgetExceeded', message, [stored.xdr.length]).toXdr(),
        );
        return { isSuccess: false, result: result(R.extendFootprintTtlResourceLimitExceeded()) };
      }
      const sizeBytes = host.entryRentSize(stored.xdr);
      rentChanges.push({
        isPersistent: isPersistent(key),
        isCode: key.type === 'contractCode',
        oldSizeBytes: sizeBytes,
        newSizeBytes: sizeBytes,
        oldLiveUntil,
        newLiveUntil,
      });
      const ttl = { liveUntilLedger: newLiveUntil, modifiedLedger: ledger.sequence };
      delta.put(text, { xdr: stored.xdr, ttl });
    }
    const rentFeeStroops = host.rentFee(ledger.sequence, rentChanges);
    if (!useRefundableFee(context, { rentFeeStroops, eventBytes: 0 })) {
      return { isSuccess: false, result: result(R.extendFootprintTtlInsufficientRefundableFee()) };
    }
    return { isSuccess: true, result: result(R.extendFootprintTtlSuccess()) };
  },
};
