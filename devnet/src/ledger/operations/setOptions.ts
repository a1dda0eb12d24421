// SetOptionsOp: flags, thresholds, home domain, inflation destination and one signer of the source account.
// A flag or threshold that locks the owner out is not refused: that is allowed.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { equalBytes } from '../../bytes.ts';
import { accountWith, getAccount, putAccount } from '../account.ts';
import { isPrintable } from '../printable.ts';
import { addSigner, changeSigner, removeSigner, signerIndex } from '../signers.ts';
import { withoutReserve } from '../sponsorship.ts';
import type { OperationContext, OperationHandler, OperationOutcome } from './operation.ts';

const { authRequiredFlag, authRevocableFlag, authImmutableFlag, authClawbackEnabledFlag } = xdr.AccountFlags;
const ALL_FLAGS =
  authRequiredFlag.value | authRevocableFlag.value | authImmutableFlag.value | authClawbackEnabledFlag.value;
const MAX_SIGNERS = 20;
const UINT8_MAX = 255;

const R = xdr.SetOptionsResult;
const result = (value: xdr.SetOptionsResult) => xdr.OperationResultTr.setOptions(value);
const failed = (value: xdr.SetOptionsResult) => ({ isSuccess: false, result: result(value) });

export const setOptions: OperationHandler<Extract<xdr.OperationBody, { type: 'setOptions' }>> = {
  threshold: ({ setOptionsOp: { masterWeight, lowThreshold, medThreshold, highThreshold, signer } }) =>
    [masterWeight, lowThreshold, medThreshold, highThreshold, signer].some((option) => option !== null)
      ? 'high'
      : 'medium',
  passed: () => result(R.setOptionsSuccess()),

  check({ setOptionsOp: options }, source) {
    const setFlags = options.setFlags ?? 0;
    const clearFlags = options.clearFlags ?? 0;
    if (((setFlags | clearFlags) & ~ALL_FLAGS) !== 0) return result(R.setOptionsUnknownFlag());
    if ((setFlags & clearFlags) !== 0) return result(R.setOptionsBadFlags());
    const { masterWeight, lowThreshold, medThreshold, highThreshold, signer, homeDomain } = options;
    const isTooGreat = [masterWeight, lowThreshold, medThreshold, highThreshold].some(
      (value) => (value ?? 0) > UINT8_MAX,
    );
    if (isTooGreat) return result(R.setOptionsThresholdOutOfRange());
    if (signer && !isValidSigner(signer, source)) return result(R.setOptionsBadSigner());
    return homeDomain && !isPrintable(homeDomain) ? result(R.setOptionsInvalidHomeDomain()) : null;
  },

  apply({ setOptionsOp: options }, context) {
    const { delta, source, ledger } = context;
    const account = getAccount(delta, source)!;
    const { inflationDest, homeDomain, signer } = options;
    if (inflationDest && !getAccount(delta, inflationDest.value.toBytes())) {
      return failed(R.setOptionsInvalidInflation());
    }
    const flags = changedFlags(account.flags, options);
    if (typeof flags !== 'number') return failed(flags);
    const changed = accountWith(account, {
      inflationDest: inflationDest ?? account.inflationDest,
      flags,
      homeDomain: homeDomain ?? account.homeDomain,
      thresholds: changedThresholds(account.thresholds.toBytes(), options),
    });
    putAccount(delta, changed, ledger.sequence);
    const refusal = signer && applySigner(context, signer);
    return refusal ?? { isSuccess: true, result: result(R.setOptionsSuccess()) };
  },
};

function isValidSigner({ key, weight }: xdr.Signer, source: Uint8Array): boolean {
  if (weight > UINT8_MAX) return false;
  if (key.type === 'signerKeyTypeEd25519') return !equalBytes(key.ed25519.toBytes(), source);
  return key.type !== 'signerKeyTypeEd25519SignedPayload' || key.ed25519SignedPayload.payload.length > 0;
}

/** The account's flags afterwards, or why they cannot be so. Flags to clear go first. */
function changedFlags(flags: number, options: xdr.SetOptionsOp): number | xdr.SetOptionsResult {
  const clearFlags = options.clearFlags ?? 0;
  const setFlags = options.setFlags ?? 0;
  if ((flags & authImmutableFlag.value) !== 0 && (clearFlags | setFlags) !== 0)
    return R.setOptionsCantChange();
  const changed = (flags & ~clearFlags) | setFlags;
  const isRevocable = (changed & authRevocableFlag.value) !== 0;
  const isClawbackEnabled = (changed & authClawbackEnabledFlag.value) !== 0;
  return isClawbackEnabled && !isRevocable ? R.setOptionsAuthRevocableRequired() : changed;
}

function changedThresholds(current: Uint8Array, options: xdr.SetOptionsOp): Uint8Array {
  const { masterWeight, lowThreshold, medThreshold, highThreshold } = options;
  return Uint8Array.from(
    [masterWeight, lowThreshold, medThreshold, highThreshold],
    (value, index) => value ?? current[index]!,
  );
}

/** Adds or changes the signer, or removes it if its weight is 0. A signer to remove may be missing. */
function applySigner(context: OperationContext, signer: xdr.Signer): OperationOutcome | null {
  const { delta, source } = context;
  const account = getAccount(delta, source)!;
  const index = signerIndex(account, signer.key);
  if (signer.weight === 0) {
    if (index >= 0) removeSigner(context, source, index);
    return null;
  }
  if (index >= 0) {
    changeSigner(context, source, index, signer);
    return null;
  }
  if (account.signers.length >= MAX_SIGNERS) return failed(R.setOptionsTooManySigners());
  const problem = addSigner(context, source, signer);
  return problem && withoutReserve(problem, result(R.setOptionsLowReserve()));
}
