import { Operation } from '@stellar/stellar-sdk';
import { describe, expect, it } from 'vitest';
import { callPower, pay, transfer } from '../../testing/powers.ts';
import { smallContract } from '../../testing/smallContract.ts';
import { openTestNetwork } from '../../testing/testNetwork.ts';

describe('a trace', () => {
  it('shows the calls with what they were asked, demanded, emitted and spent', async () => {
    const network = await openTestNetwork();
    const { net } = network;
    const [from, to] = [await network.account(), await network.account()];
    const draft = await network.build(from, [transfer(net, from.publicKey(), to.publicKey())]);
    const before = net.latestLedger();
    const traced = await callPower<{
      root: { function: string; calls: { instructions: string; [field: string]: unknown }[] };
      instructions: string;
    }>(net, 'trace', { transaction: draft.toXDR(), xdrFormat: 'json' });
    expect(net.latestLedger()).toEqual(before);
    expect(traced).toMatchObject({ error: null, root: { kind: 'host_function', contract: null } });
    expect(traced.root.calls).toMatchObject([
      {
        kind: 'asset',
        contract: net.nativeTokenContractId,
        function: 'transfer',
        argsJson: [{ address: from.publicKey() }, { address: to.publicKey() }, { i128: '5' }],
        returnValueJson: 'void',
        error: null,
        authorizations: [{ address: from.publicKey(), isMet: true }],
        calls: [],
      },
    ]);
    expect(traced.root.calls[0]!.eventsJson).toHaveLength(1);
    expect(Number(traced.root.calls[0]!.instructions)).toBeGreaterThan(10_000);
    expect(Number(traced.root.calls[0]!.instructions)).toBeLessThan(Number(traced.instructions));
  });

  it('shows where a call failed', async () => {
    const network = await openTestNetwork();
    const source = await network.account();
    const contract = await network.deploy(source, smallContract());
    const missing = Operation.invokeContractFunction({ contract, function: 'missing', args: [] });
    const transaction = (await network.build(source, [missing])).toXDR();
    const traced = await callPower<{ error: string }>(network.net, 'trace', { transaction });
    expect(traced.error).toMatch(/^HostError: Error\(WasmVm, MissingValue\)/);
  });

  it('is refused for what cannot be traced', async () => {
    const network = await openTestNetwork();
    const source = await network.account();
    const transaction = (await network.build(source, [pay(source.publicKey())])).toXDR();
    await expect(callPower(network.net, 'trace', { transaction })).rejects.toThrow(
      'one invokeHostFunction operation',
    );
    await expect(callPower(network.net, 'trace', { transaction: 'AAAA' })).rejects.toThrow('invalid_xdr');
    await expect(callPower(network.net, 'trace')).rejects.toThrow("missing parameter 'transaction'");
    await expect(callPower(network.net, 'trace', { transaction, authMode: 'all' })).rejects.toMatchObject({
      code: -32602,
    });
  });
});
