import { type Asset, type Keypair, Operation, xdr } from '@stellar/stellar-sdk';
import { beforeEach, describe, expect, it } from 'vitest';
import { type AssetNetwork, eventsOf, openAssetNetwork } from '../../testing/assetNetwork.ts';

const [AUTHORIZED, MAINTAIN, CLAWBACK] = [1, 2, 4];
const [REVOCABLE, CLAWBACK_ENABLED] = [2, 8];

let assets: AssetNetwork;
let issuer: Keypair;
let alice: Keypair;
let usd: Asset;

beforeEach(async () => {
  assets = await openAssetNetwork();
  ({ issuer, alice, usd } = assets);
});

const raw = (clearFlags: number, setFlags: number, trustor = alice, asset = usd.toXdrObject()) =>
  xdr.OperationBody.setTrustLineFlags(
    new xdr.SetTrustLineFlagsOp({ trustor: trustor.xdrAccountId(), asset, clearFlags, setFlags }),
  );
const set = (clearFlags: number, setFlags: number) =>
  new xdr.Operation({ sourceAccount: null, body: raw(clearFlags, setFlags) });
const issuerFlags = (setFlags: number) =>
  assets.done(issuer, [Operation.setOptions({ setFlags: setFlags as never })]);

describe('the flags of a trust line', () => {
  it('change between authorized, maintaining liabilities and nothing, with an event each time', async () => {
    await issuerFlags(REVOCABLE);
    await assets.hold(alice, '10');
    const steps = [
      [AUTHORIZED, MAINTAIN, false],
      [MAINTAIN, 0, false],
      [0, 0, false],
      [0, AUTHORIZED, true],
      [0, 0, true],
    ] as const;
    for (const [clearFlags, setFlags, isAuthorized] of steps) {
      const reply = await assets.done(issuer, [set(clearFlags, setFlags)]);
      const event = assets.event(usd, 'set_authorized', [alice.publicKey()], xdr.ScVal.scvBool(isAuthorized));
      expect(eventsOf(reply)).toEqual([event]);
      expect((await assets.line(alice))!.flags & AUTHORIZED).toBe(isAuthorized ? 1 : 0);
    }
    expect((await assets.line(alice))!.balance).toBe(100_000_000n);
  });

  it('lose clawback for good', async () => {
    await issuerFlags(REVOCABLE | CLAWBACK_ENABLED);
    await assets.hold(alice, '10');
    await assets.done(issuer, [set(CLAWBACK, 0)]);
    expect((await assets.line(alice))!.flags).toBe(AUTHORIZED);
    expect(await assets.codeOfRaw(issuer, raw(0, CLAWBACK))).toBe('setTrustLineFlagsMalformed');
  });

  it('cannot be revoked by an issuer that is not AUTH_REVOCABLE, whether or not the line exists', async () => {
    expect(await assets.codes(issuer, set(AUTHORIZED, 0))).toEqual(['setTrustLineFlagsCantRevoke']);
    await assets.hold(alice, '10');
    expect(await assets.codes(issuer, set(AUTHORIZED, MAINTAIN), set(MAINTAIN, AUTHORIZED))).toEqual([
      'setTrustLineFlagsCantRevoke',
      'setTrustLineFlagsSuccess',
    ]);
  });

  it('need a line', async () => {
    expect(await assets.codes(issuer, set(0, AUTHORIZED))).toEqual(['setTrustLineFlagsNoTrustLine']);
  });

  it('are never both levels of authorization', async () => {
    await assets.hold(alice, '10');
    expect(await assets.codes(issuer, set(0, MAINTAIN))).toEqual(['setTrustLineFlagsInvalidState']);
  });

  it("are malformed when they overlap, are unknown, or are not the issuer's to set on that line", async () => {
    const { bob } = assets;
    const malformed = [
      [issuer, raw(AUTHORIZED, AUTHORIZED)],
      [issuer, raw(0, AUTHORIZED | MAINTAIN)],
      [issuer, raw(0, 8)],
      [issuer, raw(8, 0)],
      [issuer, raw(0, AUTHORIZED, issuer)],
      [bob, raw(0, AUTHORIZED)],
      [issuer, raw(0, AUTHORIZED, alice, xdr.Asset.assetTypeNative())],
      [
        issuer,
        raw(
          0,
          AUTHORIZED,
          alice,
          xdr.Asset.assetTypeCreditAlphanum4(
            new xdr.AlphaNum4({ assetCode: new Uint8Array(4), issuer: issuer.xdrAccountId() }),
          ),
        ),
      ],
    ] as const;
    for (const [signer, body] of malformed) {
      expect(await assets.codeOfRaw(signer, body)).toBe('setTrustLineFlagsMalformed');
    }
  });
});
