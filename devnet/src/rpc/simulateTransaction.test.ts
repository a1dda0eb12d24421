import {
  Address,
  Asset,
  Contract,
  Keypair,
  Memo,
  nativeToScVal,
  Operation,
  SorobanDataBuilder,
  TransactionBuilder,
  xdr,
} from '@stellar/stellar-sdk';
import { beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../ledger/limits.ts';
import { smallContract } from '../testing/smallContract.ts';
import { openTestNetwork, type SimulationReply, type TestNetwork } from '../testing/testNetwork.ts';

let network: TestNetwork;
let alice: Keypair;
let contract: Contract;

beforeAll(async () => {
  network = await openTestNetwork();
  alice = await network.account();
  contract = new Contract(await network.deploy(alice, smallContract()));
});

/** A contract whose instance, code and data have all expired. */
async function archivedContract() {
  const network = await openTestNetwork();
  const alice = await network.account();
  const contract = new Contract(await network.deploy(alice, smallContract()));
  await network.invoke(alice, contract.call('keep'));
  network.net.warp({ ledgers: LIMITS.mainnet.minPersistentTtl + 10 });
  return { network, alice, contract };
}

type Answer = {
  error?: string;
  results?: { auth: string[]; xdr: string }[];
  stateChanges?: { type: string; key: string; before: string | null; after: string | null }[];
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

  it('tells what to restore before an archived entry can be extended', async () => {
    const { network, alice, contract } = await archivedContract();
    const extension = await network.build(alice, [Operation.extendFootprintTtl({ extendTo: 200_000 })], {
      edit: (builder) =>
        builder
          .setTimeout(0)
          .setSorobanData(new SorobanDataBuilder().setReadOnly([contract.getFootprint()]).build()),
    });
    const answer = (await network.simulate(extension)) as SimulationReply & {
      restorePreamble?: { transactionData: string; minResourceFee: string };
    };
    expect(answer.error).toBeUndefined();
    const restored = xdr.SorobanTransactionData.fromXdr(answer.restorePreamble!.transactionData, 'base64');
    expect(restored.resources.footprint.readWrite.map(String)).toEqual([String(contract.getFootprint())]);
    expect(answer.restorePreamble!.minResourceFee).toBe(String(restored.resourceFee));
    expect(Number(answer.minResourceFee)).toBeGreaterThan(0);
  });

  it('needs no preamble for a call: archived entries come back with it', async () => {
    const { network, alice, contract } = await archivedContract();
    const answer: Answer = await network.simulate(await network.build(alice, [contract.call('keep')]));
    expect(answer).not.toHaveProperty('restorePreamble');
    const { ext } = xdr.SorobanTransactionData.fromXdr(answer.transactionData!, 'base64');
    expect(ext.type === 'resourceExt' && ext.resourceExt.archivedSorobanEntries.length).toBe(3);
  });

  it('names the kinds of change: created, updated, deleted', async () => {
    const bob = await network.account();
    const xlm = new Contract(network.net.nativeTokenContractId);
    const transfer = xlm.call(
      'transfer',
      Address.fromString(alice.publicKey()).toScVal(),
      Address.fromString(bob.publicKey()).toScVal(),
      nativeToScVal(1n, { type: 'i128' }),
    );
    const { stateChanges } = await simulate(transfer);
    expect(stateChanges!.map(({ type }) => type)).toEqual(['updated', 'updated']);
    for (const { key, before, after } of stateChanges!) {
      expect(xdr.LedgerKey.fromXdr(key, 'base64').type).toBe('account');
      expect(xdr.LedgerEntry.fromXdr(before!, 'base64')).not.toEqual(
        xdr.LedgerEntry.fromXdr(after!, 'base64'),
      );
    }
  });

  it('simulates the transaction inside a fee bump', async () => {
    const inner = await network.build(alice, [contract.call('keep')]);
    inner.sign(alice);
    const bump = TransactionBuilder.buildFeeBumpTransaction(alice, '1000000', inner, network.net.passphrase);
    const answer = await network.simulate(bump);
    expect(answer.error).toBeUndefined();
    expect(answer.transactionData).toBe((await network.simulate(inner)).transactionData);
  });

  it('needs neither signature nor source account', async () => {
    const nobody = Keypair.random();
    const draft = await network.build(nobody, [contract.call('keep')], { sequence: 0n });
    expect((await network.simulate(draft)).error).toBeUndefined();
  });

  it('draws new nonces each time, the same ones in every run', async () => {
    const draw = async () => {
      const net = await openTestNetwork({ closeIntervalSeconds: 0 });
      const xlm = new Contract(net.net.nativeTokenContractId);
      const source = Keypair.fromRawEd25519Seed(Buffer.alloc(32, 1));
      const owner = Keypair.fromRawEd25519Seed(Buffer.alloc(32, 2));
      await net.net.fund(owner.publicKey());
      const transfer = xlm.call(
        'transfer',
        Address.fromString(owner.publicKey()).toScVal(),
        Address.fromString(net.net.nativeTokenContractId).toScVal(),
        nativeToScVal(1n, { type: 'i128' }),
      );
      const transaction = await net.build(source, [transfer], { sequence: 0n });
      const auth = async () => ((await net.simulate(transaction)) as Answer).results![0]!.auth[0]!;
      return [await auth(), await auth()];
    };
    const [first, second] = await draw();
    expect(first).not.toBe(second);
    expect(await draw()).toEqual([first, second]);
  });

  it('gives XDR-JSON when asked to', async () => {
    const answer = (await simulate(contract.call('temp'), { xdrFormat: 'json' })) as Record<string, unknown>;
    expect(answer).toMatchObject({
      transactionDataJson: { ext: 'v0', resources: { footprint: {} } },
      eventsJson: expect.any(Array),
      results: [{ authJson: [], returnValueJson: 'void' }],
      stateChanges: [{ type: 'created', keyJson: { contract_data: {} }, beforeJson: null, afterJson: {} }],
    });
    for (const name of ['transactionData', 'events']) expect(answer).not.toHaveProperty(name);
    const failed = (await simulate(contract.call('missing'), { xdrFormat: 'json' })) as Record<
      string,
      unknown
    >;
    expect(failed).toMatchObject({ error: expect.any(String), eventsJson: [{ event: {} }, {}] });
  });

  it('puts failures into the answer, in the words of stellar-rpc', async () => {
    const errorOf = async (operation: xdr.Operation, params?: object) =>
      (await simulate(operation, params)).error;
    const payment = Operation.payment({ destination: alice.publicKey(), asset: Asset.native(), amount: '1' });
    const call = contract.call('keep');
    expect(await errorOf(payment)).toBe(
      'transaction contains unsupported operation type: OperationTypePayment',
    );
    expect(await errorOf(call, { authMode: 'guess' })).toBe(
      "optional 'authMode' must be one of enforce,record,record_allow_nonroot when included",
    );
    const extend = Operation.extendFootprintTtl({ extendTo: 200_000 });
    expect(await errorOf(extend, { authMode: 'record' })).toBe(
      'cannot set authMode with non-InvokeHostFunction operations',
    );
    expect(await errorOf(call, { xdrFormat: 'yaml' })).toMatch("got 'yaml'");
    expect(await errorOf(call, { transaction: 'AAAA' })).toBe('Could not unmarshal transaction');
    expect(await errorOf(contract.call('missing'))).toMatch(/^HostError: Error\(WasmVm, MissingValue\)\n/);
    expect(await errorOf(contract.call('burn'))).toMatch(/^HostError: Error\(Budget, ExceededLimit\)\n/);
    expect(await errorOf(contract.call('keep', nativeToScVal(1)))).toMatch(/^HostError: /);
  });

  it('refuses to record over entries that are given, and memos, and more than one operation', async () => {
    const errorOf = async (operations: xdr.Operation[], params: object, memo: Memo = Memo.none()) => {
      const edit = (builder: TransactionBuilder) => builder.setTimeout(0).addMemo(memo);
      const transaction = (await network.build(alice, operations, { edit })).toXDR();
      return ((await network.net.rpc('simulateTransaction', { transaction, ...params })) as Answer).error;
    };
    const entry = new xdr.SorobanAuthorizationEntry({
      credentials: xdr.SorobanCredentials.sorobanCredentialsSourceAccount(),
      rootInvocation: new xdr.SorobanAuthorizedInvocation({
        function: xdr.SorobanAuthorizedFunction.sorobanAuthorizedFunctionTypeContractFn(
          new xdr.InvokeContractArgs({
            contractAddress: contract.address().toScAddress(),
            functionName: 'keep',
            args: [],
          }),
        ),
        subInvocations: [],
      }),
    });
    const call = contract.call('keep');
    const withAuth = Operation.invokeContractFunction({
      contract: contract.contractId(),
      function: 'keep',
      args: [],
      auth: [entry],
    });
    for (const authMode of ['record', 'record_allow_nonroot']) {
      expect(await errorOf([withAuth], { authMode })).toBe(
        `cannot set authMode to '${authMode}' with an auth footprint`,
      );
    }
    expect(await errorOf([withAuth], {})).toBeUndefined();
    expect(await errorOf([call], {}, Memo.text('hello'))).toBe(
      'Transaction contains a memo. Soroban transactions do not support memos.',
    );
    expect(await errorOf([call, call], {})).toBe('Transaction contains more than one operation');
    expect(await errorOf([], {})).toBe('Transaction contains more than one operation');
  });

  it('works on after a contract used up all it may', async () => {
    await simulate(contract.call('burn'));
    expect((await simulate(contract.call('keep'))).error).toBeUndefined();
  });
});
