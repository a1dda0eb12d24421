import { Address, type Asset, Contract, type Keypair, Operation, xdr } from '@stellar/stellar-sdk';
import { beforeEach, describe, expect, it } from 'vitest';
import { type AssetNetwork, eventsOf, i128, openAssetNetwork } from '../testing/assetNetwork.ts';

let assets: AssetNetwork;
let issuer: Keypair;
let alice: Keypair;
let bob: Keypair;
let usd: Asset;
let contract: Contract;

beforeEach(async () => {
  assets = await openAssetNetwork();
  ({ issuer, alice, bob, usd } = assets);
  await assets.done(issuer, [Operation.setOptions({ setFlags: 10 as never })]);
  await assets.hold(alice, '10');
  await assets.network.invoke(alice, Operation.createStellarAssetContract({ asset: usd }));
  contract = new Contract(usd.contractId(assets.network.net.passphrase));
});

const address = (keypair: Keypair) => Address.fromString(keypair.publicKey()).toScVal();
const call = async (signer: Keypair, name: string, ...args: xdr.ScVal[]) => {
  const { result } = await assets.network.invoke(signer, contract.call(name, ...args));
  expect(result.status).toBe('SUCCESS');
  return result;
};
const transfer = (to: Keypair, amount: bigint) =>
  call(alice, 'transfer', address(alice), address(to), i128(amount));

// The numbers are those of the contract's own errors.
const INSUFFICIENT_BALANCE = 'Error(Contract, #10)';
const BALANCE_DEAUTHORIZED = 'Error(Contract, #11)';
const NO_TRUST_LINE = 'Error(Contract, #13)';

describe("an asset's contract", () => {
  it('moves amounts between trust lines, and emits the event of a payment', async () => {
    await assets.done(bob, [Operation.changeTrust({ asset: usd })]);
    const result = await transfer(bob, 40_000_000n);
    expect((await assets.line(alice))!.balance).toBe(60_000_000n);
    expect((await assets.line(bob))!.balance).toBe(40_000_000n);
    const paid = await assets.done(alice, [
      Operation.payment({ destination: bob.publicKey(), asset: usd, amount: '4' }),
    ]);
    expect(eventsOf(result)).toEqual(eventsOf(paid));
  });

  it('mints from the issuer and burns at the issuer', async () => {
    const mint = await call(issuer, 'mint', address(alice), i128(5n));
    expect(eventsOf(mint)).toEqual([assets.event(usd, 'mint', [alice.publicKey()], i128(5n))]);
    const burn = await transfer(issuer, 100_000_005n);
    expect(eventsOf(burn)).toEqual([assets.event(usd, 'burn', [alice.publicKey()], i128(100_000_005n))]);
    expect((await assets.line(alice))!.balance).toBe(0n);
  });

  it('refuses an account without a line, and more than is there or fits', async () => {
    await expect(transfer(bob, 1n)).rejects.toThrow(NO_TRUST_LINE);
    await assets.done(bob, [Operation.changeTrust({ asset: usd, limit: '1' })]);
    await expect(transfer(bob, 10_000_001n)).rejects.toThrow(INSUFFICIENT_BALANCE);
    await expect(transfer(issuer, 100_000_001n)).rejects.toThrow(INSUFFICIENT_BALANCE);
    await transfer(bob, 10_000_000n);
  });

  it('freezes and thaws the line that payments see, and stops at one they froze', async () => {
    const freeze = await call(issuer, 'set_authorized', address(alice), xdr.ScVal.scvBool(false));
    const event = assets.event(usd, 'set_authorized', [alice.publicKey()], xdr.ScVal.scvBool(false));
    expect(eventsOf(freeze)).toEqual([event]);
    const pay = Operation.payment({ destination: issuer.publicKey(), asset: usd, amount: '1' });
    expect(await assets.codes(alice, pay)).toEqual(['paymentSrcNotAuthorized']);
    await call(issuer, 'set_authorized', address(alice), xdr.ScVal.scvBool(true));
    expect(await assets.codes(alice, pay)).toEqual(['paymentSuccess']);
    await assets.done(issuer, [
      Operation.setTrustLineFlags({ trustor: alice.publicKey(), asset: usd, flags: { authorized: false } }),
    ]);
    await expect(transfer(issuer, 1n)).rejects.toThrow(BALANCE_DEAUTHORIZED);
  });

  it('claws back from the line', async () => {
    const result = await call(issuer, 'clawback', address(alice), i128(30_000_000n));
    expect(eventsOf(result)).toEqual([assets.event(usd, 'clawback', [alice.publicKey()], i128(30_000_000n))]);
    expect((await assets.line(alice))!.balance).toBe(70_000_000n);
  });

  it('keeps the sponsor of a line', async () => {
    const source = bob.publicKey();
    await assets.done(
      [alice, bob],
      [
        Operation.beginSponsoringFutureReserves({ sponsoredId: source }),
        Operation.changeTrust({ asset: usd, source }),
        Operation.endSponsoringFutureReserves({ source }),
      ],
    );
    await transfer(bob, 10_000_000n);
    await assets.done(bob, [
      Operation.payment({ destination: issuer.publicKey(), asset: usd, amount: '1' }),
      Operation.changeTrust({ asset: usd, limit: '0' }),
    ]);
    await assets.done(alice, [
      Operation.payment({ destination: issuer.publicKey(), asset: usd, amount: '9' }),
      Operation.changeTrust({ asset: usd, limit: '0' }),
      Operation.accountMerge({ destination: source }),
    ]);
  });
});
