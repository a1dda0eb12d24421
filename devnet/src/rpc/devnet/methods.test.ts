import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Devnet } from '../../index.ts';
import { callPower } from '../../testing/powers.ts';
import { openTestNetwork } from '../../testing/testNetwork.ts';
import { DEVNET_METHODS } from './methods.ts';

const NAMES = DEVNET_METHODS.map(([name]) => name);
/** Words and numbers that are nearly right, among any others. */
const value = fc.oneof(
  fc.constantFrom(
    'instant',
    'manual',
    'unlimited',
    'USDC',
    'AAAAAAAAAAA=',
    '',
    '{}',
    0,
    1,
    2 ** 32,
    -1,
    0.5,
    null,
  ),
  fc.jsonValue(),
);
const PARAMETERS = [
  ...['address', 'asset', 'authMode', 'closeTime', 'entry', 'intervalSeconds', 'key', 'ledgers', 'limits'],
  ...['liveUntilLedger', 'mode', 'seconds', 'snapshotId', 'state', 'transaction', 'xdrFormat'],
];
const params = fc.oneof(fc.dictionary(fc.constantFrom(...PARAMETERS), value), fc.jsonValue());

/** Calls with fewer and fewer of the parameters, until none is left that the method does not know. */
async function outcomeOf(net: Devnet, name: string, given: unknown) {
  try {
    await net.rpc(name, given);
    return { code: 0, message: 'answered' };
  } catch (error) {
    const { code, message } = error as { code: number; message: string };
    const unknown = /^unknown parameter '(.*)': /s.exec(message)?.[1];
    if (unknown === undefined) return { code, message };
    const { [unknown]: _, ...known } = given as Record<string, unknown>;
    return outcomeOf(net, name, known);
  }
}

async function isAlive(net: Devnet): Promise<void> {
  expect(await net.rpc('getLatestLedger')).toMatchObject({ sequence: expect.any(Number) });
  net.setMineMode('instant');
  await net.fund(net.nativeTokenContractId);
}

describe('developers’ methods', () => {
  it('answer any parameters with a result or with what is wrong with them', async () => {
    const { net } = await openTestNetwork({ accounts: 1, usdc: true });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...NAMES), params, async (name, given) => {
        const { code, message } = await outcomeOf(net, name, given);
        expect([0, -32602, -32600]).toContain(code);
        expect(message).not.toBe('');
      }),
      { numRuns: 1_500 },
    );
    await isAlive(net);
  });

  it('refuse a parameter that they do not know, which may be one misspelt', async () => {
    const { net } = await openTestNetwork();
    const before = net.latestLedger().sequence;
    await expect(callPower(net, 'mine', { ledger: 5 })).rejects.toMatchObject({
      code: -32602,
      message: "unknown parameter 'ledger': there is ledgers",
    });
    await expect(callPower(net, 'snapshot', { name: 'a' })).rejects.toThrow('there are none');
    expect(net.latestLedger().sequence).toBe(before);
  });

  it('stop before sequences and seconds can no longer be counted', async () => {
    const { net } = await openTestNetwork();
    for (let count = 0; count < 39; count++) net.warp({ ledgers: 100_000_000, seconds: 1 });
    await expect(callPower(net, 'warp', { ledgers: 100_000_000, seconds: 1 })).rejects.toMatchObject({
      code: -32602,
    });
    await isAlive(net);
    const { closeTimeSeconds } = net.latestLedger();
    net.setNextCloseTime(0xffff_ffff);
    net.mine();
    expect(() => net.warp({ seconds: 1 })).toThrow('beyond');
    expect(net.latestLedger().closeTimeSeconds).toBeGreaterThan(closeTimeSeconds);
  });
});
