// Account entries: look-up, storage, reserves and the extensions that count sponsorships (CAP-33) and sequence use
// (CAP-21). Balances and amounts are stroops (bigint). An extension is added when first needed and then stays, as in
// stellar-core. Who pays a reserve is decided in sponsorship.ts.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { toLatin1 } from '../bytes.ts';
import { decodedEntry, type EntrySource, type KeyText, type LedgerDelta, storedEntry } from './entryStore.ts';

export const BASE_RESERVE_STROOPS = 5_000_000;
export const INT64_MAX = 2n ** 63n - 1n;

export function accountIdOf(publicKey: Uint8Array): xdr.AccountId {
  return xdr.PublicKey.publicKeyTypeEd25519(publicKey);
}

/** LedgerKey: the tags of an account and of an ed25519 key, both 0, and the key. */
export function accountKey(publicKey: Uint8Array): KeyText {
  return `\0\0\0\0\0\0\0\0${toLatin1(publicKey)}`;
}

/** The ed25519 key under a plain or muxed account. */
export function publicKeyOf(account: xdr.MuxedAccount): Uint8Array {
  return (account.type === 'keyTypeMuxedEd25519' ? account.med25519.ed25519 : account.ed25519).toBytes();
}

export function getAccount(source: EntrySource, publicKey: Uint8Array): xdr.AccountEntry | null {
  const stored = source.get(accountKey(publicKey));
  if (!stored) return null;
  const { data } = decodedEntry(stored);
  return data.type === 'account' ? data.account : null;
}

/** Stores an account. Who sponsors its entry, if anybody, stays as it is. */
export function putAccount(delta: LedgerDelta, account: xdr.AccountEntry, sequence: number): void {
  const key = accountKey(account.accountId.value.toBytes());
  const stored = delta.get(key);
  const entry = new xdr.LedgerEntry({
    lastModifiedLedgerSeq: sequence,
    data: xdr.LedgerEntryData.account(account),
    ext: stored ? decodedEntry(stored).ext : xdr.LedgerEntryExt.v0(),
  });
  delta.put(key, storedEntry(entry));
}

/** Writes an account as it is: stellar-core reports what an operation looked up to change it, changed or not. */
export function touchAccount(delta: LedgerDelta, publicKey: Uint8Array, sequence: number): void {
  putAccount(delta, getAccount(delta, publicKey)!, sequence);
}

/** The sequence number of accounts made in a ledger, so that one made anew cannot repeat old transactions. */
export function startingSequenceNumber(ledgerSequence: number): bigint {
  return BigInt(ledgerSequence) << 32n;
}

/** A new account as CreateAccountOp makes it: only the master key may sign. */
export function newAccount(
  publicKey: Uint8Array,
  balanceStroops: bigint,
  sequence: number,
): xdr.AccountEntry {
  return new xdr.AccountEntry({
    accountId: accountIdOf(publicKey),
    balance: balanceStroops,
    seqNum: startingSequenceNumber(sequence),
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
  fields: Partial<ConstructorParameters<typeof xdr.AccountEntry>[0]>,
): xdr.AccountEntry {
  return new xdr.AccountEntry({ ...account, ...fields });
}

export type SponsorshipCounts = {
  /** Base reserves that this account pays for others, and that others pay for it. */
  readonly numSponsoring: number;
  readonly numSponsored: number;
};

export function sponsorshipCounts(account: xdr.AccountEntry): SponsorshipCounts {
  const { numSponsoring = 0, numSponsored = 0 } = extensionV2(account) ?? {};
  return { numSponsoring, numSponsored };
}

/** Who pays the reserve of each signer, in the order of the signers; null where the account itself does. */
export function signerSponsors(account: xdr.AccountEntry): (xdr.AccountId | null)[] {
  return extensionV2(account)?.signerSponsoringIDs ?? account.signers.map(() => null);
}

/** The same account with parts of its second extension replaced, which is added when it is missing. */
export function withExtension(
  account: xdr.AccountEntry,
  fields: Partial<SponsorshipCounts> & {
    readonly signerSponsoringIDs?: (xdr.AccountId | null)[];
    readonly ext?: xdr.AccountEntryExtensionV2Ext;
  },
): xdr.AccountEntry {
  const v1 = account.ext.type === 'v1' ? account.ext.v1 : null;
  const v2 = new xdr.AccountEntryExtensionV2({
    ...sponsorshipCounts(account),
    signerSponsoringIDs: signerSponsors(account),
    ext: extensionV2(account)?.ext ?? xdr.AccountEntryExtensionV2Ext.v0(),
    ...fields,
  });
  const ext = xdr.AccountEntryExt.v1(
    new xdr.AccountEntryExtensionV1({
      liabilities: v1?.liabilities ?? new xdr.Liabilities({ buying: 0n, selling: 0n }),
      ext: xdr.AccountEntryExtensionV1Ext.v2(v2),
    }),
  );
  return accountWith(account, { ext });
}

export function minBalanceStroops(account: xdr.AccountEntry): bigint {
  const { numSponsoring, numSponsored } = sponsorshipCounts(account);
  const reserves = 2 + account.numSubEntries + numSponsoring - numSponsored;
  return BigInt(reserves) * BigInt(BASE_RESERVE_STROOPS);
}

/** What the account may spend: its balance without the reserve and what open offers need. */
export function availableStroops(account: xdr.AccountEntry): bigint {
  const spare = spareStroops(account);
  return spare > 0n ? spare : 0n;
}

/** Fees may take a balance there, and a change of the network's reserve. */
export function isBelowReserve(account: xdr.AccountEntry): boolean {
  return spareStroops(account) < 0n;
}

function spareStroops(account: xdr.AccountEntry): bigint {
  const selling = account.ext.type === 'v1' ? account.ext.v1.liabilities.selling : 0n;
  return account.balance - minBalanceStroops(account) - selling;
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
  const v3 = new xdr.AccountEntryExtensionV3({
    ext: xdr.ExtensionPoint.v0(),
    seqLedger: ledger.sequence,
    seqTime: BigInt(ledger.closeTimeSeconds),
  });
  const ext = xdr.AccountEntryExtensionV2Ext.v3(v3);
  return accountWith(withExtension(account, { ext }), { seqNum });
}

/** Ledger and close time at which the sequence number was last used; zeros for an account that never sent. */
export function sequenceUse(account: xdr.AccountEntry): { seqLedger: number; seqTime: bigint } {
  const ext = extensionV2(account)?.ext;
  return ext?.type === 'v3'
    ? { seqLedger: ext.v3.seqLedger, seqTime: ext.v3.seqTime }
    : { seqLedger: 0, seqTime: 0n };
}

function extensionV2(account: xdr.AccountEntry): xdr.AccountEntryExtensionV2 | null {
  return account.ext.type === 'v1' && account.ext.v1.ext.type === 'v2' ? account.ext.v1.ext.v2 : null;
}
