import { Keypair } from '@stellar/stellar-sdk';
import { describe, expect, it } from 'vitest';
import { callPower } from '../testing/powers.ts';
import { openTestNetwork } from '../testing/testNetwork.ts';

describe('a dump', () => {
  it('brings a network back in another process', async () => {
    const network = await openTestNetwork();
    const account = await network.account();
    const { hash } = await network.net.fund(network.net.nativeTokenContractId);
    const { state } = await callPower<{ state: string }>(network.net, 'dumpState');
    const other = await openTestNetwork();
    await callPower(other.net, 'loadState', { state });
    expect(await other.balance(account.publicKey())).toBe(100_000_000_000n);
    expect(await other.transaction(hash)).toEqual({
      ...(await network.transaction(hash)),
      latestLedger: expect.anything(),
    });
    await other.net.fund(Keypair.random().publicKey());
  });

  it('is refused whole when it is of another network, torn or no dump', async () => {
    const { net } = await openTestNetwork();
    const stranger = await openTestNetwork({ passphrase: 'another' });
    const before = net.dumpState();
    const refusal = (state: string) => expect(callPower(net, 'loadState', { state })).rejects;
    await refusal(stranger.net.dumpState()).toThrow('the dump is of "another", protocol 30');
    await refusal('{').toThrow('not JSON');
    await refusal('null').toThrow('not a dump');
    await refusal('{"format":"latchkey-devnet-dump","version":99}').toThrow('not a dump');
    await refusal(before.replace('"hash":"', '"hash":"!')).toThrow('a ledger of the dump cannot be read');
    await refusal(before.replace(/"ledgers":.*/, '"ledgers":[]}')).toThrow('not in order');
    expect(net.dumpState()).toBe(before);
  });
});
