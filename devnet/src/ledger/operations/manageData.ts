// ManageDataOp: sets, changes or removes a named value of up to 64 bytes on the source account.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { accountIdOf } from '../account.ts';
import { keyText } from '../entryStore.ts';
import { isPrintable } from '../printable.ts';
import {
  entryExt,
  returnSubentryReserve,
  sponsorOfEntry,
  takeSubentryReserve,
  withoutReserve,
} from '../sponsorship.ts';
import type { OperationHandler } from './operation.ts';

const R = xdr.ManageDataResult;
const result = (value: xdr.ManageDataResult) => xdr.OperationResultTr.manageData(value);

export const manageData: OperationHandler<Extract<xdr.OperationBody, { type: 'manageData' }>> = {
  threshold: 'medium',
  passed: () => result(R.manageDataSuccess()),

  check({ manageDataOp: { dataName } }) {
    const isName = dataName.length > 0 && isPrintable(dataName);
    return isName ? null : result(R.manageDataInvalidName());
  },

  apply({ manageDataOp: { dataName, dataValue } }, context) {
    const { delta, source, ledger } = context;
    const accountId = accountIdOf(source);
    const key = keyText(xdr.LedgerKey.data(new xdr.LedgerKeyData({ accountId, dataName })).toXdr());
    const stored = delta.get(key);
    if (!dataValue) {
      if (!stored) return { isSuccess: false, result: result(R.manageDataNameNotFound()) };
      returnSubentryReserve(context, source, sponsorOfEntry(stored));
      delta.delete(key);
      return { isSuccess: true, result: result(R.manageDataSuccess()) };
    }
    let ext = stored && xdr.LedgerEntry.fromXdr(stored.xdr).ext;
    if (!ext) {
      const { sponsor, problem } = takeSubentryReserve(context, source);
      if (problem) return withoutReserve(problem, result(R.manageDataLowReserve()));
      ext = entryExt(sponsor);
    }
    const data = new xdr.DataEntry({ accountId, dataName, dataValue, ext: xdr.DataEntryExt.v0() });
    const entry = new xdr.LedgerEntry({
      lastModifiedLedgerSeq: ledger.sequence,
      data: xdr.LedgerEntryData.data(data),
      ext,
    });
    delta.put(key, { xdr: entry.toXdr(), ttl: null });
    return { isSuccess: true, result: result(R.manageDataSuccess()) };
  },
};
