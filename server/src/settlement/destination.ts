// Where a withdrawal may go, decided before anything is signed: what the address and the memo say by themselves, and
// what the ledger says of the account behind them (SEP-29's wish for a memo, the trust line and the room on it). Pure: the
// ledger's entries are given. A contract has to exist, and may be any but those of the asset itself; what it does with what
// it gets is not known. The issuer is refused, since paying it destroys what is paid.
import { LatchkeyError } from '@latchkey/sdk/api';
import {
  addressToScVal,
  contractInstanceKey,
  muxedAddress,
  parseAddress,
  parseRecipient,
  type Recipient,
  scSymbol,
  scValToI128,
  scVec,
  structField,
} from '@latchkey/sdk/chain';
import { Asset, Keypair } from '@stellar/stellar-sdk/base';
import {
  ContractDataDurability,
  LedgerEntryData,
  LedgerKey,
  LedgerKeyAccount,
  LedgerKeyContractData,
  LedgerKeyData,
  LedgerKeyTrustLine,
  type TrustLineEntry,
} from '@stellar/stellar-sdk/xdr';
import type { Usdc } from './network.ts';

const AUTHORIZED_FLAG = 1;
/** BalanceError of the asset's contract (CAP-46-06). */
const BALANCE_ERROR = 10;
const MAX_MEMO_TEXT_BYTES = 28;
const MAX_MEMO_ID = 2n ** 64n - 1n;
/** SEP-29 */
const MEMO_REQUIRED_NAME = 'config.memo_required';
const MEMO_REQUIRED_VALUE = '1';

export type Memo = { kind: 'text'; text: string } | { kind: 'id'; id: bigint };

export type Payment = { recipient: Recipient; memo: Memo | null };

/** Ledger entries by the base64 of their keys, as a node answered. */
export type LedgerEntries = ReadonlyMap<string, LedgerEntryData>;

function refused(
  code: 'INVALID_ADDRESS' | 'DESTINATION_CANNOT_RECEIVE' | 'MEMO_NOT_POSSIBLE' | 'INVALID_REQUEST',
  message: string,
  field = 'destination',
): LatchkeyError {
  return new LatchkeyError(code, { message, details: { field } });
}

function readMemo(text: string | undefined, type: 'text' | 'id' | undefined): Memo | null {
  if (text === undefined) return null;
  const isId = type === 'id' || (type === undefined && /^\d+$/.test(text));
  if (isId) {
    if (!/^\d{1,20}$/.test(text) || BigInt(text) > MAX_MEMO_ID)
      throw refused('INVALID_REQUEST', 'A memo of kind id is a whole number of at most 64 bits.', 'memo');
    return { kind: 'id', id: BigInt(text) };
  }
  if (Buffer.byteLength(text) > MAX_MEMO_TEXT_BYTES)
    throw refused('INVALID_REQUEST', `A memo has at most ${MAX_MEMO_TEXT_BYTES} bytes.`, 'memo');
  if (/[\p{Cc}\p{Cs}]/u.test(text))
    throw refused('INVALID_REQUEST', 'A memo has no line breaks or other control characters.', 'memo');
  return { kind: 'text', text };
}

/**
 * What was asked for, read. For a passkey wallet, whose transactions carry no memo, a number becomes part of the address.
 * @throws LatchkeyError INVALID_ADDRESS, INVALID_REQUEST, MEMO_NOT_POSSIBLE
 */
export function readPayment(
  query: { destination: string; memo?: string | undefined; memoType?: 'text' | 'id' | undefined },
  signedBy: 'managed' | 'passkey',
): Payment {
  const recipient = parseRecipient(query.destination);
  const memo = readMemo(query.memo, query.memoType);
  if (!memo) return { recipient, memo };
  if (recipient.kind === 'muxed')
    throw refused(
      'MEMO_NOT_POSSIBLE',
      'This address has its number in it already: leave the memo out.',
      'memo',
    );
  if (recipient.kind === 'contract')
    throw refused('MEMO_NOT_POSSIBLE', 'A contract takes no memo: leave it out.', 'memo');
  if (signedBy === 'managed') return { recipient, memo };
  if (memo.kind === 'text') throw new LatchkeyError('MEMO_NOT_POSSIBLE', { details: { field: 'memo' } });
  return { recipient: parseRecipient(muxedAddress(recipient.account, memo.id)), memo: null };
}

/**
 * @param own the merchant's own addresses
 * @param deadEnds contracts that nobody gets anything back from
 * @throws LatchkeyError INVALID_ADDRESS, DESTINATION_CANNOT_RECEIVE
 */
export function requireElsewhere(
  recipient: Recipient,
  parties: { own: readonly (string | null)[]; usdc: Usdc; deadEnds: readonly string[] },
): void {
  const holder = recipient.kind === 'contract' ? recipient.address : recipient.account;
  if (parties.own.includes(holder))
    throw refused('INVALID_ADDRESS', 'This is the address of your own wallet.');
  if (holder === parties.usdc.issuer) {
    throw refused(
      'DESTINATION_CANNOT_RECEIVE',
      `This is the issuer of ${parties.usdc.code}: what is paid to it ceases to exist. To redeem, use the address the issuer gave you.`,
    );
  }
  if (holder === parties.usdc.contractId || parties.deadEnds.includes(holder)) {
    throw refused(
      'DESTINATION_CANNOT_RECEIVE',
      'This is a contract of the network itself: nobody could ever get the money out of it.',
    );
  }
}

function lineKey(account: string, usdc: Usdc): string {
  const accountId = Keypair.fromPublicKey(account).xdrAccountId();
  const asset = new Asset(usdc.code, usdc.issuer).toTrustLineXdrObject();
  return LedgerKey.trustline(new LedgerKeyTrustLine({ accountId, asset })).toXdr('base64');
}

function accountKeyOf(account: string): string {
  const accountId = Keypair.fromPublicKey(account).xdrAccountId();
  return LedgerKey.account(new LedgerKeyAccount({ accountId })).toXdr('base64');
}

function memoWishKey(account: string): string {
  const accountId = Keypair.fromPublicKey(account).xdrAccountId();
  return LedgerKey.data(new LedgerKeyData({ accountId, dataName: MEMO_REQUIRED_NAME })).toXdr('base64');
}

function instanceKeyOf(contract: string): string {
  return contractInstanceKey(contract).toXdr('base64');
}

/** The entry that says how much a G… or C… address holds. */
export function balanceKey(holder: string, usdc: Usdc): string {
  if (holder.startsWith('G')) return lineKey(holder, usdc);
  return LedgerKey.contractData(
    new LedgerKeyContractData({
      contract: parseAddress(usdc.contractId),
      key: scVec([scSymbol('Balance'), addressToScVal(holder)]),
      durability: ContractDataDurability.persistent,
    }),
  ).toXdr('base64');
}

/** The keys of everything that `requireAffordable` and `requireReceivable` look at. */
export function keysOfPayment(from: string, { recipient }: Payment, usdc: Usdc): string[] {
  const keys = [balanceKey(from, usdc)];
  if (recipient.kind === 'contract') return [...keys, instanceKeyOf(recipient.address)];
  const { account } = recipient;
  return [...keys, accountKeyOf(account), lineKey(account, usdc), memoWishKey(account)];
}

function trustLine(entries: LedgerEntries, key: string): TrustLineEntry | null {
  const data = entries.get(key);
  return data?.type === 'trustline' ? data.value : null;
}

function liabilities(line: TrustLineEntry): { buying: bigint; selling: bigint } {
  return line.ext.type === 'v1' ? line.ext.value.liabilities : { buying: 0n, selling: 0n };
}

/** What can be spent, in the smallest unit; null where the issuer has frozen it. */
function spendable(from: string, usdc: Usdc, entries: LedgerEntries): bigint | null {
  const key = balanceKey(from, usdc);
  if (from.startsWith('G')) {
    const line = trustLine(entries, key);
    if (!line) return 0n;
    return line.flags & AUTHORIZED_FLAG ? line.balance - liabilities(line).selling : null;
  }
  const data = entries.get(key);
  if (data?.type !== 'contractData') return 0n;
  const authorized = structField(data.value.val, 'authorized');
  if (authorized?.type === 'scvBool' && !authorized.value) return null;
  return scValToI128(structField(data.value.val, 'amount')) ?? 0n;
}

/**
 * @param reserved for withdrawals that are on their way
 * @throws LatchkeyError INSUFFICIENT_BALANCE
 */
export function requireAffordable(
  from: string,
  amount: bigint,
  usdc: Usdc,
  entries: LedgerEntries,
  reserved = 0n,
): void {
  const available = spendable(from, usdc, entries);
  const field = { field: 'amount' };
  if (available === null) {
    throw new LatchkeyError('INSUFFICIENT_BALANCE', {
      message: `The issuer of ${usdc.code} has frozen this wallet's balance.`,
      details: field,
    });
  }
  if (amount + reserved > available) throw new LatchkeyError('INSUFFICIENT_BALANCE', { details: field });
}

/** Why a transfer's simulation was refused, in our words where the balance went down after the ledger was read. */
export function transferRefusal(error: unknown): unknown {
  const isOfBalance =
    error instanceof LatchkeyError &&
    error.code === 'SIMULATION_FAILED' &&
    error.details?.contractError === BALANCE_ERROR;
  if (!isOfBalance) return error;
  return new LatchkeyError('INSUFFICIENT_BALANCE', { details: { field: 'amount' }, cause: error });
}

/** @throws LatchkeyError DESTINATION_CANNOT_RECEIVE, MEMO_REQUIRED */
export function requireReceivable(
  { recipient, memo }: Payment,
  amount: bigint,
  usdc: Usdc,
  entries: LedgerEntries,
): void {
  if (recipient.kind === 'contract') {
    if (entries.has(instanceKeyOf(recipient.address))) return;
    throw refused('DESTINATION_CANNOT_RECEIVE', 'There is no contract at this address on the network.');
  }
  const { account } = recipient;
  if (!entries.has(accountKeyOf(account)))
    throw refused('DESTINATION_CANNOT_RECEIVE', 'There is no account at this address on the network.');
  const line = trustLine(entries, lineKey(account, usdc));
  if (!line)
    throw refused(
      'DESTINATION_CANNOT_RECEIVE',
      `This account does not accept ${usdc.code}: it has no trust line.`,
    );
  if (!(line.flags & AUTHORIZED_FLAG))
    throw refused(
      'DESTINATION_CANNOT_RECEIVE',
      `The issuer of ${usdc.code} does not let this account hold it.`,
    );
  if (line.limit - line.balance - liabilities(line).buying < amount)
    throw refused('DESTINATION_CANNOT_RECEIVE', 'This account has set a limit that the amount would exceed.');
  const wish = entries.get(memoWishKey(account));
  const asksForMemo =
    wish?.type === 'data' && Buffer.from(wish.value.dataValue.value).toString() === MEMO_REQUIRED_VALUE;
  if (asksForMemo && recipient.kind === 'account' && !memo)
    throw new LatchkeyError('MEMO_REQUIRED', { details: { field: 'memo' } });
}

/** @param answered what `getLedgerEntries` answered */
export function readEntries(answered: readonly { key: string; xdr: string }[]): LedgerEntries {
  return new Map(answered.map(({ key, xdr }) => [key, LedgerEntryData.fromXdr(xdr, 'base64')]));
}
