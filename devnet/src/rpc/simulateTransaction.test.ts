import {
  Asset,
  Contract,
  type Keypair,
  nativeToScVal,
  Operation,
  SorobanDataBuilder,
  xdr,
} from '@stellar/stellar-sdk';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallContract } from '../testing/smallContract.ts';
import { openTestNetwork, type TestNetwork } from '../testing/testNetwork.ts';

let network: TestNetwork;
let alice: Keypair;
let contract: Contract;

beforeAll(async () => {
  network = await openTestNetwork();
  alice = await network.account();
  contract = new Contract(await network.deploy(alice, smallContract()));
});

type Answer = {
  error?: string;
  results?: { auth: string[]; xdr: string }[];
  stateChanges?: { type: string; before: string | null; after: string | null }[];
  transactionData?: string;
  minResourceFee?: string;
};

async function simulate(operation: xdr.Operation, params: object = {}): Promise<Answer> {
  const transaction = (await network.build(alice, [operation])).toXDR();
  return (await network.net.rpc('simulateTransaction', { transaction, ...params })) as Answer;
}

describe('simulateTransaction', () => {
  it('tells what would change, and changes nothing', async () => {
    const before = network.net.latestLedger();
    const { results, stateChanges } = await simulate(contract.call('keep'));
    expect(xdr.ScVal.fromXdr(results![0]!.xdr, 'base64').type).toBe('scvVoid');
    expect(stateChanges!.map(({ type, before, after }) => [type, before === null, after === null])).toEqual([
      ['created', true, false],
    ]);
    expect(network.net.latestLedger()).toEqual(before);
    expect((await simulate(contract.call('keep'))).stateChanges).toHaveLength(1);
  });

  it('adds the leeway asked for to the instructions', async () => {
    const instructions = async (instructionLeeway: number) => {
      const { transactionData } = await simulate(contract.call('keep'), {
        resourceConfig: { instructionLeeway },
      });
      return xdr.SorobanTransactionData.fromXdr(transactionData!, 'base64').resources.instructions;
    };
    expect((await instructions(10_000_000)) - (await instructions(0))).toBeGreaterThan(9_000_000);
  });

  it('gives extension and restoration their resources', async () => {
    await network.invoke(alice, contract.call('keep'));
    const key = contract.getFootprint();
    const build = (operation: xdr.Operation, data: SorobanDataBuilder) =>
      network.build(alice, [operation], {
        edit: (builder) => builder.setTimeout(0).setSorobanData(data.build()),
      });
    const extension = await build(
      Operation.extendFootprintTtl({ extendTo: 200_000 }),
      new SorobanDataBuilder().setReadOnly([key]),
    );
    expect(Number((await network.simulate(extension)).minResourceFee)).toBeGreaterThan(0);
    const bare = await simulate(Operation.extendFootprintTtl({ extendTo: 200_000 }));
    expect(bare.error).toMatch('SorobanTransactionData must be provided');
  });

  it('puts failures into the answer, in the words of stellar-rpc', async () => {
    const errorOf = async (operation: xdr.Operation, params?: object) =>
      (await simulate(operation, params)).error;
    const payment = Operation.payment({ destination: alice.publicKey(), asset: Asset.native(), amount: '1' });
    const call = contract.call('keep');
    expect(await errorOf(payment)).toBe('transaction contains unsupported operation type: payment');
    expect(await errorOf(call, { authMode: 'guess' })).toMatch("optional 'authMode' must be one of");
    expect(await errorOf(call, { xdrFormat: 'yaml' })).toMatch("got 'yaml'");
    expect(await errorOf(call, { transaction: 'AAAA' })).toBe('Could not unmarshal transaction');
    expect(await errorOf(contract.call('missing'))).toMatch(/^HostError: Error\(WasmVm, MissingValue\)\n/);
    expect(await errorOf(contract.call('burn'))).toMatch(/^HostError: Error\(Budget, ExceededLimit\)\n/);
    expect(await errorOf(contract.call('keep', nativeToScVal(1)))).toMatch(/^HostError: /);
  });

  it('works on after a contract used up all it may', async () => {
    await simulate(contract.call('burn'));
    expect((await simulate(contract.call('keep'))).error).toBeUndefined();
  });
});
