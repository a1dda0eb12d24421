// What the tests drive a network with: the unmodified SDK's transaction builder and JSON-RPC by function call.
// The clock stands still unless a test moves it.
import {
  BASE_FEE,
  Keypair,
  Operation,
  rpc,
  SorobanDataBuilder,
  type Transaction,
  TransactionBuilder,
  xdr,
} from '@stellar/stellar-sdk';
import { createDevnet, type Devnet, type DevnetOptions } from '../index.ts';

export const START_SECONDS = 1_800_000_000;

export type SendReply = {
  status: string;
  hash: string;
  errorResultXdr?: string;
  diagnosticEventsXdr?: string[];
};
export type TransactionReply = {
  status: string;
  ledger: number;
  resultXdr: string;
  resultMetaXdr: string;
  diagnosticEventsXdr?: string[];
};
export type SimulationReply = { error?: string; transactionData: string; minResourceFee: string };

type BuildOptions = {
  fee?: string;
  source?: Keypair;
  sequence?: bigint;
  edit?: (builder: TransactionBuilder) => void;
};

export type TestNetwork = Awaited<ReturnType<typeof openTestNetwork>>;

export async function openTestNetwork(options: DevnetOptions = {}) {
  const net = await createDevnet({ nowSeconds: () => START_SECONDS, ...options });
  const network = {
    net,
    async account(): Promise<Keypair> {
      const keypair = Keypair.random();
      await net.fund(keypair.publicKey());
      return keypair;
    },
    async sequence(publicKey: string): Promise<bigint> {
      return (await accountOf(net, publicKey)).seqNum;
    },
    async balance(publicKey: string): Promise<bigint> {
      return (await accountOf(net, publicKey)).balance;
    },
    /** A built, unsigned transaction of one or more operations. */
    async build(
      source: Keypair,
      operations: xdr.Operation[],
      build: BuildOptions = {},
    ): Promise<Transaction> {
      const sequence = build.sequence ?? (await network.sequence(source.publicKey()));
      const account = {
        accountId: () => source.publicKey(),
        sequenceNumber: () => String(sequence),
        incrementSequenceNumber: () => {},
      };
      const fee = build.fee ?? BASE_FEE;
      const builder = new TransactionBuilder(account, { fee, networkPassphrase: net.passphrase });
      for (const operation of operations) builder.addOperation(operation);
      if (build.edit) build.edit(builder);
      else builder.setTimeout(0);
      return builder.build();
    },
    async submit(transaction: { toXDR(): string }): Promise<SendReply> {
      return (await net.rpc('sendTransaction', { transaction: transaction.toXDR() })) as SendReply;
    },
    async simulate(transaction: { toXDR(): string }): Promise<SimulationReply> {
      return (await net.rpc('simulateTransaction', { transaction: transaction.toXDR() })) as SimulationReply;
    },
    async transaction(hash: string): Promise<TransactionReply> {
      return (await net.rpc('getTransaction', { hash })) as TransactionReply;
    },
    /** Simulates, puts the resources in, signs and sends. `change` may alter the resources before signing. */
    async invoke(
      source: Keypair,
      operation: xdr.Operation,
      change: (data: SorobanDataBuilder, fee: bigint) => bigint = (_data, fee) => fee,
      build: BuildOptions & { sorobanData?: xdr.SorobanTransactionData } = {},
    ): Promise<SendReply & { result: TransactionReply }> {
      const { sorobanData } = build;
      const edit = (builder: TransactionBuilder) => {
        builder.setTimeout(0);
        if (sorobanData) builder.setSorobanData(sorobanData);
      };
      const draft = await network.build(source, [operation], { ...build, edit });
      const simulation = (await net.rpc('simulateTransaction', {
        transaction: draft.toXDR(),
      })) as SimulationReply & {
        results?: { auth: string[] }[];
      };
      if (simulation.error !== undefined) throw new Error(simulation.error);
      const data = new SorobanDataBuilder(simulation.transactionData);
      const resourceFee = change(data, BigInt(simulation.minResourceFee));
      data.setResourceFee(resourceFee);
      const prepared = rpc.assembleTransaction(draft, {
        ...rpc.parseRawSimulation(simulation as never),
        transactionData: data,
        minResourceFee: String(resourceFee),
      } as never);
      const transaction = prepared.build();
      transaction.sign(source);
      const sent = await network.submit(transaction);
      return { ...sent, result: await network.transaction(sent.hash) };
    },
    /** Uploads wasm, creates a contract of it and returns its address. */
    async deploy(source: Keypair, wasm: Uint8Array): Promise<string> {
      const { Address, hash, scValToNative } = await import('@stellar/stellar-sdk');
      await network.invoke(source, Operation.uploadContractWasm({ wasm: Buffer.from(wasm) }));
      const { result } = await network.invoke(
        source,
        Operation.createCustomContract({
          address: Address.fromString(source.publicKey()),
          wasmHash: hash(Buffer.from(wasm)),
          salt: Buffer.alloc(32, 7),
        }),
      );
      return scValToNative(metaOf(result).sorobanMeta!.returnValue!) as string;
    },
  };
  return network;
}

async function accountOf(net: Devnet, publicKey: string): Promise<xdr.AccountEntry> {
  const accountId = Keypair.fromPublicKey(publicKey).xdrAccountId();
  const key = xdr.LedgerKey.account(new xdr.LedgerKeyAccount({ accountId })).toXdr('base64');
  const { entries } = (await net.rpc('getLedgerEntries', { keys: [key] })) as { entries: { xdr: string }[] };
  const data = xdr.LedgerEntryData.fromXdr(entries[0]!.xdr, 'base64');
  return (data as Extract<xdr.LedgerEntryData, { type: 'account' }>).account;
}

export function metaOf(reply: { resultMetaXdr: string }): xdr.TransactionMetaV4 {
  const meta = xdr.TransactionMeta.fromXdr(reply.resultMetaXdr, 'base64');
  return (meta as Extract<xdr.TransactionMeta, { type: 'v4' }>).v4;
}

export function resultOf(reply: { resultXdr?: string; errorResultXdr?: string }): xdr.TransactionResult {
  return xdr.TransactionResult.fromXdr((reply.resultXdr ?? reply.errorResultXdr)!, 'base64');
}

/** The code of each operation, such as `paymentUnderfunded` or `opBadAuth`. */
export function operationCodes(reply: { resultXdr?: string; errorResultXdr?: string }): string[] {
  const { result } = resultOf(reply);
  if (result.type !== 'txFailed' && result.type !== 'txSuccess') return [];
  return result.results.map((operation) =>
    operation.type === 'opInner' ? (operation.tr.value as { type: string }).type : operation.type,
  );
}
