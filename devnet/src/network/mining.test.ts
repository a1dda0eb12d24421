import { describe, expect, it } from 'vitest';
import { callPower, pay } from '../testing/powers.ts';
import { openTestNetwork, START_SECONDS, type TestNetwork } from '../testing/testNetwork.ts';

describe('mining', () => {
  async function pending(network: TestNetwork): Promise<string> {
    const [from, to] = [await network.account(), await network.account()];
    const transaction = await network.build(from, [pay(to.publicKey())]);
    transaction.sign(from);
    const { status, hash } = await network.submit(transaction);
    expect(status).toBe('PENDING');
    return hash;
  }
  const status = async (network: TestNetwork, hash: string) => (await network.transaction(hash)).status;

  it('waits for mine when it is manual', async () => {
    const network = await openTestNetwork();
    const hashes = [];
    await callPower(network.net, 'setMineMode', { mode: 'manual' });
    for (let count = 0; count < 3; count++) hashes.push(await pending(network));
    const { sequence } = network.net.latestLedger();
    expect(await status(network, hashes[0]!)).toBe('NOT_FOUND');
    expect(await callPower(network.net, 'mine', { ledgers: 2 })).toMatchObject({
      latestLedger: sequence + 2,
    });
    for (const hash of hashes) {
      expect(await network.transaction(hash)).toMatchObject({ status: 'SUCCESS', ledger: sequence + 1 });
    }
  });

  it('waits for the clock when there is an interval', async () => {
    const clock = { seconds: START_SECONDS };
    const network = await openTestNetwork({ nowSeconds: () => clock.seconds });
    await callPower(network.net, 'setMineMode', { mode: 'interval', intervalSeconds: 7 });
    const hash = await pending(network);
    clock.seconds += 6;
    expect(await status(network, hash)).toBe('NOT_FOUND');
    clock.seconds += 1;
    expect(await status(network, hash)).toBe('SUCCESS');
  });

  it('closes what is pending when it becomes instant', async () => {
    const network = await openTestNetwork({ mineMode: 'manual' });
    const hash = await pending(network);
    network.net.setMineMode('instant');
    expect(await status(network, hash)).toBe('SUCCESS');
  });

  it('refuses options that mean nothing', async () => {
    const opened = (options: object) => openTestNetwork(options);
    await expect(opened({ mineMode: 'never' })).rejects.toThrow('mine mode must be one of instant');
    await expect(opened({ closeIntervalSeconds: -1 })).rejects.toThrow('the interval must be from 0');
    await expect(opened({ limits: 'none' })).rejects.toThrow('limits must be one of mainnet');
    const { net } = await openTestNetwork();
    expect(() => net.setLimits('toString' as 'mainnet')).toThrow('limits must be one of mainnet');
  });

  it('refuses modes and steps that mean nothing', async () => {
    const { net } = await openTestNetwork();
    await expect(callPower(net, 'setMineMode', { mode: 'never' })).rejects.toThrow(
      "'mode' must be one of instant",
    );
    await expect(callPower(net, 'setMineMode', {})).rejects.toThrow("missing parameter 'mode'");
    await expect(callPower(net, 'setMineMode', { mode: 'interval', intervalSeconds: 0 })).rejects.toThrow(
      'more than 0',
    );
    await expect(callPower(net, 'mine', { ledgers: -1 })).rejects.toThrow('whole number');
    await expect(callPower(net, 'warp', {})).rejects.toThrow("'ledgers' or 'seconds' is missing");
    await expect(callPower(net, 'warp', { seconds: 4e9 })).rejects.toMatchObject({ code: -32602 });
    await expect(callPower(net, 'revert', { snapshotId: 5 })).rejects.toMatchObject({ code: -32602 });
  });
});

describe('the close time of the next ledger', () => {
  it('is the one ordered, and time goes on from there', async () => {
    const clock = { seconds: START_SECONDS };
    const network = await openTestNetwork({ nowSeconds: () => clock.seconds });
    const { net } = network;
    await callPower(net, 'setNextCloseTime', { closeTime: START_SECONDS + 1_000 });
    clock.seconds += 60;
    expect(net.latestLedger()).toEqual({ sequence: 1, closeTimeSeconds: START_SECONDS });
    await network.account();
    expect(net.latestLedger()).toEqual({ sequence: 2, closeTimeSeconds: START_SECONDS + 1_000 });
    clock.seconds += 10;
    expect(net.latestLedger()).toEqual({ sequence: 4, closeTimeSeconds: START_SECONDS + 1_010 });
  });

  it('holds for a ledger that is mined, and for one that the clock closes', async () => {
    const clock = { seconds: START_SECONDS };
    const { net } = await openTestNetwork({ nowSeconds: () => clock.seconds, mineMode: 'interval' });
    net.setNextCloseTime(START_SECONDS + 50);
    net.mine();
    expect(net.latestLedger()).toEqual({ sequence: 2, closeTimeSeconds: START_SECONDS + 50 });
    net.setNextCloseTime(START_SECONDS + 500);
    clock.seconds += 5;
    expect(net.latestLedger()).toEqual({ sequence: 3, closeTimeSeconds: START_SECONDS + 500 });
  });

  it('cannot lie before the latest ledger', async () => {
    const { net } = await openTestNetwork();
    await expect(callPower(net, 'setNextCloseTime', { closeTime: START_SECONDS - 1 })).rejects.toMatchObject({
      code: -32602,
    });
    await expect(callPower(net, 'setNextCloseTime')).rejects.toThrow("missing parameter 'closeTime'");
  });

  it('goes back with a snapshot', async () => {
    const { net } = await openTestNetwork();
    const { snapshotId } = await callPower<{ snapshotId: number }>(net, 'snapshot');
    net.warp({ seconds: 86_400 });
    await callPower(net, 'revert', { snapshotId });
    expect(net.latestLedger()).toEqual({ sequence: 1, closeTimeSeconds: START_SECONDS });
  });
});
