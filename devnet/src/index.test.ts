// The network as an unmodified client sees it: the JS SDK's rpc.Server over HTTP.
import { existsSync, readFileSync } from 'node:fs';
import {
  Address,
  Asset,
  BASE_FEE,
  Contract,
  hash,
  Keypair,
  nativeToScVal,
  Operation,
  rpc,
  scValToNative,
  TransactionBuilder,
  type xdr,
} from '@stellar/stellar-sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDevnet, type Devnet, type DevnetServer, serveDevnet } from './index.ts';
import { smallContract } from './testing/smallContract.ts';

let net: Devnet;
let served: DevnetServer;
let server: rpc.Server;
const alice = Keypair.random();
const bob = Keypair.random();

beforeAll(async () => {
  net = await createDevnet();
  served = await serveDevnet(net, { port: 0 });
  server = new rpc.Server(served.rpcUrl, { allowHttp: true });
  await server.requestAirdrop(alice.publicKey());
  await server.fundAddress(bob.publicKey());
});

afterAll(async () => {
  await served.close();
  await net.close();
});

async function send(operation: xdr.Operation, isContractCall = true) {
  const account = await server.getAccount(alice.publicKey());
  const draft = new TransactionBuilder(account, { fee: BASE_FEE, networkPassphrase: net.passphrase })
    .addOperation(operation)
    .setTimeout(60)
    .build();
  const transaction = isContractCall ? await server.prepareTransaction(draft) : draft;
  transaction.sign(alice);
  const sent = await server.sendTransaction(transaction);
  expect(sent.status).toBe('PENDING');
  const reply = await server.pollTransaction(sent.hash, { attempts: 2 });
  expect(reply.status).toBe('SUCCESS');
  return reply as rpc.Api.GetSuccessfulTransactionResponse;
}

const address = (text: string) => Address.fromString(text).toScVal();
const xlm = () => new Contract(net.nativeTokenContractId);
const transfer = (to: string, stroops: bigint) =>
  xlm().call('transfer', address(alice.publicKey()), address(to), nativeToScVal(stroops, { type: 'i128' }));

it('introduces itself', async () => {
  expect(await server.getHealth()).toMatchObject({ status: 'healthy' });
  expect(await server.getNetwork()).toEqual({
    friendbotUrl: served.friendbotUrl,
    passphrase: net.passphrase,
    protocolVersion: 30,
  });
  expect((await server.getVersionInfo()).protocolVersion).toBe(30);
  expect((await server.getLatestLedger()).sequence).toBe(net.latestLedger().sequence);
});

it('has the native asset contract from the start, where the SDK expects it', async () => {
  expect(net.nativeTokenContractId).toBe(Asset.native().contractId(net.passphrase));
  const balance = xlm().call('balance', address(bob.publicKey()));
  expect(scValToNative((await send(balance)).returnValue!)).toBe(100_000_000_000n);
});

it('carries a payment', async () => {
  const reply = await send(
    Operation.payment({ destination: bob.publicKey(), asset: Asset.native(), amount: '5' }),
    false,
  );
  expect(reply.resultXdr.feeCharged).toBe(100n);
});

it('carries a transfer of the native asset contract, classic accounts and contracts alike', async () => {
  await send(transfer(bob.publicKey(), 7n));
  await send(transfer(net.nativeTokenContractId, 9n));
  const { balanceEntry } = await server.getSACBalance(
    net.nativeTokenContractId,
    Asset.native(),
    net.passphrase,
  );
  expect(balanceEntry?.amount).toBe('9');
});

it('charges a plain transfer the fee of its parts', async () => {
  const reply = await send(transfer(bob.publicKey(), 7n));
  const { sorobanMeta } = (reply.resultMetaXdr as Extract<xdr.TransactionMeta, { type: 'v4' }>).v4;
  const fees = (sorobanMeta!.ext as Extract<xdr.SorobanTransactionMetaExt, { type: 'v1' }>).v1;
  const { resources } = (reply.envelopeXdr as Extract<xdr.TransactionEnvelope, { type: 'envelopeTypeTx' }>).v1
    .tx.ext.value as xdr.SorobanTransactionData;
  const kib = 1024n;
  const up = (value: bigint, divisor: bigint) => (value + divisor - 1n) / divisor;
  const size = BigInt(reply.envelopeXdr.toXdr().length);
  const writes = BigInt(resources.footprint.readWrite.length);
  const expected =
    up(BigInt(resources.instructions) * 7n, 10_000n) +
    (2n + 0n) * 6_250n +
    up(BigInt(resources.diskReadBytes) * 1_786n, kib) +
    writes * 10_000n +
    up(BigInt(resources.writeBytes) * 3_500n, kib) +
    up((size + 300n) * 4_059n, kib) +
    up(size * 406n, kib);
  const counted = fees.totalNonRefundableResourceFeeCharged;
  expect(counted).toBe(expected);
  expect(reply.resultXdr.feeCharged).toBe(100n + counted + fees.totalRefundableResourceFeeCharged);
});

it('uploads, deploys and calls a contract', async () => {
  const wasm = Buffer.from(smallContract());
  await send(Operation.uploadContractWasm({ wasm }));
  const deployed = await send(
    Operation.createCustomContract({ address: Address.fromString(alice.publicKey()), wasmHash: hash(wasm) }),
  );
  const contractId = scValToNative(deployed.returnValue!) as string;
  await send(new Contract(contractId).call('keep'));
  expect(Buffer.from(await server.getContractWasmByContractId(contractId)).equals(wasm)).toBe(true);
  const data = await server.getContractData(contractId, nativeToScVal(1, { type: 'u32' }));
  expect(
    scValToNative((data.val as Extract<xdr.LedgerEntryData, { type: 'contractData' }>).contractData.val),
  ).toBe(1);
});

const walletWasm = new URL('../../contracts/wasm/wallet.wasm', import.meta.url);
it.runIf(existsSync(walletWasm))('takes the wallet contract', async () => {
  const wasm = readFileSync(walletWasm);
  const reply = await send(Operation.uploadContractWasm({ wasm }));
  expect(scValToNative(reply.returnValue!)).toEqual(hash(wasm));
});

it('explains a failed simulation with the event log of the host', async () => {
  const account = await server.getAccount(alice.publicKey());
  const draft = new TransactionBuilder(account, { fee: BASE_FEE, networkPassphrase: net.passphrase })
    .addOperation(transfer(bob.publicKey(), 10n ** 18n))
    .setTimeout(60)
    .build();
  const simulation = await server.simulateTransaction(draft);
  expect('error' in simulation && simulation.error).toMatch(
    /^HostError: Error\(Contract, #10\)\n\nEvent log \(newest first\):\n {3}0: \[/,
  );
});

it('records address-bound credentials when asked to', async () => {
  const operation = xlm().call(
    'transfer',
    address(bob.publicKey()),
    address(alice.publicKey()),
    nativeToScVal(1n, { type: 'i128' }),
  );
  const account = await server.getAccount(alice.publicKey());
  const draft = new TransactionBuilder(account, { fee: BASE_FEE, networkPassphrase: net.passphrase })
    .addOperation(operation)
    .setTimeout(60)
    .build();
  const credentials = async (useUpgradedAuth: boolean) => {
    const reply = await net.rpc('simulateTransaction', { transaction: draft.toXDR(), useUpgradedAuth });
    const { auth } = (reply as { results: { auth: string[] }[] }).results[0]!;
    const { SorobanAuthorizationEntry } = await import('@stellar/stellar-sdk/xdr');
    return SorobanAuthorizationEntry.fromXdr(auth[0]!, 'base64').credentials.type;
  };
  expect(await credentials(true)).toBe('sorobanCredentialsAddressV2');
  expect(await credentials(false)).toBe('sorobanCredentialsAddress');
});

it('pages through events, with filters and cursors', async () => {
  const all = await server.getEvents({ startLedger: 1, filters: [] });
  const ids = all.events.map(({ id }) => id);
  expect(ids).toEqual([...ids].sort());
  expect(new Set(ids).size).toBe(ids.length);
  const topic = nativeToScVal('transfer', { type: 'symbol' }).toXdr('base64');
  const filters = [
    { type: 'contract' as const, contractIds: [net.nativeTokenContractId], topics: [[topic, '**']] },
  ];
  const transfers = await server.getEvents({ startLedger: 1, filters });
  expect(transfers.events.length).toBeGreaterThan(4);
  const paged = [];
  let page = await server.getEvents({ startLedger: 1, filters, limit: 2 });
  while (page.events.length > 0) {
    paged.push(...page.events);
    page = await server.getEvents({ cursor: page.cursor, filters, limit: 2 });
  }
  expect(paged.map(({ id }) => id)).toEqual(transfers.events.map(({ id }) => id));
});

it('pages through transactions and ledgers', async () => {
  const first = await server.getTransactions({ startLedger: 1, pagination: { limit: 3 } });
  const rest = await server.getTransactions({ pagination: { cursor: first.cursor, limit: 200 } });
  const hashes = [...first.transactions, ...rest.transactions].map(({ txHash }) => txHash);
  expect(new Set(hashes).size).toBe(hashes.length);
  const { ledgers } = await server.getLedgers({ startLedger: 1, pagination: { limit: 200 } });
  const processed = ledgers.flatMap(({ metadataXdr }) =>
    (metadataXdr as Extract<xdr.LedgerCloseMeta, { type: 'v2' }>).v2.txProcessing.map((tx) =>
      Buffer.from(tx.result.transactionHash.toBytes()).toString('hex'),
    ),
  );
  expect(processed).toEqual(hashes);
});

it('sums up the fees that were offered', async () => {
  const { sorobanInclusionFee } = await server.getFeeStats();
  expect(sorobanInclusionFee).toMatchObject({ min: '100', p50: '100', p99: '100' });
});
