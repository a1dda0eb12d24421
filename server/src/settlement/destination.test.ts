import { LatchkeyError } from '@latchkey/sdk/api';
import { addressToScVal, muxedAddress, scI128, scStruct } from '@latchkey/sdk/chain';
import { Asset, Keypair } from '@stellar/stellar-sdk/base';
import {
  AccountEntry,
  AccountEntryExt,
  ContractDataDurability,
  ContractDataEntry,
  DataEntry,
  DataEntryExt,
  ExtensionPoint,
  LedgerEntryData,
  Liabilities,
  ScVal,
  TrustLineEntry,
  TrustLineEntryExt,
  TrustLineEntryV1,
  TrustLineEntryV1Ext,
} from '@stellar/stellar-sdk/xdr';
import { describe, expect, it } from 'vitest';
import {
  keysOfPayment,
  type LedgerEntries,
  readPayment,
  requireAffordable,
  requireElsewhere,
  requireReceivable,
  transferRefusal,
} from './destination.ts';

const account = Keypair.random().publicKey();
const issuer = Keypair.random().publicKey();
const contract = 'CA3D5KRYM6CB7OWQ6TWYRR3Z4T7GNZLKERYNZGGA5SOAOPIFY6YQGAXE';
const usdc = {
  code: 'USDC',
  issuer,
  contractId: new Asset('USDC', issuer).contractId('Test SDF Network ; September 2015'),
};
const accountId = Keypair.fromPublicKey(account).xdrAccountId();
const code = (code: string, field?: string) =>
  expect.objectContaining({ code, ...(field ? { details: { field } } : {}) });

type Line = { balance?: bigint; limit?: bigint; flags?: number; buying?: bigint; selling?: bigint };

function line({ balance = 0n, limit = 1000n, flags = 1, buying = 0n, selling = 0n }: Line): LedgerEntryData {
  return LedgerEntryData.trustline(
    new TrustLineEntry({
      accountId,
      asset: new Asset('USDC', issuer).toTrustLineXdrObject(),
      balance,
      limit,
      flags,
      ext: TrustLineEntryExt.v1(
        new TrustLineEntryV1({
          liabilities: new Liabilities({ buying, selling }),
          ext: TrustLineEntryV1Ext.v0(),
        }),
      ),
    }),
  );
}

const existing = LedgerEntryData.account(
  new AccountEntry({
    accountId,
    balance: 1n,
    seqNum: 1n,
    numSubEntries: 0,
    inflationDest: null,
    flags: 0,
    homeDomain: '',
    thresholds: new Uint8Array(4),
    signers: [],
    ext: AccountEntryExt.v0(),
  }),
);

const wish = (value: string) =>
  LedgerEntryData.data(
    new DataEntry({
      accountId,
      dataName: 'config.memo_required',
      dataValue: new TextEncoder().encode(value),
      ext: DataEntryExt.v0(),
    }),
  );

const payment = (destination: string, memo?: string) => readPayment({ destination, memo }, 'managed');

/** The entries under the keys of a payment to `account`: of its own balance, the account, the line, the data entry. */
function entries(...all: LedgerEntryData[]): LedgerEntries {
  const [, ...keys] = keysOfPayment(contract, payment(account), usdc);
  return new Map(keys.flatMap((key, at) => (all[at] ? [[key, all[at]] as const] : [])));
}

describe('an account as a destination', () => {
  const receivable = (found: LedgerEntries, destination = account, memo?: string, amount = 100n) =>
    requireReceivable(payment(destination, memo), amount, usdc, found);

  it('has to exist, with a trust line that is authorized', () => {
    expect(() => receivable(entries(existing, line({})))).not.toThrow();
    const cannot = code('DESTINATION_CANNOT_RECEIVE', 'destination');
    expect(() => receivable(entries())).toThrow(cannot);
    expect(() => receivable(entries(existing))).toThrow(cannot);
    expect(() => receivable(entries(existing, line({ flags: 0 })))).toThrow(cannot);
    expect(() => receivable(entries(existing, line({ flags: 2 })))).toThrow(cannot);
  });

  it('has to have room under its limit, open offers counted', () => {
    const full = { balance: 700n, limit: 1000n, buying: 200n };
    expect(() => receivable(entries(existing, line(full)))).not.toThrow();
    expect(() => receivable(entries(existing, line(full)), account, undefined, 101n)).toThrow(
      code('DESTINATION_CANNOT_RECEIVE'),
    );
  });

  it('gets a memo where it asks for one (SEP-29), by text, id or number in the address', () => {
    const asking = entries(existing, line({}), wish('1'));
    expect(() => receivable(asking)).toThrow(code('MEMO_REQUIRED', 'memo'));
    expect(() => receivable(asking, account, 'invoice')).not.toThrow();
    expect(() => receivable(asking, account, '7')).not.toThrow();
    expect(() => receivable(asking, muxedAddress(account, 7n))).not.toThrow();
    expect(() => receivable(entries(existing, line({}), wish('0')))).not.toThrow();
  });
});

describe('a contract as a destination', () => {
  it('has to exist: what is paid to nobody cannot come back', () => {
    const [, instance] = keysOfPayment(account, payment(contract), usdc);
    const found = new Map([[instance!, existing]]);
    expect(() => requireReceivable(payment(contract), 1n, usdc, found)).not.toThrow();
    const cannot = code('DESTINATION_CANNOT_RECEIVE', 'destination');
    expect(() => requireReceivable(payment(contract), 1n, usdc, new Map())).toThrow(cannot);
  });
});

describe('no destination', () => {
  const elsewhere = (destination: string) =>
    requireElsewhere(payment(destination).recipient, { own: [account, null], usdc, deadEnds: [contract] });

  it('is the own address, the issuer or the asset itself, numbered or not', () => {
    expect(() => elsewhere(account)).toThrow(code('INVALID_ADDRESS', 'destination'));
    expect(() => elsewhere(muxedAddress(account, 1n))).toThrow(code('INVALID_ADDRESS'));
    for (const it of [issuer, muxedAddress(issuer, 1n), usdc.contractId, contract])
      expect(() => elsewhere(it)).toThrow(code('DESTINATION_CANNOT_RECEIVE', 'destination'));
    expect(() => elsewhere(Keypair.random().publicKey())).not.toThrow();
  });
});

describe('a memo', () => {
  it('is an id when it is a number, unless it is said to be a text', () => {
    expect(payment(account, '007').memo).toEqual({ kind: 'id', id: 7n });
    expect(payment(account, 'A7').memo).toEqual({ kind: 'text', text: 'A7' });
    const asText = readPayment({ destination: account, memo: '007', memoType: 'text' }, 'managed');
    expect(asText.memo).toEqual({ kind: 'text', text: '007' });
  });

  it('has no control characters', () => {
    for (const memo of ['a\nb', '\u0000', 'a\u0085', 'a\ud800'])
      expect(() => payment(account, memo)).toThrow(code('INVALID_REQUEST', 'memo'));
  });

  it('becomes part of the address for a passkey wallet', () => {
    const { recipient, memo } = readPayment({ destination: account, memo: '7' }, 'passkey');
    expect(recipient).toMatchObject({ kind: 'muxed', address: muxedAddress(account, 7n), id: 7n });
    expect(memo).toBeNull();
    expect(() => readPayment({ destination: account, memo: 'A7' }, 'passkey')).toThrow(
      code('MEMO_NOT_POSSIBLE', 'memo'),
    );
  });
});

describe('what can be spent', () => {
  const spend = (from: string, amount: bigint, entry?: LedgerEntryData) => {
    const [key] = keysOfPayment(from, payment(contract), usdc);
    requireAffordable(from, amount, usdc, new Map(entry ? [[key!, entry]] : []));
  };
  const held = (amount: bigint, authorized = true) =>
    LedgerEntryData.contractData(
      new ContractDataEntry({
        ext: ExtensionPoint.v0(),
        contract: (addressToScVal(usdc.contractId) as ScVal & { value: never }).value,
        key: ScVal.scvVoid(),
        durability: ContractDataDurability.persistent,
        val: scStruct({
          amount: scI128(amount),
          authorized: ScVal.scvBool(authorized),
          clawback: ScVal.scvBool(false),
        }),
      }),
    );
  const short = code('INSUFFICIENT_BALANCE', 'amount');

  it('of an account is its balance without what its offers sell', () => {
    expect(() => spend(account, 60n, line({ balance: 100n, selling: 40n }))).not.toThrow();
    expect(() => spend(account, 61n, line({ balance: 100n, selling: 40n }))).toThrow(short);
    expect(() => spend(account, 1n)).toThrow(short);
    expect(() => spend(account, 1n, line({ balance: 100n, flags: 0 }))).toThrow(short);
  });

  it('of a contract is what the asset keeps for it', () => {
    expect(() => spend(contract, 100n, held(100n))).not.toThrow();
    expect(() => spend(contract, 101n, held(100n))).toThrow(short);
    expect(() => spend(contract, 1n)).toThrow(short);
    expect(() => spend(contract, 1n, held(100n, false))).toThrow(short);
  });
});

describe('a refused simulation', () => {
  const failed = (contractError?: number) =>
    new LatchkeyError('SIMULATION_FAILED', { details: { contractError } });

  it('for want of balance is told as such, and anything else as it is', () => {
    expect(transferRefusal(failed(10))).toMatchObject({ code: 'INSUFFICIENT_BALANCE' });
    for (const error of [failed(11), failed(), new Error('other')])
      expect(transferRefusal(error)).toBe(error);
  });
});
