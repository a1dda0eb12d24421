// SetTrustLineFlagsOp: the issuer authorizes, freezes or thaws a trust line, or gives up clawback on it. There are no
// offers and no pool shares on this network, so a line that loses its authorization has none to lose.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { equalBytes } from '../../bytes.ts';
import { getAccount } from '../account.ts';
import { type CreditAsset, isCredit, isIssuer, isValidAsset } from '../asset.ts';
import { accountAddress, setAuthorizedEvent } from '../classicEvents.ts';
import {
  AUTHORIZED,
  CLAWBACK_ENABLED,
  getTrustLine,
  isAuthorized,
  MAINTAIN_LIABILITIES,
  putTrustLine,
  trustLineWith,
} from '../trustline.ts';
import type { OperationHandler } from './operation.ts';

const R = xdr.SetTrustLineFlagsResult;
const result = (value: xdr.SetTrustLineFlagsResult) => xdr.OperationResultTr.setTrustLineFlags(value);
const failed = (value: xdr.SetTrustLineFlagsResult) => ({ isSuccess: false, result: result(value) });

const AUTHORIZATION = AUTHORIZED | MAINTAIN_LIABILITIES;
/** Both levels of authorization at once are no state of a line. */
const isContradictory = (flags: number) => (flags & AUTHORIZATION) === AUTHORIZATION;

type Body = Extract<xdr.OperationBody, { type: 'setTrustLineFlags' }>;

export const setTrustLineFlags: OperationHandler<Body> = {
  threshold: 'low',
  passed: () => result(R.setTrustLineFlagsSuccess()),

  check({ setTrustLineFlagsOp: { trustor, asset, clearFlags, setFlags } }, source) {
    const isSourceIssuer = isCredit(asset) && isValidAsset(asset) && isIssuer(source, asset);
    const isSelf = equalBytes(trustor.value.toBytes(), source);
    const isOverlapping = (setFlags & clearFlags) !== 0;
    const isUnsettable = (setFlags & ~AUTHORIZATION) !== 0 || isContradictory(setFlags);
    const isUnknown = (clearFlags & ~(AUTHORIZATION | CLAWBACK_ENABLED)) !== 0;
    const isMalformed = !isSourceIssuer || isSelf || isOverlapping || isUnsettable || isUnknown;
    return isMalformed ? result(R.setTrustLineFlagsMalformed()) : null;
  },

  apply({ setTrustLineFlagsOp }, { delta, source, ledger, events }) {
    const { trustor, clearFlags, setFlags } = setTrustLineFlagsOp;
    const asset = setTrustLineFlagsOp.asset as CreditAsset;
    const isRevocable = (getAccount(delta, source)!.flags & xdr.AccountFlags.authRevocableFlag.value) !== 0;
    const isRevoking = (clearFlags & AUTHORIZATION) !== 0 && (setFlags & AUTHORIZED) === 0;
    if (isRevoking && !isRevocable) return failed(R.setTrustLineFlagsCantRevoke());
    const holder = trustor.value.toBytes();
    const line = getTrustLine(delta, holder, asset);
    if (!line) return failed(R.setTrustLineFlagsNoTrustLine());
    const flags = (line.entry.flags & ~clearFlags) | setFlags;
    if (isContradictory(flags)) return failed(R.setTrustLineFlagsInvalidState());
    const changed = trustLineWith(line, { flags });
    putTrustLine(delta, changed, ledger.sequence);
    const event = { asset, holder: accountAddress(holder), isAuthorized: isAuthorized(changed) };
    events.push(setAuthorizedEvent(ledger, event));
    return { isSuccess: true, result: result(R.setTrustLineFlagsSuccess()) };
  },
};
