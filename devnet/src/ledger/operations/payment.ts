// PaymentOp in the native asset. Credit assets never get here: they are answered with opNOT_SUPPORTED.
import * as xdr from '@stellar/stellar-sdk/xdr';
import {
  accountWith,
  availableStroops,
  getAccount,
  publicKeyOf,
  putAccount,
  receivableStroops,
} from '../account.ts';
import { muxedIdOf, transferEvent } from '../classicEvents.ts';
import type { OperationHandler } from './operation.ts';

const R = xdr.PaymentResult;
const result = (value: xdr.PaymentResult) => xdr.OperationResultTr.payment(value);
const failed = (value: xdr.PaymentResult) => ({ isSuccess: false, result: result(value) });

export const payment: OperationHandler<Extract<xdr.OperationBody, { type: 'payment' }>> = {
  threshold: 'medium',
  passed: () => result(R.paymentSuccess()),

  check({ paymentOp }) {
    return paymentOp.amount <= 0n ? result(R.paymentMalformed()) : null;
  },

  apply({ paymentOp }, { delta, source, ledger, frame, events }) {
    const { amount } = paymentOp;
    const destination = publicKeyOf(paymentOp.destination);
    if (!Buffer.from(destination).equals(source)) {
      const receiver = getAccount(delta, destination);
      if (!receiver) return failed(R.paymentNoDestination());
      if (receivableStroops(receiver) < amount) return failed(R.paymentLineFull());
      const payer = getAccount(delta, source)!;
      if (availableStroops(payer) < amount) return failed(R.paymentUnderfunded());
      putAccount(delta, accountWith(receiver, { balance: receiver.balance + amount }), ledger.sequence);
      putAccount(delta, accountWith(payer, { balance: payer.balance - amount }), ledger.sequence);
    }
    const muxedId = muxedIdOf(paymentOp.destination, frame.tx.memo);
    const transfer = { from: source, to: destination, amountStroops: amount, muxedId };
    events.push(transferEvent(ledger.nativeContractId, transfer));
    return { isSuccess: true, result: result(R.paymentSuccess()) };
  },
};
