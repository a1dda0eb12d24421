// BumpSequenceOp: raises an account's sequence number. A number that is not higher changes nothing but the time of
// last use, and succeeds.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { getAccount, putAccount, withSequence } from '../account.ts';
import type { OperationHandler } from './operation.ts';

const R = xdr.BumpSequenceResult;
const result = (value: xdr.BumpSequenceResult) => xdr.OperationResultTr.bumpSequence(value);

export const bumpSequence: OperationHandler<Extract<xdr.OperationBody, { type: 'bumpSequence' }>> = {
  threshold: 'low',
  passed: () => result(R.bumpSequenceSuccess()),

  check({ bumpSequenceOp }) {
    return bumpSequenceOp.bumpTo < 0n ? result(R.bumpSequenceBadSeq()) : null;
  },

  apply({ bumpSequenceOp }, { delta, source, ledger }) {
    const account = getAccount(delta, source)!;
    const { bumpTo } = bumpSequenceOp;
    const seqNum = bumpTo > account.seqNum ? bumpTo : account.seqNum;
    putAccount(delta, withSequence(account, seqNum, ledger), ledger.sequence);
    return { isSuccess: true, result: result(R.bumpSequenceSuccess()) };
  },
};
