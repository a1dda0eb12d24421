// Account entries: look-up, storage, reserves. Balances and amounts are stroops (bigint).
// Source for the reserve rule: CAP-33.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { type EntrySource, type KeyText, keyText, type LedgerDelta } from './entryStore.ts';

export const BASE_RESERVE_STROOPS = 5_000_000;
export const INT64_MAX = 2n ** 63n - 1n;

export function accountIdOf(publicKey: Uint8Array): xdr.AccountId {
  return xdr.PublicKey.publicKeyTypeEd25519(publicKey);
}

export function accountKey(publicKey: Uint8Array): KeyText {
  const accountId = accountIdOf(publicKey);
  return keyText(xdr.LedgerKey.account(new xdr.LedgerKeyAccount({ accountId })).toXdr());
}

/** The ed25519 key under a plain or muxed account. */
export function publicKeyOf(account: xdr.MuxedAccount): Uint8Array {
  return (account.type === 'keyTypeMuxedEd25519' ? account.med25519.ed25519 : account.ed25519).toBytes();
}

export function getAccount(source: EntrySource, publicKey: Uint8Array): xdr.AccountEntry | null {
  const stored = source.get(accountKey(publicKey));
  if (!stored) return null;
  const { data } = xdr.LedgerEntry.fromXdr(stored.xdr);
  return data.type === 'account' ? data.account : null;
}

export function putAccount(delta: LedgerDelta, account: xdr.AccountEntry, sequence: number): void {
  const entry = new xdr.LedgerEntry({
    lastModifiedLedgerSeq: sequence,
    data: xdr.LedgerEntryData.account(account),
    ext: xdr.LedgerEntryExt.v0(),
  });
  delta.put(accountKey(account.accountId.value.toBytes()), { xdr: entry.toXdr(), ttl: null });
}

/** A new account as CreateAccountOp makes it: sequence number `ledger << 32`, only the master key may sign. */
export function newAccount(
  publicKey: Uint8Array,
  balanceStroops: bigint,
  sequence: number,
): xdr.AccountEntry {
  return new xdr.AccountEntry({
    accountId: accountIdOf(publicKey),
    balance: balanceStroops,
    seqNum: BigInt(sequence) << 32n,
    numSubEntries: 0,
    inflationDest: null,
    flags: 0,
    homeDomain: '',
    thresholds: new Uint8Array([1, 0, 0, 0]),
    signers: [],
    ext: xdr.AccountEntryExt.v0(),
  });
}

/** The same account with some fields replaced. */
export function accountWith(
  account: xdr.AccountEntry,
  fields: { balance?: bigint; seqNum?: bigint; ext?: xdr.AccountEntryExt },
): xdr.AccountEntry {
  return new xdr.AccountEntry({ ...account, ...fields });
}

export function minBalanceStroops(account: xdr.AccountEntry): bigint {
  const v2 = account.ext.type === 'v1' && account.ext.v1.ext.type === 'v2' ? account.ext.v1.ext.v2 : null;
  const entries = 2 + account.numSubEntries + (v2?.numSponsoring ?? 0) - (v2?.numSponsored ?? 0);
  return BigInt(entries) * BigInt(BASE_RESERVE_STROOPS);
}

/** What the account may spend: its balance without the reserve and what open offers need. */
export function availableStroops(account: xdr.AccountEntry): bigint {
  const selling = account.ext.type === 'v1' ? account.ext.v1.liabilities.selling : 0n;
  const available = account.balance - minBalanceStroops(account) - selling;
  return available > 0n ? available : 0n;
}

/** What the account may still receive. */
export function receivableStroops(account: xdr.AccountEntry): bigint {
  const buying = account.ext.type === 'v1' ? account.ext.v1.liabilities.buying : 0n;
  return INT64_MAX - buying - account.balance;
}

/** Records when the sequence number was last used, for the minimum-sequence rules of CAP-21. */
export function withSequence(
  account: xdr.AccountEntry,
  seqNum: bigint,
  ledger: { sequence: number; closeTimeSeconds: number },
): xdr.AccountEntry {
  const v1 = account.ext.type === 'v1' ? account.ext.v1 : null;
  const v2 = v1?.ext.type === 'v2' ? v1.ext.v2 : null;
  const v3 = new xdr.AccountEntryExtensionV3({
    ext: xdr.ExtensionPoint.v0(),
    seqLedger: ledger.sequence,
    seqTime: BigInt(ledger.closeTimeSeconds),
  });
  const ext = xdr.AccountEntryExt.v1(
    new xdr.AccountEntryExtensionV1({
      liabilities: v1?.liabilities ?? new xdr.Liabilities({ buying: 0n, selling: 0n }),
      ext: xdr.AccountEntryExtensionV1Ext.v2(
        new xdr.AccountEntryExtensionV2({
          numSponsored: v2?.numSponsored ?? 0,
          numSponsoring: v2?.numSponsoring ?? 0,
          signerSponsoringIDs: v2?.signerSponsoringIDs ?? [],
          ext: xdr.AccountEntryExtensionV2Ext.v3(v3),
        }),
      ),
    }),
  );
  return accountWith(account, { seqNum, ext });
}

/** Ledger and close time at which the sequence number was last used; zeros for an account that never sent. */
export function sequenceUse(account: xdr.AccountEntry): { seqLedger: number; seqTime: bigint } {
  if (account.ext.type === 'v1' && account.ext.v1.ext.type === 'v2') {
    const { ext } = account.ext.v1.ext.v2;
    if (ext.type === 'v3') return { seqLedger: ext.v3.seqLedger, seqTime: ext.v3.seqTime };
  }
  return { seqLedger: 0, seqTime: 0n };
}
