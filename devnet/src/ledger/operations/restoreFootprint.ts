// RestoreFootprintOp: brings the archived entries of the read-write footprint back to life, for the minimum
// persistent lifetime. Live and missing entries are passed over.
import * as xdr from '@stellar/stellar-sdk/xdr';
import type { RentChange } from '../../engine/sorobanHost.ts';
import { isArchived, keyText, withLastModified } from '../entryStore.ts';
import { errorDiagnostic } from '../errorDiagnostic.ts';
import { isOversized, isPersistent } from '../sorobanResources.ts';
import type { OperationContext, OperationHandler } from './operation.ts';
import { useRefundableFee } from './refundableFee.ts';

const R = xdr.RestoreFootprintResult;
const result = (value: xdr.RestoreFootprintResult) => xdr.OperationResultTr.restoreFootprint(value);
const failed = (value: xdr.RestoreFootprintResult) => ({ isSuccess: false, result: result(value) });

type Body = Extract<xdr.OperationBody, { type: 'restoreFootprint' }>;

export const restoreFootprint: OperationHandler<Body> = {
  threshold: 'low',
  passed: () => result(R.restoreFootprintSuccess()),

  check(_body, _source, { sorobanData }) {
    const { readOnly, readWrite } = sorobanData!.resources.footprint;
    const isWrong = readOnly.length > 0 || !readWrite.every(isPersistent);
    return isWrong ? result(R.restoreFootprintMalformed()) : null;
  },

  explain() {
    const message = 'only persistent contract data and code can be restored, in the read-write footprint';
    return errorDiagnostic('storageInvalid', message);
  },

  apply(_body, context) {
    const { delta, host, ledger, frame } = context;
    const { resources } = frame.sorobanData!;
    const newLiveUntil = ledger.sequence + ledger.settings.minPersistentTtl - 1;
    const declared = Math.min(resources.diskReadBytes, resources.writeBytes);
    const rentChanges: RentChange[] = [];
    let restoredBytes = 0;
    for (const key of resources.footprint.readWrite) {
      const text = keyText(key.toXdr());
      const stored = delta.get(text);
      if (!isArchived(stored, ledger.sequence)) continue;
      restoredBytes += stored.xdr.length;
      if (restoredBytes > declared) {
        return limitExceeded(context, 'more bytes are restored than declared', [restoredBytes, declared]);
      }
      if (isOversized(stored.xdr, ledger.settings)) {
        return limitExceeded(context, 'a ledger entry is larger than the network allows', [
          stored.xdr.length,
        ]);
      }
      rentChanges.push({
        isPersistent: true,
        isCode: key.type === 'contractCode',
        oldSizeBytes: 0,
        newSizeBytes: host.entryRentSize(stored.xdr),
        oldLiveUntil: 0,
        newLiveUntil,
      });
      const ttl = { liveUntilLedger: newLiveUntil, modifiedLedger: ledger.sequence };
      delta.put(text, { xdr: withLastModified(stored.xdr, ledger.sequence), ttl });
      delta.markRestored(text);
    }
    const rentFeeStroops = host.rentFee(ledger.sequence, rentChanges);
    if (!useRefundableFee(context, { rentFeeStroops, eventBytes: 0 })) {
      return failed(R.restoreFootprintInsufficientRefundableFee());
    }
    return { isSuccess: true, result: result(R.restoreFootprintSuccess()) };
  },
};

function limitExceeded({ soroban }: OperationContext, message: string, values: readonly number[]) {
  soroban.diagnosticEvents.push(errorDiagnostic('budgetExceeded', message, values).toXdr());
  return failed(R.restoreFootprintResourceLimitExceeded());
}
