import { formatAmount } from '@latchkey/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanAddress, cleanAmount, draftErrors } from './transferForm.ts';

const own = 'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC';
const other = 'CAS3J7GYLGXMF6TDJBBYYSE3HQ6BBSMLNUQ34T6TZMYMW2EVH34XOWMA';
const balance = { token: own, symbol: 'XLM', decimals: 7, amount: 100_0000000n };

const amountError = (amount: string) => draftErrors({ to: other, amount }, own, balance).amount;
const addressError = (to: string) => draftErrors({ to, amount: '1' }, own, balance).to;

describe('the amount field', () => {
  it('takes every amount from the smallest unit to the whole balance', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: balance.amount }), (amount) => {
        expect(amountError(formatAmount(amount, 7))).toBeNull();
      }),
    );
  });

  it('refuses one unit more than the balance', () => {
    expect(amountError('100.0000001')).toContain('does not hold that much XLM');
  });

  it.each(['', '0', '0.0000000', '-1', '1e3', 'ten', '.', '1.2.3', '0.00000001'])('refuses %j', (text) => {
    expect(amountError(text)).not.toBeNull();
  });

  it('asks for a point when there is a comma, because it could mean either thing', () => {
    expect(amountError('1,5')).toContain('with a point');
    expect(amountError('1,000.50')).toContain('with a point');
  });

  it('drops the blanks that pasting brings along', () => {
    expect(cleanAmount(' 1 250.5\n')).toBe('1250.5');
  });
});

describe('the address field', () => {
  it('takes another address', () => {
    expect(addressError(other)).toBeNull();
  });

  it('refuses to be left empty', () => {
    expect(addressError('')).toContain('Enter the address');
  });

  it('refuses the wallet\u2019s own address', () => {
    expect(addressError(own)).toContain('your own wallet');
  });

  it('drops the blanks and line breaks that pasting brings along', () => {
    expect(cleanAddress(`  ${other.slice(0, 20)} ${other.slice(20)}\n`)).toBe(other);
  });
});
