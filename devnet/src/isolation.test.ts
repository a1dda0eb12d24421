// Many networks in one process: they share the engine and their beginnings, and nothing that happens to one of them is
// seen by another.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Keypair, Operation } from '@stellar/stellar-sdk';
import { describe, expect, it } from 'vitest';
import { createDevnet, type Devnet } from './index.ts';
import { LIMITS } from './ledger/limits.ts';
import { smallContract } from './testing/smallContract.ts';
import { openTestNetwork, START_SECONDS, type TestNetwork } from './testing/testNetwork.ts';

const MAX_IDLE_BYTES = 100 * 1024;
const COUNT = 1_000;

function resetMemory(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const headerHash = async (net: Devnet) => ((await net.rpc('getLatestLedger')) as { id: string }).id;

describe('networks in one process', () => {
  it('are isolated, a thousand of them, and an idle one costs little', async () => {
    const options = { nowSeconds: () => START_SECONDS };
    const untouched = await createDevnet(options);
    const beginning = await headerHash(untouched);
    const before = resetMemory();
    const networks: Devnet[] = [];
    for (let left = COUNT; left > 0; left--) networks.push(await createDevnet(options));
    expect((resetMemory() - before) / COUNT).toBeLessThan(MAX_IDLE_BYTES);

    const alice = Keypair.random().publicKey();
    const [first, ...others] = networks;
    await first!.fund(alice);
    first!.warp({ seconds: 3_600 });
    expect(await headerHash(first!)).not.toBe(beginning);
    for (const net of others) expect(net.latestLedger()).toEqual(untouched.latestLedger());
    for (const net of others.slice(0, 20)) {
      expect(await headerHash(net)).toBe(beginning);
      await net.fund(alice);
    }
    expect(await headerHash(await createDevnet(options))).toBe(beginning);
  });

  it('keep their contracts to themselves, although the compiled code is shared', async () => {
    const [one, two] = [await openTestNetwork(), await openTestNetwork()];
    const source = await one.account();
    const contractId = await one.deploy(source, smallContract());
    await two.net.fund(source.publicKey());
    const keep = Operation.invokeContractFunction({ contract: contractId, function: 'keep', args: [] });
    await expect(two.invoke(source, keep)).rejects.toThrow('MissingValue');
    expect(await two.deploy(source, smallContract())).toBe(contractId);
    expect((await two.invoke(source, keep)).result.status).toBe('SUCCESS');
  });

  it('run the protocol they are asked for, each by an engine of its own', async () => {
    for (const protocol of [29, 30]) {
      const network = await openTestNetwork({ protocol });
      expect(await network.net.rpc('getNetwork')).toMatchObject({ protocolVersion: protocol });
      await network.deploy(await network.account(), smallContract());
    }
    await expect(createDevnet({ protocol: 28 })).rejects.toThrow('protocol 28 has no engine here');
  });

  it('keep to their own limits, in turns', async () => {
    const wide = await openTestNetwork({ limits: 'unlimited' });
    const narrow = await openTestNetwork();
    const tooMuch = LIMITS.mainnet.txMaxInstructions + 1n;
    const sendTooMuch = async (network: TestNetwork) => {
      const upload = Operation.uploadContractWasm({ wasm: Buffer.from(smallContract()) });
      const { status } = await network.invoke(await network.account(), upload, (data, fee) => {
        const { diskReadBytes, writeBytes } = data.build().resources;
        data.setResources(Number(tooMuch), diskReadBytes, writeBytes);
        return fee + 1_000_000n;
      });
      return status;
    };
    for (let turn = 0; turn < 2; turn++) {
      expect(await sendTooMuch(wide)).toBe('PENDING');
      expect(await sendTooMuch(narrow)).toBe('ERROR');
    }
  });

  it('keep to their own passphrases', async () => {
    const [here, there] = [await openTestNetwork(), await openTestNetwork({ passphrase: 'Another network' })];
    expect(there.net.nativeTokenContractId).not.toBe(here.net.nativeTokenContractId);
    const source = Keypair.random();
    for (const { net } of [here, there]) await net.fund(source.publicKey());
    const transaction = await here.build(source, [Operation.bumpSequence({ bumpTo: '0' })]);
    transaction.sign(source);
    expect((await there.submit(transaction)).status).toBe('ERROR');
    expect((await here.submit(transaction)).status).toBe('PENDING');
  });
});
