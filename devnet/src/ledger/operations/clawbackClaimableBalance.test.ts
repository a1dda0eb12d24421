import { Asset, Claimant, type Keypair, Operation, type xdr } from '@stellar/stellar-sdk';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type AssetNetwork,
  addressOf,
  balanceIdOf,
  eventsOf,
  i128,
  openAssetNetwork,
} from '../../testing/assetNetwork.ts';

let assets: AssetNetwork;
let issuer: Keypair;
let alice: Keypair;
let bob: Keypair;
let usd: Asset;

beforeEach(async () => {
  assets = await openAssetNetwork();
  ({ issuer, alice, bob, usd } = assets);
});

async function setAside(by: Keypair, asset = usd): Promise<xdr.ClaimableBalanceId> {
  const claimants = [new Claimant(bob.publicKey()), new Claimant(alice.publicKey())];
  return balanceIdOf(
    await assets.done(by, [Operation.createClaimableBalance({ asset, amount: '5', claimants })]),
  );
}
const claw = (id: xdr.ClaimableBalanceId) =>
  Operation.clawbackClaimableBalance({ balanceId: id.toXdr('hex') });
const allowClawback = () => assets.done(issuer, [Operation.setOptions({ setFlags: 10 as never })]);

describe('clawing back a claimable balance', () => {
  it('destroys it, says so, and frees the reserve of its creator', async () => {
    await allowClawback();
    await assets.hold(alice, '5');
    const id = await setAside(alice);
    const reply = await assets.done(issuer, [claw(id)]);
    expect(eventsOf(reply)).toEqual([assets.event(usd, 'clawback', [addressOf(id)], i128(50_000_000n))]);
    expect(await assets.claimable(id)).toBeNull();
    await assets.done(alice, [Operation.changeTrust({ asset: usd, limit: '0' })]);
    await assets.done(alice, [Operation.accountMerge({ destination: bob.publicKey() })]);
  });

  it('is for the issuer only, so never for the native asset, and only where it was allowed', async () => {
    await assets.hold(alice, '5');
    const early = await setAside(alice);
    await allowClawback();
    const late = await setAside(issuer);
    const native = await setAside(alice, Asset.native());
    expect(await assets.codes(alice, claw(late))).toEqual(['clawbackClaimableBalanceNotIssuer']);
    expect(await assets.codes(issuer, claw(native), claw(early), claw(late), claw(late))).toEqual([
      'clawbackClaimableBalanceNotIssuer',
      'clawbackClaimableBalanceNotClawbackEnabled',
      'clawbackClaimableBalanceSuccess',
      'clawbackClaimableBalanceDoesNotExist',
    ]);
  });
});
