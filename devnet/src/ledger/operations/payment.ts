// PaymentOp in any asset. The issuer needs no trust line: what it sends comes into being, what it gets is gone, and a
// payment to it succeeds even where its account no longer exists. The destination is looked at before the source.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { equalBytes } from '../../bytes.ts';
import { getAccount, publicKeyOf } from '../account.ts';
import { isCredit, isIssuer, isValidAsset } from '../asset.ts';
import { accountAddress, movementEvent, muxedIdOf } from '../classicEvents.ts';
import { changeHolding, type HoldingProblem } from '../holding.ts';
import type { OperationContext, OperationHandler } from './operation.ts';

const R = xdr.PaymentResult;
const result = (value: xdr.PaymentResult) => xdr.OperationResultTr.payment(value);

type Body = Extract<xdr.OperationBody, { type: 'payment' }>;

export const payment: OperationHandler<Body> = {
  threshold: 'medium',
  passed: () => result(R.paymentSuccess()),

  check({ paymentOp: { amount, asset } }) {
    return amount <= 0n || !isValidAsset(asset) ? result(R.paymentMalformed()) : null;
  },

  apply({ paymentOp }, context) {
    const { source, ledger, frame, events } = context;
    const { amount, asset } = paymentOp;
    const destination = publicKeyOf(paymentOp.destination);
    const isNativeToSelf = !isCredit(asset) && equalBytes(destination, source);
    const problem = isNativeToSelf ? null : move(paymentOp, destination, context);
    if (problem) return { isSuccess: false, result: result(problem) };
    const muxedId = muxedIdOf(paymentOp.destination, frame.tx.memo);
    const [from, to] = [accountAddress(source), accountAddress(destination)];
    events.push(movementEvent(ledger, { asset, from, to, amount, muxedId }));
    return { isSuccess: true, result: result(R.paymentSuccess()) };
  },
};

function move(
  { amount, asset }: xdr.PaymentOp,
  destination: Uint8Array,
  { delta, source, ledger: { sequence } }: OperationContext,
): xdr.PaymentResult | null {
  if (!isIssuer(destination, asset) && !getAccount(delta, destination)) return R.paymentNoDestination();
  const received = changeHolding(delta, destination, asset, amount, sequence);
  if (received) return RECEIVER[received]();
  const sent = changeHolding(delta, source, asset, -amount, sequence);
  return sent && SENDER[sent]();
}

const RECEIVER: Record<HoldingProblem, () => xdr.PaymentResult> = {
  noTrustLine: R.paymentNoTrust,
  notAuthorized: R.paymentNotAuthorized,
  outOfBounds: R.paymentLineFull,
};
const SENDER: Record<HoldingProblem, () => xdr.PaymentResult> = {
  noTrustLine: R.paymentSrcNoTrust,
  notAuthorized: R.paymentSrcNotAuthorized,
  outOfBounds: R.paymentUnderfunded,
};
