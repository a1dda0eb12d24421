// ClawbackOp: the issuer takes its asset back from a trust line that allows it, frozen or not. A multiplexed form of
// the issuer's own address is not refused as such; like any account without a line it gives NO_TRUST.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { equalBytes } from '../../bytes.ts';
import { publicKeyOf } from '../account.ts';
import { type CreditAsset, isCredit, isIssuer, isValidAsset } from '../asset.ts';
import { accountAddress, clawbackEvent } from '../classicEvents.ts';
import { getTrustLine, isClawbackEnabled, putTrustLine, withAmountAdded } from '../trustline.ts';
import type { OperationHandler } from './operation.ts';

const R = xdr.ClawbackResult;
const result = (value: xdr.ClawbackResult) => xdr.OperationResultTr.clawback(value);
const failed = (value: xdr.ClawbackResult) => ({ isSuccess: false, result: result(value) });

export const clawback: OperationHandler<Extract<xdr.OperationBody, { type: 'clawback' }>> = {
  threshold: 'medium',
  passed: () => result(R.clawbackSuccess()),

  check({ clawbackOp: { from, amount, asset } }, source) {
    const isSelf = from.type === 'keyTypeEd25519' && equalBytes(from.ed25519.toBytes(), source);
    const isClawable = isCredit(asset) && isValidAsset(asset) && isIssuer(source, asset);
    return isSelf || amount < 1n || !isClawable ? result(R.clawbackMalformed()) : null;
  },

  apply({ clawbackOp: { from, amount, asset } }, { delta, ledger, events }) {
    const holder = publicKeyOf(from);
    const line = getTrustLine(delta, holder, asset as CreditAsset);
    if (!line) return failed(R.clawbackNoTrust());
    if (!isClawbackEnabled(line)) return failed(R.clawbackNotClawbackEnabled());
    const rest = withAmountAdded(line, -amount);
    if (!rest) return failed(R.clawbackUnderfunded());
    putTrustLine(delta, rest, ledger.sequence);
    events.push(clawbackEvent(ledger, { asset, from: accountAddress(holder), amount }));
    return { isSuccess: true, result: result(R.clawbackSuccess()) };
  },
};
