// ChangeTrustOp: opens a trust line, changes its limit, or removes it with a limit of zero. A new line takes its
// authorization and its clawback flag from the issuer's account. Pool shares are answered with opNOT_SUPPORTED.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { accountIdOf, getAccount } from '../account.ts';
import { type CreditAsset, isIssuer, issuerOf, isValidAsset } from '../asset.ts';
import {
  entryExt,
  returnSubentryReserve,
  sponsorOfEntry,
  takeSubentryReserve,
  withoutReserve,
} from '../sponsorship.ts';
import {
  AUTHORIZED,
  CLAWBACK_ENABLED,
  getTrustLine,
  isUsedByPool,
  liabilitiesOf,
  putTrustLine,
  type TrustLine,
  trustLineAsset,
  trustLineKey,
  trustLineWith,
} from '../trustline.ts';
import type { OperationContext, OperationHandler, OperationOutcome } from './operation.ts';

const R = xdr.ChangeTrustResult;
const result = (value: xdr.ChangeTrustResult) => xdr.OperationResultTr.changeTrust(value);
const failed = (value: xdr.ChangeTrustResult) => ({ isSuccess: false, result: result(value) });
const success = () => ({ isSuccess: true, result: result(R.changeTrustSuccess()) });

export const changeTrust: OperationHandler<Extract<xdr.OperationBody, { type: 'changeTrust' }>> = {
  threshold: 'medium',
  passed: () => result(R.changeTrustSuccess()),

  check({ changeTrustOp: { line, limit } }, source) {
    const asset = creditAsset(line);
    const isMalformed = limit < 0n || !asset || !isValidAsset(asset) || isIssuer(source, asset);
    return isMalformed ? result(R.changeTrustMalformed()) : null;
  },

  apply({ changeTrustOp: { line, limit } }, context) {
    const asset = creditAsset(line)!;
    const existing = getTrustLine(context.delta, context.source, asset);
    return existing ? changeLimit(context, asset, existing, limit) : openLine(context, asset, limit);
  },
};

function changeLimit(
  context: OperationContext,
  asset: CreditAsset,
  line: TrustLine,
  limit: bigint,
): OperationOutcome {
  const { delta, source, ledger } = context;
  if (limit < line.entry.balance + liabilitiesOf(line).buying) return failed(R.changeTrustInvalidLimit());
  if (limit === 0n && isUsedByPool(line)) return failed(R.changeTrustCannotDelete());
  if (limit === 0n) {
    const key = trustLineKey(source, asset);
    returnSubentryReserve(context, source, sponsorOfEntry(delta.get(key)!));
    delta.delete(key);
    return success();
  }
  if (!getAccount(delta, issuerOf(asset))) return failed(R.changeTrustNoIssuer());
  putTrustLine(delta, trustLineWith(line, { limit }), ledger.sequence);
  return success();
}

function openLine(context: OperationContext, asset: CreditAsset, limit: bigint): OperationOutcome {
  const { delta, source, ledger } = context;
  if (limit === 0n) return failed(R.changeTrustInvalidLimit());
  const issuer = getAccount(delta, issuerOf(asset));
  if (!issuer) return failed(R.changeTrustNoIssuer());
  const { authRequiredFlag, authClawbackEnabledFlag } = xdr.AccountFlags;
  const isAuthRequired = (issuer.flags & authRequiredFlag.value) !== 0;
  const isClawbackEnabled = (issuer.flags & authClawbackEnabledFlag.value) !== 0;
  const reserve = takeSubentryReserve(context, source);
  if (reserve.problem) return withoutReserve(reserve.problem, result(R.changeTrustLowReserve()));
  const entry = new xdr.TrustLineEntry({
    accountId: accountIdOf(source),
    asset: trustLineAsset(asset),
    balance: 0n,
    limit,
    flags: (isAuthRequired ? 0 : AUTHORIZED) | (isClawbackEnabled ? CLAWBACK_ENABLED : 0),
    ext: xdr.TrustLineEntryExt.v0(),
  });
  putTrustLine(delta, { entry, ext: entryExt(reserve.sponsor) }, ledger.sequence);
  return success();
}

function creditAsset(line: xdr.ChangeTrustAsset): CreditAsset | null {
  switch (line.type) {
    case 'assetTypeCreditAlphanum4':
      return xdr.Asset.assetTypeCreditAlphanum4(line.alphaNum4);
    case 'assetTypeCreditAlphanum12':
      return xdr.Asset.assetTypeCreditAlphanum12(line.alphaNum12);
    default:
      return null;
  }
}
