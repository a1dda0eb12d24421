// Trust lines: look-up, storage, flags and bounds. A line keeps the extension of its ledger entry, which names the
// sponsor of its reserve. Only credit assets have lines here; pool shares are not supported.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { accountIdOf } from './account.ts';
import type { CreditAsset } from './asset.ts';
import { type EntrySource, type KeyText, keyText, type LedgerDelta } from './entryStore.ts';

export const AUTHORIZED = xdr.TrustLineFlags.authorizedFlag.value;
export const MAINTAIN_LIABILITIES = xdr.TrustLineFlags.authorizedToMaintainLiabilitiesFlag.value;
export const CLAWBACK_ENABLED = xdr.TrustLineFlags.trustlineClawbackEnabledFlag.value;

export type TrustLine = { readonly entry: xdr.TrustLineEntry; readonly ext: xdr.LedgerEntryExt };

export function trustLineKey(holder: Uint8Array, asset: CreditAsset): KeyText {
  return keyOf(accountIdOf(holder), trustLineAsset(asset));
}

export function getTrustLine(source: EntrySource, holder: Uint8Array, asset: CreditAsset): TrustLine | null {
  const stored = source.get(trustLineKey(holder, asset));
  if (!stored) return null;
  const { data, ext } = xdr.LedgerEntry.fromXdr(stored.xdr);
  return data.type === 'trustline' ? { entry: data.trustLine, ext } : null;
}

export function putTrustLine(delta: LedgerDelta, { entry, ext }: TrustLine, sequence: number): void {
  const ledgerEntry = new xdr.LedgerEntry({
    lastModifiedLedgerSeq: sequence,
    data: xdr.LedgerEntryData.trustline(entry),
    ext,
  });
  delta.put(keyOf(entry.accountId, entry.asset), { xdr: ledgerEntry.toXdr(), ttl: null });
}

/** The same line with some fields replaced. */
export function trustLineWith(
  { entry, ext }: TrustLine,
  fields: { balance?: bigint; limit?: bigint; flags?: number },
): TrustLine {
  return { entry: new xdr.TrustLineEntry({ ...entry, ...fields }), ext };
}

export function trustLineAsset(asset: CreditAsset): xdr.TrustLineAsset {
  return asset.type === 'assetTypeCreditAlphanum4'
    ? xdr.TrustLineAsset.assetTypeCreditAlphanum4(asset.alphaNum4)
    : xdr.TrustLineAsset.assetTypeCreditAlphanum12(asset.alphaNum12);
}

/** What open offers bind: no balance may leave, and no limit may cut, what they have promised. */
export function liabilitiesOf({ entry }: TrustLine): { readonly buying: bigint; readonly selling: bigint } {
  return entry.ext.type === 'v1' ? entry.ext.v1.liabilities : { buying: 0n, selling: 0n };
}

/** Only a line of a forked network, or one set from outside, can be. */
export function isUsedByPool({ entry: { ext } }: TrustLine): boolean {
  return ext.type === 'v1' && ext.v1.ext.type === 'v2' && ext.v1.ext.v2.liquidityPoolUseCount !== 0;
}

export function isAuthorized({ entry }: TrustLine): boolean {
  return (entry.flags & AUTHORIZED) !== 0;
}

export function isClawbackEnabled({ entry }: TrustLine): boolean {
  return (entry.flags & CLAWBACK_ENABLED) !== 0;
}

/** The line with `amount` more (or less, when negative), or null where limit or liabilities do not allow it. */
export function withAmountAdded(line: TrustLine, amount: bigint): TrustLine | null {
  const { buying, selling } = liabilitiesOf(line);
  const balance = line.entry.balance + amount;
  return balance < selling || balance > line.entry.limit - buying ? null : trustLineWith(line, { balance });
}

function keyOf(accountId: xdr.AccountId, asset: xdr.TrustLineAsset): KeyText {
  return keyText(xdr.LedgerKey.trustline(new xdr.LedgerKeyTrustLine({ accountId, asset })).toXdr());
}
