import type { Merchant } from '@latchkey/sdk/merchant';
import { describe, expect, it } from 'vitest';
import { draftErrors, hasErrors, type WithdrawDraft } from './withdrawForm.ts';

const managedAddress = 'GAAH4OT36RRCCAGKARGPN2HLHT2NOBVFHO4GUHA6CF7UKQ4MMV24WQ4N';
const shop = 'GBRPYHIL2CI3FNQ4BXLFMNDLFJUNPU2HY3ZMFSHONUCEOASW7QC7OX2H';
const contract = 'CAS3J7GYLGXMF6TDJBBYYSE3HQ6BBSMLNUQ34T6TZMYMW2EVH34XOWMA';
const muxed = 'MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLK';

const merchant = (managed: boolean) =>
  ({
    settlement: { managed, managedAddress, smartWalletAddress: null, balance: 100_0000000n },
    usdc: { code: 'USDC' },
  }) as unknown as Merchant;

const errorsOf = (draft: Partial<WithdrawDraft>, managed = true) =>
  draftErrors({ amount: '1', destination: shop, memo: '', ...draft }, merchant(managed));

describe('the withdrawal form', () => {
  it.each([shop, contract, muxed])('takes %s as a destination', (destination) => {
    expect(hasErrors(errorsOf({ destination }))).toBe(false);
  });

  it.each(['', managedAddress, 'GABC', `${shop.slice(0, -1)}A`, muxed.slice(0, -1), 'S'.repeat(56)])(
    'refuses %j as a destination',
    (destination) => {
      expect(errorsOf({ destination }).destination).toMatch(/\.$/);
    },
  );

  it.each(['', '0', '-1', '1,5', '1e3', '0.00000001', '100.0000001'])('refuses the amount %j', (amount) => {
    expect(errorsOf({ amount }).amount).toMatch(/\.$/);
  });

  it('takes the whole balance', () => {
    expect(errorsOf({ amount: '100' }).amount).toBeNull();
  });

  it('takes a text memo from a managed wallet, and only a number from the merchant\u2019s own', () => {
    expect(errorsOf({ memo: 'invoice 7' }).memo).toBeNull();
    expect(errorsOf({ memo: 'invoice 7' }, false).memo).toContain('only as a number');
    expect(errorsOf({ memo: '42' }, false).memo).toBeNull();
    expect(errorsOf({ memo: '18446744073709551616' }, false).memo).not.toBeNull();
  });

  it('refuses a memo that is too long, or with an address that has its own', () => {
    expect(errorsOf({ memo: 'é'.repeat(15) }).memo).toContain('28');
    expect(errorsOf({ memo: '1', destination: muxed }).memo).not.toBeNull();
    expect(errorsOf({ memo: '1', destination: contract }).memo).not.toBeNull();
  });
});
