import { Asset, Keypair, Operation, scValToNative, xdr } from '@stellar/stellar-sdk';
import { describe, expect, it } from 'vitest';
import { callPower } from '../testing/powers.ts';
import { openTestNetwork } from '../testing/testNetwork.ts';

describe('known accounts and the test USDC', () => {
  it('are there from the start, the same every time, with keys that wallets derive from the phrase', async () => {
    const { net } = await openTestNetwork({
      accounts: 2,
      seedPhrase: 'illness spike retreat truth genius clock brain pass fit cave bargain toe',
    });
    // The first test vector of SEP-5.
    expect(net.accounts[0]).toEqual({
      publicKey: 'GDRXE2BQUC3AZNPVFSCEZ76NJ3WWL25FYFK6RGZGIEKWE4SOOHSUJUJ6',
      secretKey: 'SBGWSG6BTNCKCOB3DIFBGCVMUPQFYPA2G4O34RMTB343OYPXU5DJDVMN',
    });
    expect(net.accounts[1]!.publicKey).toBe('GBAW5XGWORWVFE2XTJYDTLDHXTY2Q2MO73HYCGB3XMFMQ562Q2W2GJQX');
    expect(await callPower(net, 'accounts')).toEqual({ accounts: net.accounts, usdc: null });
    const keypair = Keypair.fromSecret(net.accounts[1]!.secretKey);
    expect(keypair.publicKey()).toBe(net.accounts[1]!.publicKey);
  });

  it('hold 10,000 XLM and 10,000 USDC, which the contract knows too', async () => {
    const network = await openTestNetwork({ accounts: 25, usdc: true });
    const { net } = network;
    expect(net.accounts).toHaveLength(25);
    const { issuer, contractId } = net.usdc!;
    for (const { publicKey } of net.accounts) {
      expect(await network.balance(publicKey)).toBe(100_000_000_000n);
      const balance = Operation.invokeContractFunction({
        contract: contractId,
        function: 'balance',
        args: [xdr.ScVal.scvAddress(xdr.ScAddress.fromJson(publicKey))],
      });
      const source = Keypair.fromSecret(net.accounts[0]!.secretKey);
      const simulation = (await net.rpc('simulateTransaction', {
        transaction: (await network.build(source, [balance])).toXDR(),
      })) as { results: { xdr: string }[] };
      expect(scValToNative(xdr.ScVal.fromXdr(simulation.results[0]!.xdr, 'base64'))).toBe(100_000_000_000n);
    }
    expect(new Asset('USDC', issuer.publicKey).contractId(net.passphrase)).toBe(contractId);
    expect(Keypair.fromSecret(issuer.secretKey).publicKey()).toBe(issuer.publicKey);
  });

  it('have a faucet, which needs a line for accounts and none for contracts', async () => {
    const network = await openTestNetwork({ accounts: 1, usdc: true });
    const { net } = network;
    const [known] = net.accounts;
    const { hash } = await callPower<{ hash: string }>(net, 'fund', {
      address: known!.publicKey,
      asset: 'USDC',
    });
    expect(await network.transaction(hash)).toMatchObject({ status: 'SUCCESS' });
    await net.fund(net.nativeTokenContractId, 'USDC');
    const stranger = await network.account();
    await expect(net.fund(stranger.publicKey(), 'USDC')).rejects.toMatchObject({ code: 'NO_TRUST_LINE' });
    await expect(callPower(net, 'fund', { address: known!.publicKey, asset: 'EURC' })).rejects.toThrow(
      "'asset' must be one of XLM, USDC",
    );
    const plain = await openTestNetwork();
    await expect(plain.net.fund(known!.publicKey, 'USDC')).rejects.toMatchObject({ code: 'UNKNOWN_ASSET' });
  });

  it('are limited in number', async () => {
    await expect(openTestNetwork({ accounts: 101 })).rejects.toThrow('from 0 to 100');
  });
});
