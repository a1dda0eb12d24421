// CreateAccountOp: a new account with a starting balance out of the source's available balance.
// Sponsored creation is not supported.
import * as xdr from '@stellar/stellar-sdk/xdr';
import {
  accountWith,
  availableStroops,
  BASE_RESERVE_STROOPS,
  getAccount,
  newAccount,
  putAccount,
} from '../account.ts';
import { muxedIdOf, transferEvent } from '../classicEvents.ts';
import type { OperationHandler } from './operation.ts';

const R = xdr.CreateAccountResult;
const result = (value: xdr.CreateAccountResult) => xdr.OperationResultTr.createAccount(value);
const failed = (value: xdr.CreateAccountResult) => ({ isSuccess: false, result: result(value) });

export const createAccount: OperationHandler<Extract<xdr.OperationBody, { type: 'createAccount' }>> = {
  threshold: 'medium',
  passed: () => result(R.createAccountSuccess()),

  check({ createAccountOp }, source) {
    const destination = createAccountOp.destination.value.toBytes();
    const isSelf = Buffer.from(destination).equals(source);
    return createAccountOp.startingBalance < 0n || isSelf ? result(R.createAccountMalformed()) : null;
  },

  apply({ createAccountOp }, { delta, source, ledger, frame, events }) {
    const { startingBalance } = createAccountOp;
    const destination = createAccountOp.destination.value.toBytes();
    if (getAccount(delta, destination)) return failed(R.createAccountAlreadyExist());
    if (startingBalance < 2n * BigInt(BASE_RESERVE_STROOPS)) return failed(R.createAccountLowReserve());
    const payer = getAccount(delta, source)!;
    if (availableStroops(payer) < startingBalance) return failed(R.createAccountUnderfunded());
    putAccount(delta, accountWith(payer, { balance: payer.balance - startingBalance }), ledger.sequence);
    putAccount(delta, newAccount(destination, startingBalance, ledger.sequence), ledger.sequence);
    const muxedId = muxedIdOf(xdr.MuxedAccount.keyTypeEd25519(destination), frame.tx.memo);
    const transfer = { from: source, to: destination, amountStroops: startingBalance, muxedId };
    events.push(transferEvent(ledger.nativeContractId, transfer));
    return { isSuccess: true, result: result(R.createAccountSuccess()) };
  },
};
