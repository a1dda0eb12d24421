// The methods that tell of the network as a whole.
import { Asset, type Keypair, Operation, TransactionBuilder } from '@stellar/stellar-sdk';
import * as xdr from '@stellar/stellar-sdk/xdr';
import { beforeEach, describe, expect, it } from 'vitest';
import { serveDevnet } from '../index.ts';
import { openTestNetwork, START_SECONDS, type TestNetwork } from '../testing/testNetwork.ts';

let network: TestNetwork;
const rpc = async <T>(method: string) => (await network.net.rpc(method)) as T;

beforeEach(async () => {
  network = await openTestNetwork({ mineMode: 'manual' });
});

describe('getHealth', () => {
  it('is healthy however long ago the last ledger closed', async () => {
    network.net.warp({ seconds: 3_600, ledgers: 1 });
    expect(await rpc('getHealth')).toEqual({
      status: 'healthy',
      latestLedger: 2,
      latestLedgerCloseTime: String(START_SECONDS + 3_600),
      oldestLedger: 1,
      oldestLedgerCloseTime: String(START_SECONDS),
      ledgerRetentionWindow: 120_960,
    });
  });
});

describe('getNetwork', () => {
  it('tells where friendbot is while the network is served', async () => {
    const about = { passphrase: network.net.passphrase, protocolVersion: 30 };
    expect(await rpc('getNetwork')).toEqual(about);
    const served = await serveDevnet(network.net, { port: 0 });
    expect(await rpc('getNetwork')).toEqual({ friendbotUrl: served.friendbotUrl, ...about });
    await served.close();
  });
});

describe('getVersionInfo', () => {
  it('has the fields of stellar-rpc', async () => {
    const info = await rpc<object>('getVersionInfo');
    const names = ['version', 'commitHash', 'buildTimestamp', 'captiveCoreVersion', 'protocolVersion'];
    expect(Object.keys(info)).toEqual(names);
  });
});

describe('getLatestLedger', () => {
  it('gives the header as a LedgerHeader, always in base64', async () => {
    const latest = (await network.net.rpc('getLatestLedger', { xdrFormat: 'json' })) as Record<
      string,
      string
    >;
    expect(latest).toMatchObject({
      sequence: 1,
      protocolVersion: 30,
      closeTime: String(START_SECONDS),
      id: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(xdr.LedgerHeader.fromXdr(latest.headerXdr!, 'base64').ledgerSeq).toBe(1);
    expect(xdr.LedgerCloseMeta.fromXdr(latest.metadataXdr!, 'base64').type).toBe('v2');
  });
});

describe('getFeeStats', () => {
  type Distribution = Record<string, string | number>;
  type FeeStats = { inclusionFee: Distribution; sorobanInclusionFee: Distribution; latestLedger: number };

  const pay = async (source: Keypair, fee: string, operations = 1) => {
    const payment = Operation.payment({
      destination: source.publicKey(),
      asset: Asset.native(),
      amount: '1',
    });
    const transaction = await network.build(source, Array(operations).fill(payment), { fee });
    transaction.sign(source);
    return transaction;
  };

  it('is all zeros when there was no transaction', async () => {
    const { inclusionFee, sorobanInclusionFee } = await rpc<FeeStats>('getFeeStats');
    expect(inclusionFee).toEqual(sorobanInclusionFee);
    expect(new Set(Object.values(inclusionFee))).toEqual(new Set(['0', 0]));
    expect(Object.keys(inclusionFee)).toEqual([
      ...['max', 'min', 'mode', 'p10', 'p20', 'p30', 'p40', 'p50', 'p60', 'p70', 'p80', 'p90', 'p95', 'p99'],
      ...['transactionCount', 'ledgerCount'],
    ]);
  });

  it('counts what was paid for each operation, not what was offered', async () => {
    const alice = await network.account();
    await network.submit(await pay(alice, '5000', 3));
    network.net.mine();
    const { inclusionFee } = await rpc<FeeStats>('getFeeStats');
    expect(inclusionFee).toMatchObject({
      max: '100',
      min: '100',
      mode: '100',
      transactionCount: '2',
      ledgerCount: 3,
    });
  });

  it('counts a fee bump by the operations inside it', async () => {
    const alice = await network.account();
    const inner = await pay(alice, '100');
    const bump = TransactionBuilder.buildFeeBumpTransaction(alice, '900', inner, network.net.passphrase);
    bump.sign(alice);
    await network.submit(bump);
    network.net.mine();
    expect((await rpc<FeeStats>('getFeeStats')).inclusionFee).toMatchObject({
      max: '200',
      min: '100',
      p50: '100',
      p60: '200',
    });
  });

  it('forgets classic fees after 10 ledgers and those of contracts after 50', async () => {
    const alice = await network.account();
    await network.net.fund(network.net.nativeTokenContractId);
    const counts = async () => {
      const { inclusionFee, sorobanInclusionFee } = await rpc<FeeStats>('getFeeStats');
      return [inclusionFee, sorobanInclusionFee].map(({ transactionCount, ledgerCount }) => [
        transactionCount,
        ledgerCount,
      ]);
    };
    expect(alice.publicKey()).toMatch(/^G/);
    expect(await counts()).toEqual([
      ['1', 3],
      ['1', 3],
    ]);
    network.net.warp({ ledgers: 8 });
    expect(await counts()).toEqual([
      ['1', 10],
      ['1', 11],
    ]);
    network.net.warp({ ledgers: 1 });
    expect(await counts()).toEqual([
      ['0', 0],
      ['1', 12],
    ]);
    network.net.warp({ ledgers: 40 });
    expect(await counts()).toEqual([
      ['0', 0],
      ['1', 50],
    ]);
    network.net.warp({ ledgers: 1 });
    expect(await counts()).toEqual([
      ['0', 0],
      ['0', 0],
    ]);
  });
});
