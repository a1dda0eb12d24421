import { Asset, Keypair, Operation } from '@stellar/stellar-sdk';
import { describe, expect, it } from 'vitest';
import { callPower, pay, transfer } from '../testing/powers.ts';
import { smallContract } from '../testing/smallContract.ts';
import { openTestNetwork, resultOf } from '../testing/testNetwork.ts';

describe('impersonation', () => {
  it('lets an account pay without its signature, and with any other', async () => {
    const network = await openTestNetwork();
    const { net } = network;
    const [whale, thief] = [await network.account(), await network.account()];
    const send = async (...signers: Keypair[]) => {
      const transaction = await network.build(whale, [pay(thief.publicKey())]);
      if (signers.length > 0) transaction.sign(...signers);
      return network.submit(transaction);
    };
    expect(resultOf(await send()).result.type).toBe('txBadAuth');
    await callPower(net, 'impersonate', { address: whale.publicKey() });
    expect((await send()).status).toBe('PENDING');
    expect((await send(thief)).status).toBe('PENDING');
    await callPower(net, 'stopImpersonating', { address: whale.publicKey() });
    expect(resultOf(await send()).result.type).toBe('txBadAuth');
  });

  it('covers the source of an operation and the payer of a fee bump, and nobody else', async () => {
    const network = await openTestNetwork();
    const [whale, thief, bystander] = [
      await network.account(),
      await network.account(),
      await network.account(),
    ];
    network.net.impersonate(whale.publicKey());
    const from = (source: Keypair) =>
      Operation.payment({
        source: source.publicKey(),
        destination: thief.publicKey(),
        asset: Asset.native(),
        amount: '1',
      });
    const both = await network.build(thief, [from(whale), from(bystander)], { fee: '1000' });
    both.sign(thief);
    expect((await network.submit(both)).status).toBe('ERROR');
    const one = await network.build(thief, [from(whale)]);
    one.sign(thief);
    expect((await network.submit(one)).status).toBe('PENDING');
  });

  it('gives contract calls the authorization of an account and of a contract', async () => {
    const network = await openTestNetwork();
    const { net } = network;
    const [whale, thief] = [await network.account(), await network.account()];
    const contract = await network.deploy(whale, smallContract());
    await net.fund(contract);
    for (const address of [whale.publicKey(), contract]) {
      const steal = () => network.invoke(thief, transfer(net, address, thief.publicKey()));
      expect((await steal()).result.status).toBe('FAILED');
      net.impersonate(address);
      const { result } = await steal();
      expect(result.status).toBe('SUCCESS');
      net.stopImpersonating(address);
      expect((await steal()).result.status).toBe('FAILED');
    }
  });

  it('refuses what is no address, and to stop what did not begin', async () => {
    const { net } = await openTestNetwork();
    await expect(callPower(net, 'impersonate', { address: 'me' })).rejects.toMatchObject({ code: -32602 });
    await expect(callPower(net, 'impersonate')).rejects.toThrow("missing parameter 'address'");
    const address = Keypair.random().publicKey();
    await expect(callPower(net, 'stopImpersonating', { address })).rejects.toThrow('is not impersonated');
  });
});
