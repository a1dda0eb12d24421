// RestoreFootprintOp: brings the archived entries of the read-write footprint back to life, for the minimum
// persistent lifetime. Live and missing entries are passed over.
import * as xdr from '@stellar/stellar-sdk/xdr';
import type { RentChange } from '../../sorobanHost.ts';
import { errorDiagnostic } from '../classicEvents.ts';
import { keyText, withLastModified } from '../entryStore.ts';
import { isPersistent } from '../sorobanResources.ts';
import type { OperationHandler } from './operation.ts';
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

  apply(_body, context) {
    const { delta, host, ledger, frame, soroban } = context;
    const { resources } = frame.sorobanData!;
    const newLiveUntil = ledger.sequence + ledger.settings.minPersistentTtl - 1;
    const rentChanges: RentChange[] = [];
    let restoredBytes = 0;
    for (const key of resources.footprint.readWrite) {
      const text = keyText(key.toXdr());
      const stored = delta.get(text);
      if (!stored?.ttl || stored.ttl.liveUntilLedger >= ledger.sequence) continue;
      restoredBytes += stored.xdr.length;
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
    if (restoredBytes > Math.min(resources.diskReadBytes, resources.writeBytes)) {
      const message = `${restoredBytes} bytes to restore exceed what the transaction declares to read or write`;
      soroban.diagnosticEvents.push(errorDiagnostic(message));
      return failed(R.restoreFootprintResourceLimitExceeded());
    }
    const rentFeeStroops = host.rentFee(ledger.sequence, rentChanges);
    if (!useRefundableFee(context, { rentFeeStroops, eventBytes: 0 })) {
      return failed(R.restoreFootprintInsufficientRefundableFee());
    }
    return { isSuccess: true, result: result(R.restoreFootprintSuccess()) };
  },
};
