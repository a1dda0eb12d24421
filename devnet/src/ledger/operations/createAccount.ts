// CreateAccountOp: a new account with a starting balance out of the source's available balance. Its reserve of two
// entries is its own, or a sponsor's: then it may start with nothing.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { equalBytes } from '../../bytes.ts';
import {
  accountKey,
  accountWith,
  availableStroops,
  getAccount,
  isBelowReserve,
  newAccount,
  putAccount,
} from '../account.ts';
import { muxedIdOf, transferEvent } from '../classicEvents.ts';
import { putEntrySponsor, takeAccountReserve, withoutReserve } from '../sponsorship.ts';
import type { OperationHandler } from './operation.ts';

const R = xdr.CreateAccountResult;
const result = (value: xdr.CreateAccountResult) => xdr.OperationResultTr.createAccount(value);
const failed = (value: xdr.CreateAccountResult) => ({ isSuccess: false, result: result(value) });

export const createAccount: OperationHandler<Extract<xdr.OperationBody, { type: 'createAccount' }>> = {
  threshold: 'medium',
  passed: () => result(R.createAccountSuccess()),

  check({ createAccountOp }, source) {
    const isSelf = equalBytes(createAccountOp.destination.value.toBytes(), source);
    return createAccountOp.startingBalance < 0n || isSelf ? result(R.createAccountMalformed()) : null;
  },

  apply({ createAccountOp }, context) {
    const { delta, source, ledger, frame, events } = context;
    const { startingBalance } = createAccountOp;
    const destination = createAccountOp.destination.value.toBytes();
    if (getAccount(delta, destination)) return failed(R.createAccountAlreadyExist());
    putAccount(delta, newAccount(destination, startingBalance, ledger.sequence), ledger.sequence);
    const { sponsor, problem } = takeAccountReserve(context, destination);
    if (problem) return withoutReserve(problem, result(R.createAccountLowReserve()));
    if (sponsor) putEntrySponsor(context, accountKey(destination), sponsor);
    const payer = getAccount(delta, source)!;
    const isShort = isBelowReserve(payer) || availableStroops(payer) < startingBalance;
    if (isShort) return failed(R.createAccountUnderfunded());
    putAccount(delta, accountWith(payer, { balance: payer.balance - startingBalance }), ledger.sequence);
    const muxedId = muxedIdOf(xdr.MuxedAccount.keyTypeEd25519(destination), frame.tx.memo);
    const transfer = { from: source, to: destination, amountStroops: startingBalance, muxedId };
    events.push(transferEvent(ledger, transfer));
    return { isSuccess: true, result: result(R.createAccountSuccess()) };
  },
};
