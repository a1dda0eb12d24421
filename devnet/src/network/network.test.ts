import { Keypair } from '@stellar/stellar-sdk/base';
import { describe, expect, it } from 'vitest';
import { createDevnet } from '../index.ts';

const START_SECONDS = 1_800_000_000;

async function open(options = {}) {
  const clock = { seconds: START_SECONDS };
  const net = await createDevnet({ nowSeconds: () => clock.seconds, ...options });
  return { net, clock };
}

describe('time on the network', () => {
  it('closes a ledger every five seconds while nothing happens', async () => {
    const { net, clock } = await open();
    expect(net.latestLedger()).toEqual({ sequence: 1, closeTimeSeconds: START_SECONDS });
    clock.seconds += 4;
    expect(net.latestLedger().sequence).toBe(1);
    clock.seconds += 8;
    expect(net.latestLedger()).toEqual({ sequence: 3, closeTimeSeconds: START_SECONDS + 10 });
  });

  it('closes one ledger per transaction, at once', async () => {
    const { net, clock } = await open();
    clock.seconds += 2;
    await net.fund(Keypair.random().publicKey());
    expect(net.latestLedger()).toEqual({ sequence: 2, closeTimeSeconds: START_SECONDS + 2 });
  });

  it('never goes back, even if the clock does', async () => {
    const { net, clock } = await open();
    clock.seconds -= 1_000;
    await net.fund(Keypair.random().publicKey());
    expect(net.latestLedger().closeTimeSeconds).toBe(START_SECONDS);
  });

  it('stands still between transactions when idle ledgers are switched off', async () => {
    const { net, clock } = await open({ closeIntervalSeconds: 0 });
    clock.seconds += 3_600;
    expect(net.latestLedger().sequence).toBe(1);
  });

  it('is moved by ledgers, by seconds, or by both', async () => {
    const { net } = await open();
    net.warp({ ledgers: 10 });
    expect(net.latestLedger()).toEqual({ sequence: 11, closeTimeSeconds: START_SECONDS + 50 });
    net.warp({ seconds: 12 });
    expect(net.latestLedger()).toEqual({ sequence: 14, closeTimeSeconds: START_SECONDS + 62 });
    net.warp({ ledgers: 1, seconds: 0 });
    expect(net.latestLedger()).toEqual({ sequence: 15, closeTimeSeconds: START_SECONDS + 62 });
    expect(() => net.warp({ ledgers: 0.5, seconds: 1 })).toThrow('ledgers must be a whole number');
  });
});

describe('a snapshot', () => {
  it('brings back entries, history and the latest ledger', async () => {
    const { net } = await open();
    const address = Keypair.random().publicKey();
    const id = net.snapshot();
    const before = net.latestLedger();
    const { hash } = await net.fund(address);
    net.revert(id);
    expect(net.latestLedger()).toEqual(before);
    expect(await net.rpc('getTransaction', { hash })).toMatchObject({ status: 'NOT_FOUND' });
    await net.fund(address);
  });

  it('is used up by going back to it, with those after it', async () => {
    const { net } = await open();
    const [first, second] = [net.snapshot(), net.snapshot()];
    net.revert(first);
    expect(() => net.revert(first)).toThrow(`no snapshot ${first}`);
    expect(() => net.revert(second)).toThrow(`no snapshot ${second}`);
  });
});
