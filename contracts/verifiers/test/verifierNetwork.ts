// An embedded network with verifier contracts on it: verdicts by simulation, costs by applied transactions, whose
// instructions are those of the whole invocation as validators meter it.
import { readFile } from 'node:fs/promises';
import {
  Address,
  hash,
  Keypair,
  Operation,
  rpc,
  StrKey,
  scValToNative,
  TransactionBuilder,
  xdr,
} from '@stellar/stellar-sdk';
import { openMeteredNetwork } from '../../../bench/meteredNetwork.ts';

const FEE_STROOPS = '100';

/** Arguments in the order of the contract's function. */
export type Call = { contract: string; name: string; arguments: readonly Uint8Array[] };
export type Verdict = boolean | 'trap';
export type VerifierNetwork = Awaited<ReturnType<typeof openVerifierNetwork>>;

type SimulationReply = { error?: string; results?: { xdr: string }[] };

export async function openVerifierNetwork() {
  const net = await openMeteredNetwork();
  const payer = Keypair.fromRawEd25519Seed(hash(Buffer.from('payer')));
  net.fund(payer.publicKey());
  let sequenceNumber = await sequenceOf(payer);

  async function sequenceOf(account: Keypair): Promise<bigint> {
    const accountId = account.xdrAccountId();
    const key = xdr.LedgerKey.account(new xdr.LedgerKeyAccount({ accountId })).toXdr('base64');
    const { entries } = await net.rpc.call('getLedgerEntries', { keys: [key] });
    const data = xdr.LedgerEntryData.fromXdr(entries[0]!.xdr, 'base64');
    if (data.type !== 'account') throw new Error('the payer has no account');
    return BigInt(data.account.seqNum);
  }

  function draft(operation: xdr.Operation) {
    const account = {
      accountId: () => payer.publicKey(),
      sequenceNumber: () => String(sequenceNumber),
      incrementSequenceNumber: () => {},
    };
    const builder = new TransactionBuilder(account, { fee: FEE_STROOPS, networkPassphrase: net.passphrase });
    return builder.addOperation(operation).setTimeout(0).build();
  }

  const simulation = async (operation: xdr.Operation) =>
    (await net.rpc.call('simulateTransaction', {
      transaction: draft(operation).toXDR(),
    })) as unknown as SimulationReply;

  /** Simulates, signs, sends, and gives the return value. */
  async function apply(operation: xdr.Operation): Promise<xdr.ScVal> {
    const reply = await simulation(operation);
    if (reply.error !== undefined) throw new Error(reply.error);
    const transaction = rpc.assembleTransaction(draft(operation), reply as never).build();
    transaction.sign(payer);
    const sent = await net.rpc.call('sendTransaction', { transaction: transaction.toXDR() });
    if (sent.status !== 'PENDING') throw new Error(`not sent: ${sent.errorResultXdr}`);
    sequenceNumber += 1n;
    const found = (await net.rpc.call('getTransaction', { hash: sent.hash })) as unknown as {
      status: string;
      resultXdr: string;
      resultMetaXdr: string;
    };
    if (found.status !== 'SUCCESS') throw new Error(`failed: ${found.resultXdr}`);
    const meta = xdr.TransactionMeta.fromXdr(found.resultMetaXdr, 'base64');
    if (meta.type !== 'v4' || !meta.v4.sorobanMeta?.returnValue) throw new Error('no return value');
    return meta.v4.sorobanMeta.returnValue;
  }

  const invocation = (call: Call) =>
    Operation.invokeContractFunction({
      contract: call.contract,
      function: call.name,
      args: call.arguments.map((bytes) => xdr.ScVal.scvBytes(Buffer.from(bytes))),
    });

  return {
    /** Deploys `contracts/wasm/<name>.wasm` and returns its address. */
    async deploy(name: string): Promise<string> {
      const wasm = await readFile(new URL(`../../wasm/${name}.wasm`, import.meta.url));
      await apply(Operation.uploadContractWasm({ wasm }));
      const address = Address.fromString(payer.publicKey());
      const created = Operation.createCustomContract({ address, wasmHash: hash(wasm), salt: hash(wasm) });
      const contract = scValToNative(await apply(created)) as string;
      if (!StrKey.isValidContract(contract)) throw new Error('no contract was created');
      return contract;
    },
    /** What a call gives, or that the host ended it. */
    async verdict(call: Call): Promise<Verdict> {
      const { error, results } = await simulation(invocation(call));
      if (error !== undefined) return 'trap';
      return scValToNative(xdr.ScVal.fromXdr(results![0]!.xdr, 'base64')) as boolean;
    },
    /** What one call costs in a transaction of its own. */
    async instructions(call: Call): Promise<number> {
      const verdict = scValToNative(await apply(invocation(call)));
      if (verdict !== true) throw new Error('only what verifies is worth measuring');
      return net.lastInstructions();
    },
  };
}
