import { Account, Asset, type Keypair, MuxedAccount, Operation, xdr } from '@stellar/stellar-sdk';
import { beforeEach, describe, expect, it } from 'vitest';
import { type AssetNetwork, eventsOf, i128, openAssetNetwork } from '../../testing/assetNetwork.ts';

let assets: AssetNetwork;
let issuer: Keypair;
let alice: Keypair;
let bob: Keypair;
let usd: Asset;

beforeEach(async () => {
  assets = await openAssetNetwork();
  ({ issuer, alice, bob, usd } = assets);
});

const claw = (from: string, amount: string) => Operation.clawback({ asset: usd, from, amount });
const allowClawback = () => assets.done(issuer, [Operation.setOptions({ setFlags: 10 as never })]);

describe('a clawback', () => {
  it('burns an amount of a line that allows it, and says so', async () => {
    await allowClawback();
    await assets.hold(alice, '10');
    const muxed = new MuxedAccount(new Account(alice.publicKey(), '0'), '7').accountId();
    const event = (amount: bigint) => assets.event(usd, 'clawback', [alice.publicKey()], i128(amount));
    const reply = await assets.done(issuer, [claw(alice.publicKey(), '3'), claw(muxed, '1')]);
    expect(eventsOf(reply)).toEqual([event(30_000_000n), event(10_000_000n)]);
    expect((await assets.line(alice))!.balance).toBe(60_000_000n);
  });

  it('reaches a frozen line', async () => {
    await allowClawback();
    await assets.hold(alice, '10');
    await assets.done(issuer, [
      Operation.setTrustLineFlags({ trustor: alice.publicKey(), asset: usd, flags: { authorized: false } }),
      claw(alice.publicKey(), '10'),
    ]);
    expect(await assets.line(alice)).toMatchObject({ flags: 4, balance: 0n });
  });

  it('needs a line, that was opened while clawback was allowed, with enough on it', async () => {
    await assets.hold(alice, '10');
    await allowClawback();
    await assets.hold(bob, '10');
    expect(
      await assets.codes(
        issuer,
        claw(issuerMuxed(), '1'),
        claw(alice.publicKey(), '1'),
        claw(bob.publicKey(), '10.0000001'),
      ),
    ).toEqual(['clawbackNoTrust', 'clawbackNotClawbackEnabled', 'clawbackUnderfunded']);
  });

  it('is malformed without an amount, from the issuer itself, or by anybody but the issuer', async () => {
    const body = (from: Keypair, amount: bigint, asset = usd.toXdrObject()) => {
      const account = xdr.MuxedAccount.keyTypeEd25519(from.rawPublicKey());
      return xdr.OperationBody.clawback(new xdr.ClawbackOp({ asset, from: account, amount }));
    };
    const badCode = new xdr.AlphaNum4({ assetCode: new Uint8Array(4), issuer: issuer.xdrAccountId() });
    const malformed = [
      [issuer, body(alice, 0n)],
      [issuer, body(issuer, 1n)],
      [bob, body(alice, 1n)],
      [issuer, body(alice, 1n, Asset.native().toXdrObject())],
      [issuer, body(alice, 1n, xdr.Asset.assetTypeCreditAlphanum4(badCode))],
    ] as const;
    for (const [signer, operation] of malformed) {
      expect(await assets.codeOfRaw(signer, operation)).toBe('clawbackMalformed');
    }
  });
});

function issuerMuxed(): string {
  return new MuxedAccount(new Account(issuer.publicKey(), '0'), '7').accountId();
}
