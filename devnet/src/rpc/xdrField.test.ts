import { Address, Asset, nativeToScVal, StrKey } from '@stellar/stellar-sdk';
import * as xdr from '@stellar/stellar-sdk/xdr';
import { describe, expect, it } from 'vitest';
import { xdrField, xdrListField } from './xdrField.ts';

const zero = new Uint8Array(32);
const account = StrKey.encodeEd25519PublicKey(zero);
const contract = StrKey.encodeContract(zero);
const accountId = xdr.PublicKey.publicKeyTypeEd25519(zero);
const balanceId = xdr.ClaimableBalanceId.claimableBalanceIdTypeV0(zero);
const json = (decoder: Parameters<typeof xdrField>[1], value: xdr.XdrValue) =>
  xdrField('field', decoder, value.toXdr(), 'json').fieldJson;

describe('a field of XDR', () => {
  it('is named for its format', () => {
    const bytes = xdr.ScVal.scvVoid().toXdr();
    expect(xdrField('meta', xdr.ScVal, bytes, 'base64')).toEqual({ metaXdr: 'AAAAAQ==' });
    expect(xdrField('meta', xdr.ScVal, bytes, 'base64', 'xdr')).toEqual({ xdr: 'AAAAAQ==' });
    expect(xdrField('meta', xdr.ScVal, bytes, 'json', 'xdr')).toEqual({ metaJson: 'void' });
    expect(xdrListField('events', [xdr.ScVal.scvVoid()], 'base64')).toEqual({ eventsXdr: ['AAAAAQ=='] });
    expect(xdrListField('events', [xdr.ScVal.scvVoid()], 'json')).toEqual({ eventsJson: ['void'] });
  });

  // SEP-51: names in snake case without their common prefix, 64 bits and more as text, addresses as strkeys.
  it.each<[string, xdr.ScVal, unknown]>([
    ['a boolean', xdr.ScVal.scvBool(true), { bool: true }],
    ['32 bits', xdr.ScVal.scvU32(4_294_967_295), { u32: 4_294_967_295 }],
    ['64 bits', nativeToScVal(-(2n ** 63n), { type: 'i64' }), { i64: '-9223372036854775808' }],
    ['128 bits', nativeToScVal(-(2n ** 127n), { type: 'i128' }), { i128: String(-(2n ** 127n)) }],
    ['256 bits', nativeToScVal(2n ** 256n - 1n, { type: 'u256' }), { u256: String(2n ** 256n - 1n) }],
    ['bytes', xdr.ScVal.scvBytes(new Uint8Array([0, 255])), { bytes: '00ff' }],
    ['text', xdr.ScVal.scvString('a"\n\\é'), { string: 'a"\\n\\\\\\xc3\\xa9' }],
    ['a symbol', xdr.ScVal.scvSymbol('transfer'), { symbol: 'transfer' }],
    ['an account', Address.fromString(account).toScVal(), { address: account }],
    ['a contract', Address.fromString(contract).toScVal(), { address: contract }],
    ['a list', xdr.ScVal.scvVec([xdr.ScVal.scvVoid()]), { vec: ['void'] }],
    [
      'a map',
      xdr.ScVal.scvMap([new xdr.ScMapEntry({ key: xdr.ScVal.scvU32(1), val: xdr.ScVal.scvVoid() })]),
      { map: [{ key: { u32: 1 }, val: 'void' }] },
    ],
  ])('writes %s as SEP-51 has it', (_, value, expected) => {
    expect(json(xdr.ScVal, value)).toEqual(expected);
  });

  it('writes keys and assets as SEP-51 has them', () => {
    const trustLine = new xdr.LedgerKeyTrustLine({
      accountId,
      asset: xdr.TrustLineAsset.fromXdr(new Asset('USD', account).toXDRObject().toXdr()),
    });
    expect(json(xdr.LedgerKey, xdr.LedgerKey.account(new xdr.LedgerKeyAccount({ accountId })))).toEqual({
      account: { account_id: account },
    });
    expect(json(xdr.LedgerKey, xdr.LedgerKey.trustline(trustLine))).toEqual({
      trustline: { account_id: account, asset: { credit_alphanum4: { asset_code: 'USD', issuer: account } } },
    });
    const balance = xdr.LedgerKey.claimableBalance(new xdr.LedgerKeyClaimableBalance({ balanceId }));
    expect(json(xdr.LedgerKey, balance)).toEqual({
      claimable_balance: { balance_id: StrKey.encodeClaimableBalance(new Uint8Array(33)) },
    });
  });
});
