import { Contract, type Keypair, Operation, SorobanDataBuilder, xdr } from '@stellar/stellar-sdk';
import { beforeEach, describe, expect, it } from 'vitest';
import { smallContract } from '../testing/smallContract.ts';
import { metaOf, openTestNetwork, operationCodes, type TestNetwork } from '../testing/testNetwork.ts';
import { LIMITS } from './limits.ts';

let network: TestNetwork;
let alice: Keypair;
let contract: Contract;

beforeEach(async () => {
  network = await openTestNetwork();
  alice = await network.account();
  contract = new Contract(await network.deploy(alice, smallContract()));
  await network.invoke(alice, contract.call('keep'));
  await network.invoke(alice, contract.call('temp'));
});

const dataKey = (durability: xdr.ContractDataDurability) =>
  xdr.LedgerKey.contractData(
    new xdr.LedgerKeyContractData({
      contract: contract.address().toScAddress(),
      key: xdr.ScVal.scvU32(1),
      durability,
    }),
  );
const kept = () => dataKey(xdr.ContractDataDurability.persistent);
const temporary = () => dataKey(xdr.ContractDataDurability.temporary);

async function liveUntil(key: xdr.LedgerKey): Promise<number | null> {
  const reply = (await network.net.rpc('getLedgerEntries', { keys: [key.toXdr('base64')] })) as {
    entries: { liveUntilLedgerSeq: number }[];
  };
  return reply.entries[0]?.liveUntilLedgerSeq ?? null;
}

const pastPersistent = { ledgers: LIMITS.mainnet.minPersistentTtl + 10 };

describe('entries and their lifetimes', () => {
  it('start with the minimum of their kind', async () => {
    const { sequence } = network.net.latestLedger();
    expect(await liveUntil(kept())).toBe(sequence - 1 + LIMITS.mainnet.minPersistentTtl - 1);
    expect(await liveUntil(temporary())).toBe(sequence + LIMITS.mainnet.minTemporaryTtl - 1);
  });

  it('a temporary entry lives through its last ledger and is gone in the next', async () => {
    network.net.warp({ ledgers: LIMITS.mainnet.minTemporaryTtl - 1 });
    expect(await liveUntil(temporary())).toBe(network.net.latestLedger().sequence);
    network.net.warp({ ledgers: 1 });
    expect(await liveUntil(temporary())).toBeNull();
  });

  it('an expired persistent entry is archived, not gone', async () => {
    network.net.warp(pastPersistent);
    expect(await liveUntil(kept())).toBe(0);
  });
});

describe('an archived entry', () => {
  beforeEach(() => network.net.warp(pastPersistent));

  it('comes back when the transaction marks it, with the minimum lifetime', async () => {
    const { result } = await network.invoke(alice, contract.call('keep'));
    expect(operationCodes(result)).toEqual(['invokeHostFunctionSuccess']);
    const types = metaOf(result).operations[0]!.changes.map(({ type }) => type);
    expect(types.filter((type) => type === 'ledgerEntryRestored')).toHaveLength(6);
    expect(await liveUntil(kept())).toBe(result.ledger + LIMITS.mainnet.minPersistentTtl - 1);
  });

  it('stops an invocation that does not mark it', async () => {
    const { result } = await network.invoke(alice, contract.call('keep'), (data, fee) => {
      const built = data.build();
      Object.assign(
        data,
        new SorobanDataBuilder(
          new xdr.SorobanTransactionData({
            ...built,
            ext: xdr.SorobanTransactionDataExt.v0(),
          }),
        ),
      );
      return fee;
    });
    expect(operationCodes(result)).toEqual(['invokeHostFunctionEntryArchived']);
  });

  it('is restored by its own operation', async () => {
    const sorobanData = new SorobanDataBuilder().setReadWrite([kept()]).build();
    const restore = Operation.restoreFootprint({});
    const { result } = await network.invoke(alice, restore, undefined, { sorobanData });
    expect(operationCodes(result)).toEqual(['restoreFootprintSuccess']);
    expect(await liveUntil(kept())).toBe(result.ledger + LIMITS.mainnet.minPersistentTtl - 1);
  });
});

describe('extending a lifetime', () => {
  const extend = async (extendTo: number, change?: (data: SorobanDataBuilder, fee: bigint) => bigint) => {
    const sorobanData = new SorobanDataBuilder().setReadOnly([kept()]).build();
    const operation = Operation.extendFootprintTtl({ extendTo });
    return (await network.invoke(alice, operation, change, { sorobanData })).result;
  };

  it('counts from the ledger it happens in, and never shortens', async () => {
    const result = await extend(500_000);
    expect(operationCodes(result)).toEqual(['extendFootprintTtlSuccess']);
    expect(await liveUntil(kept())).toBe(result.ledger + 500_000);
    const changes = metaOf(result).operations[0]!.changes.map(({ type }) => type);
    expect(changes).toEqual(['ledgerEntryState', 'ledgerEntryUpdated']);
    await extend(1_000);
    expect(await liveUntil(kept())).toBe(result.ledger + 500_000);
  });

  it('needs its rent to be offered', async () => {
    const snapshot = network.net.snapshot();
    const { ext } = metaOf(await extend(500_000)).sorobanMeta!;
    network.net.revert(snapshot);
    const nonRefundable = ext.type === 'v1' ? ext.v1.totalNonRefundableResourceFeeCharged : 0n;
    const result = await extend(500_000, () => nonRefundable + 1n);
    expect(operationCodes(result)).toEqual(['extendFootprintTtlInsufficientRefundableFee']);
  });
});
