import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Address, Contract, hash, type Keypair, Operation, scValToNative, xdr } from '@stellar/stellar-sdk';
import { beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_PROTOCOL_VERSION } from '../engine/engineFile.ts';
import { sharedEngine } from '../engine/sharedEngine.ts';
import { Network } from '../network/network.ts';
import { type LedgerScript, openLedgerScript, type Reply, withResources } from '../testing/ledgerScript.ts';
import { smallContract } from '../testing/smallContract.ts';
import { LIMITS } from './limits.ts';
import { stateSizeWindow } from './networkSettings.ts';

const { minTemporaryTtl, minPersistentTtl, stateSizeSamples, stateSizeSamplePeriodLedgers } = LIMITS.mainnet;

let script: LedgerScript;
let alice: Keypair;

beforeEach(async () => {
  script = await openLedgerScript();
  alice = await script.account('alice');
});

const WINDOW_KEY = xdr.LedgerKey.configSetting(
  new xdr.LedgerKeyConfigSetting({
    configSettingId: xdr.ConfigSettingId.configSettingLiveSorobanStateSizeWindow,
  }),
);

async function window(): Promise<readonly bigint[]> {
  const found = await script.entry(WINDOW_KEY);
  const setting = found?.data.type === 'configSetting' ? found.data.configSetting : null;
  if (setting?.type !== 'configSettingLiveSorobanStateSizeWindow') throw new Error('no window');
  return setting.liveSorobanStateSizeWindow;
}

const invoke = (operation: xdr.Operation) => script.invoke({ source: alice, operations: [operation] });

async function deploy(): Promise<Contract> {
  const wasm = Buffer.from(smallContract());
  await invoke(Operation.uploadContractWasm({ wasm }));
  const created = await invoke(
    Operation.createCustomContract({
      address: Address.fromString(alice.publicKey()),
      wasmHash: hash(wasm),
      salt: Buffer.alloc(32, 7),
    }),
  );
  return new Contract(scValToNative(returned(created)));
}

function returned({ metaXdr }: Reply): xdr.ScVal {
  const meta = xdr.TransactionMeta.fromXdr(metaXdr!, 'base64');
  if (meta.type !== 'v4') throw new Error('not V4');
  return meta.v4.sorobanMeta!.returnValue!;
}

async function closeMeta(sequence: number): Promise<xdr.LedgerCloseMetaV2> {
  const { ledgers } = (await script.net.rpc('getLedgers', {
    startLedger: sequence,
    pagination: { limit: 1 },
  })) as { ledgers: { metadataXdr: string }[] };
  const meta = xdr.LedgerCloseMeta.fromXdr(ledgers[0]!.metadataXdr, 'base64');
  if (meta.type !== 'v2') throw new Error('not V2');
  return meta.v2;
}

/** Closes ledgers until one is a multiple of the sample period. */
function toSample() {
  const { sequence } = script.net.latestLedger();
  script.net.warp({ ledgers: stateSizeSamplePeriodLedgers - (sequence % stateSizeSamplePeriodLedgers) });
}

describe('the size of the live state', () => {
  it('starts as a window of samples of nothing', async () => {
    expect(await window()).toEqual(Array(stateSizeSamples).fill(0n));
  });

  it('is sampled every 64 ledgers, as it was before the ledger of the sample', async () => {
    toSample();
    const atFirst = (await window()).at(-1)!;
    // The native asset's contract: its instance, which is all that is there.
    expect(atFirst).toBeGreaterThan(100n);
    script.net.warp({ ledgers: stateSizeSamplePeriodLedgers - 1 });
    const contract = await invoke(Operation.uploadContractWasm({ wasm: Buffer.from(smallContract()) }));
    expect(contract.ledger! % stateSizeSamplePeriodLedgers).toBe(0);
    expect((await window()).slice(-2)).toEqual([atFirst, atFirst]);
    toSample();
    // Code counts more than its bytes: what it takes when it is compiled.
    expect((await window()).at(-1)! - atFirst).toBeGreaterThan(1_000n);
  });

  it('takes no more samples than the window holds, and averages them for whoever reads ledgers', async () => {
    await deploy();
    toSample();
    const size = (await window()).at(-1)!;
    const sampled = await closeMeta(script.net.latestLedger().sequence);
    expect(sampled.totalByteSizeOfLiveSorobanState).toBe(size / BigInt(stateSizeSamples));
    script.net.warp({ ledgers: 100 * stateSizeSamplePeriodLedgers });
    expect(await window()).toEqual(Array(stateSizeSamples).fill(size));
    await invoke(Operation.uploadContractWasm({ wasm: Buffer.from(smallContract(21)) }));
    const later = await closeMeta(script.net.latestLedger().sequence);
    expect(later.totalByteSizeOfLiveSorobanState).toBe(size);
  });

  it('falls when entries expire, and rises again when they are restored', async () => {
    const contract = await deploy();
    toSample();
    const empty = (await window()).at(-1)!;
    await invoke(contract.call('temp'));
    const temporary = await sample();
    expect(temporary).toBeGreaterThan(empty);
    script.net.warp({ ledgers: minTemporaryTtl });
    expect(await sample()).toBe(empty);
    script.net.warp({ ledgers: minPersistentTtl });
    const archived = await sample();
    expect(archived).toBeLessThan(empty);
    await invoke(contract.call('keep'));
    expect(await sample()).toBeGreaterThan(empty);
  });

  async function sample(): Promise<bigint> {
    toSample();
    return (await window()).at(-1)!;
  }
});

describe('a network that is opened again', () => {
  it('goes on with the size it had', async () => {
    const statePath = join(await mkdtemp(join(tmpdir(), 'latchkey-state-size-')), 'state');
    script = await openLedgerScript({ statePath });
    alice = await script.account('alice');
    await deploy();
    await script.net.close();
    script = await openLedgerScript({ statePath });
    toSample();
    const again = (await window()).at(-1);
    await script.net.close();
    script = await openLedgerScript();
    alice = await script.account('alice');
    await deploy();
    toSample();
    expect(again).toBe((await window()).at(-1));
  });
});

describe('rent', () => {
  it('follows the average of the samples', async () => {
    const network = new Network(await sharedEngine(DEFAULT_PROTOCOL_VERSION), {
      passphrase: 'rent',
      limits: 'mainnet',
      mineMode: 'instant',
      nowSeconds: () => 1_800_000_000,
      closeIntervalSeconds: 0,
    });
    const { host, ledger } = network;
    const rent = () => {
      const entry = { isPersistent: true, isCode: false, oldSizeBytes: 0, newSizeBytes: 1_024 };
      return host.rentFee(ledger.latest.sequence, [{ ...entry, oldLiveUntil: 0, newLiveUntil: 100_000 }]);
    };
    const small = rent();
    const closing = ledger.closing(1_800_000_000);
    const [key, stored] = stateSizeWindow(closing.sequence, Array(stateSizeSamples).fill(3_000_000_000n));
    ledger.close(ledger.empty(host, closing, new Map([[key, stored]])));
    host.settingsChanged();
    expect(ledger.latest.sorobanState.averageBytes).toBe(3_000_000_000);
    // 10,000 stroops for 1 KB at the target size instead of the least of 1,000.
    expect(rent()).toBeGreaterThan(5n * small);
  });
});

describe('the ledger in which an entry no longer lives', () => {
  it('names it and its lifetime as evicted', async () => {
    const contract = await deploy();
    const { ledger } = await invoke(contract.call('temp'));
    script.net.warp({ ledgers: minTemporaryTtl - 1 });
    await script.account('somebody');
    expect(script.net.latestLedger().sequence).toBe(ledger! + minTemporaryTtl);
    const { evictedKeys } = await closeMeta(ledger! + minTemporaryTtl);
    expect(evictedKeys.map(({ type }) => type)).toEqual(['contractData', 'ttl']);
  });

  it('does not name it when the ledger makes it anew', async () => {
    const contract = await deploy();
    const { ledger } = await invoke(contract.call('temp'));
    script.net.warp({ ledgers: minTemporaryTtl - 1 });
    // Simulation looks at the latest ledger, where the entry lives: it does not see the rent of a new one.
    const again = await script.invoke({ source: alice, operations: [contract.call('temp')] }, (data) =>
      withResources(data, {}, { resourceFee: data.resourceFee + 100_000n }),
    );
    expect([again.code, again.ledger]).toEqual(['txSuccess', ledger! + minTemporaryTtl]);
    expect((await closeMeta(again.ledger!)).evictedKeys).toEqual([]);
  });
});
