import { Keypair } from '@stellar/stellar-sdk/base';
import * as xdr from '@stellar/stellar-sdk/xdr';
import { describe, expect, it, vi } from 'vitest';
import { sha256 } from '../sha256.ts';
import { newAccount } from './account.ts';
import { verifyEd25519 } from './ed25519.ts';
import { SignatureChecker } from './signatureChecker.ts';

vi.mock('./ed25519.ts', async (original) => {
  const real = await original<typeof import('./ed25519.ts')>();
  return { ...real, verifyEd25519: vi.fn(real.verifyEd25519) };
});

const hash = sha256(new Uint8Array([1, 2, 3]));
const [master, second, third] = [Keypair.random(), Keypair.random(), Keypair.random()];
const ed25519 = (keypair: Keypair) => xdr.SignerKey.signerKeyTypeEd25519(keypair.rawPublicKey());
const signed = (keypair: Keypair, data = hash) => keypair.signDecorated(data);

function account(
  thresholds: [master: number, low: number, medium: number, high: number],
  signers: [xdr.SignerKey, number][] = [],
): xdr.AccountEntry {
  return new xdr.AccountEntry({
    ...newAccount(master.rawPublicKey(), 0n, 1),
    thresholds: new Uint8Array(thresholds),
    signers: signers.map(([key, weight]) => new xdr.Signer({ key, weight })),
  });
}

describe('signatures', () => {
  it('of the master key reach a threshold of 0, but none at all do not', () => {
    const plain = account([1, 0, 0, 0]);
    expect(new SignatureChecker(hash, [signed(master)]).account(plain, 'medium')).toBe(true);
    expect(new SignatureChecker(hash, []).account(plain, 'low')).toBe(false);
  });

  it('of another transaction or with a wrong hint do not count', () => {
    const plain = account([1, 0, 0, 0]);
    const foreign = signed(master, sha256(new Uint8Array([9])));
    const { signature } = signed(master);
    const misdirected = new xdr.DecoratedSignature({ hint: second.signatureHint(), signature });
    expect(new SignatureChecker(hash, [foreign]).account(plain, 'low')).toBe(false);
    expect(new SignatureChecker(hash, [misdirected]).account(plain, 'low')).toBe(false);
  });

  it('add up to the threshold of their level, each signer once', () => {
    const shared = account(
      [1, 1, 2, 3],
      [
        [ed25519(second), 1],
        [ed25519(third), 1],
      ],
    );
    const two = [signed(master), signed(second)];
    expect(new SignatureChecker(hash, two).account(shared, 'medium')).toBe(true);
    expect(new SignatureChecker(hash, two).account(shared, 'high')).toBe(false);
    expect(new SignatureChecker(hash, [signed(second), signed(second)]).account(shared, 'medium')).toBe(
      false,
    );
  });

  it('of a master key with weight 0 are worth nothing', () => {
    const handedOver = account([0, 0, 0, 0], [[ed25519(second), 1]]);
    expect(new SignatureChecker(hash, [signed(master)]).account(handedOver, 'low')).toBe(false);
    expect(new SignatureChecker(hash, [signed(second)]).account(handedOver, 'low')).toBe(true);
  });

  it('may be the preimage of a hash, a payload, or nothing for a pre-authorized hash', () => {
    const preimage = new Uint8Array([7, 7, 7]);
    const payload = new Uint8Array([5, 6, 7, 8, 9]);
    const hashX = xdr.SignerKey.signerKeyTypeHashX(sha256(preimage));
    const signedPayload = xdr.SignerKey.signerKeyTypeEd25519SignedPayload(
      new xdr.SignerKeyEd25519SignedPayload({ ed25519: second.rawPublicKey(), payload }),
    );
    const reveal = new xdr.DecoratedSignature({ hint: sha256(preimage).slice(-4), signature: preimage });
    const check = (key: xdr.SignerKey, signatures: xdr.DecoratedSignature[]) =>
      new SignatureChecker(hash, signatures).account(account([0, 0, 0, 0], [[key, 1]]), 'low');
    expect(check(hashX, [reveal])).toBe(true);
    expect(check(signedPayload, [second.signPayloadDecorated(payload)])).toBe(true);
    expect(check(signedPayload, [signed(second)])).toBe(false);
    expect(check(xdr.SignerKey.signerKeyTypePreAuthTx(hash), [])).toBe(true);
    expect(check(xdr.SignerKey.signerKeyTypePreAuthTx(sha256(hash)), [])).toBe(false);
  });

  it('are remembered when used', () => {
    const checker = new SignatureChecker(hash, [signed(master), signed(second)]);
    checker.account(account([1, 0, 0, 0]), 'low');
    expect(checker.allUsed()).toBe(false);
    checker.masterKey(second.rawPublicKey());
    expect(checker.allUsed()).toBe(true);
  });

  it('are verified once for each key, whatever is checked, and in whatever check', () => {
    const shared = account([1, 1, 2, 2], [[ed25519(second), 1]]);
    const signatures = [signed(master), signed(second)];
    vi.mocked(verifyEd25519).mockClear();
    for (let check = 0; check < 2; check++) {
      const checker = new SignatureChecker(hash, signatures);
      for (const level of ['low', 'medium', 'high'] as const) {
        expect(checker.account(shared, level)).toBe(true);
      }
    }
    expect(verifyEd25519).toHaveBeenCalledTimes(2);
    const other = new SignatureChecker(sha256(hash), signatures);
    expect(other.account(shared, 'medium')).toBe(false);
  });

  it('fail a check that has looked at 1,000', () => {
    const keys = Array.from({ length: 20 }, () => Keypair.random());
    const shared = account(
      [0, 20, 20, 20],
      keys.map((key) => [ed25519(key), 1]),
    );
    const checker = new SignatureChecker(
      hash,
      keys.map((key) => signed(key)),
    );
    const results = Array.from({ length: 51 }, () => checker.account(shared, 'low'));
    expect(results.indexOf(false)).toBe(50);
  });
});
