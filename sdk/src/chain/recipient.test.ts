import { describe, expect, it } from 'vitest';
import { muxedAddress, parseRecipient } from './recipient.ts';
import { readTransferCall, tokenCalls } from './tokenContract.ts';

// The examples of SEP-23.
const account = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ';
const muxedZero = 'MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAAACJUQ';
const muxedHighest = 'MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLK';
const contract = 'CA3D5KRYM6CB7OWQ6TWYRR3Z4T7GNZLKERYNZGGA5SOAOPIFY6YQGAXE';

describe('a recipient', () => {
  it('is an account, a numbered customer of one, or a contract', () => {
    expect(parseRecipient(account)).toEqual({ kind: 'account', address: account, account });
    expect(parseRecipient(muxedZero)).toEqual({ kind: 'muxed', address: muxedZero, account, id: 0n });
    expect(parseRecipient(muxedHighest)).toMatchObject({ account, id: 9223372036854775808n });
    expect(parseRecipient(contract)).toEqual({ kind: 'contract', address: contract });
  });

  it('is not read from an address with a typing error, of any kind', () => {
    for (const address of [account, muxedZero, contract]) {
      for (let at = 1; at < address.length; at++) {
        const other = address[at] === 'A' ? 'B' : 'A';
        const typo = address.slice(0, at) + other + address.slice(at + 1);
        expect(() => parseRecipient(typo), typo).toThrow(
          expect.objectContaining({ code: 'INVALID_ADDRESS', details: { field: 'destination' } }),
        );
      }
    }
  });

  it.each(['', 'G', `${account} `, account.toLowerCase(), muxedZero.slice(0, 68), `T${account.slice(1)}`])(
    'is not %j',
    (text) => {
      expect(() => parseRecipient(text, 'address')).toThrow(
        expect.objectContaining({ code: 'INVALID_ADDRESS', details: { field: 'address' } }),
      );
    },
  );

  it('is given a number of 64 bits and no more', () => {
    expect(muxedAddress(account, 0n)).toBe(muxedZero);
    expect(muxedAddress(account, 2n ** 63n)).toBe(muxedHighest);
    expect(parseRecipient(muxedAddress(account, 2n ** 64n - 1n))).toMatchObject({ id: 2n ** 64n - 1n });
    expect(() => muxedAddress(account, 2n ** 64n)).toThrow(RangeError);
    expect(() => muxedAddress(account, -1n)).toThrow(RangeError);
    expect(() => muxedAddress(muxedZero, 1n)).toThrow(TypeError);
  });

  it('stands in a transfer as it was given, number included', () => {
    const call = tokenCalls.transfer(contract, contract, muxedHighest, 5n);
    if (call.type !== 'hostFunctionTypeInvokeContract') throw new Error('no contract call');
    expect(readTransferCall(call.value)).toEqual({
      token: contract,
      from: contract,
      to: muxedHighest,
      amount: 5n,
    });
  });
});
