import * as xdr from '@stellar/stellar-sdk/xdr';
import { describe, expect, it } from 'vitest';
import {
  accountIdOf,
  accountKey,
  accountWith,
  getAccount,
  minBalanceStroops,
  newAccount,
  putAccount,
  withExtension,
  withSequence,
} from './account.ts';
import { keyText, LedgerDelta } from './entryStore.ts';
import { putEntrySponsor } from './sponsorship.ts';

const key = Uint8Array.from({ length: 32 }, (_, index) => index * 7);
const ledger = { sequence: 9, closeTimeSeconds: 1_000 };
const signer = new xdr.Signer({ key: xdr.SignerKey.signerKeyTypeHashX(key), weight: 1 });

describe('an account', () => {
  it('is stored under the XDR of its ledger key', () => {
    const ledgerKey = xdr.LedgerKey.account(new xdr.LedgerKeyAccount({ accountId: accountIdOf(key) }));
    expect(accountKey(key)).toBe(keyText(ledgerKey.toXdr()));
  });

  it('has no extension until it needs one', () => {
    const plain = newAccount(key, 5n, 1);
    expect(plain.ext.type).toBe('v0');
    expect(accountWith(plain, { balance: 6n, signers: [signer] }).ext.type).toBe('v0');
    const sponsoring = withExtension(plain, { numSponsoring: 1 }).ext;
    const v2 = sponsoring.type === 'v1' && sponsoring.v1.ext.type === 'v2' ? sponsoring.v1.ext.v2 : null;
    expect(v2?.ext.type).toBe('v0');
  });

  it('lists a sponsor, or none, for each signer it has when the extension is added', () => {
    const account = withSequence(accountWith(newAccount(key, 5n, 1), { signers: [signer] }), 7n, ledger);
    const { ext } = account;
    expect(ext.type === 'v1' && ext.v1.ext.type === 'v2' && ext.v1.ext.v2.signerSponsoringIDs).toEqual([
      null,
    ]);
  });

  it('keeps its liabilities and counts when it uses a sequence number', () => {
    const liabilities = new xdr.Liabilities({ buying: 3n, selling: 4n });
    const ext = xdr.AccountEntryExt.v1(
      new xdr.AccountEntryExtensionV1({ liabilities, ext: xdr.AccountEntryExtensionV1Ext.v0() }),
    );
    const counted = withExtension(accountWith(newAccount(key, 5n, 1), { ext }), {
      numSponsoring: 3,
      numSponsored: 1,
    });
    const used = withSequence(counted, 7n, ledger);
    expect(used.ext.type === 'v1' && used.ext.v1.liabilities.equals(liabilities)).toBe(true);
    expect(minBalanceStroops(used)).toBe(4n * 5_000_000n);
  });

  it('keeps the sponsor of its entry when it is stored again', () => {
    const delta = new LedgerDelta({ get: () => undefined });
    putAccount(delta, newAccount(key, 5n, 1), 1);
    const context = { delta, ledger } as unknown as Parameters<typeof putEntrySponsor>[0];
    putEntrySponsor(context, accountKey(key), key);
    putAccount(delta, accountWith(getAccount(delta, key)!, { balance: 6n }), 2);
    const { ext } = xdr.LedgerEntry.fromXdr(delta.get(accountKey(key))!.xdr);
    expect(ext.type === 'v1' && ext.v1.sponsoringId?.equals(accountIdOf(key))).toBe(true);
  });
});
