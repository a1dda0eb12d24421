// Envelopes that no honest client sends, for tests: damaged, oversized, nested, signed for another network, with fees
// below zero and footprints without end. Most decode, so that what lies behind the decoder is tried too.
import {
  Asset,
  Contract,
  FeeBumpTransaction,
  type Keypair,
  Operation,
  SorobanDataBuilder,
  Transaction,
  type TransactionBuilder,
} from '@stellar/stellar-sdk';
import * as xdr from '@stellar/stellar-sdk/xdr';
import type { TestNetwork } from './testNetwork.ts';

const OTHER_PASSPHRASE = 'Another Network';

/** Named envelopes in base64; `source` must exist. */
export async function hostileTransactions(
  network: TestNetwork,
  source: Keypair,
): Promise<Map<string, string>> {
  const { passphrase, nativeTokenContractId } = network.net;
  const contract = new Contract(nativeTokenContractId);
  const payment = Operation.payment({ destination: source.publicKey(), asset: Asset.native(), amount: '1' });
  const sign = (transaction: Transaction | FeeBumpTransaction) => {
    transaction.sign(source);
    return transaction.toXDR();
  };
  const build = (operation: xdr.Operation, edit?: (builder: TransactionBuilder) => void) =>
    network.build(source, [operation], {
      edit: (builder) => edit?.(builder.setTimeout(0)) ?? builder.setTimeout(0),
    });
  const other = Operation.payment({ destination: source.publicKey(), asset: Asset.native(), amount: '2' });
  const foreign = new Transaction((await build(other)).toXDR(), OTHER_PASSPHRASE);
  const withKeys = async (operation: xdr.Operation, kind: 'readOnly' | 'readWrite', count: number) => {
    const keys = Array.from({ length: count }, (_, index) => dataKey(contract, index));
    const data = new SorobanDataBuilder().setResourceFee(1_000_000n);
    const filled = kind === 'readOnly' ? data.setReadOnly(keys) : data.setReadWrite(keys);
    return sign(await build(operation, (builder) => builder.setSorobanData(filled.build())));
  };
  const call = (...args: xdr.ScVal[]) => contract.call('balance', ...args);
  const extend = Operation.extendFootprintTtl({ extendTo: 4_294_967_295 });
  const restore = Operation.restoreFootprint({});
  /** With resources declared, so that it is applied if it is valid. */
  const contractCall = async (operation: xdr.Operation) => {
    const data = new SorobanDataBuilder()
      .setResources(50_000_000, 10_000, 10_000)
      .setReadOnly([contract.getFootprint()])
      .setResourceFee(50_000_000n);
    const edit = (builder: TransactionBuilder) => builder.setTimeout(0).setSorobanData(data.build());
    return sign(await network.build(source, [operation], { edit, fee: '60000000' }));
  };
  const placeholder = xdr.ScVal.scvU32(0xdead_beef);
  const plain = sign(await build(payment));
  return new Map([
    ['nothing', ''],
    ['not base64', '*'.repeat(100)],
    ['signed for another network', sign(foreign)],
    ['half an envelope', plain.slice(0, 4 * Math.floor(plain.length / 8))],
    [
      'an envelope and a half',
      `${plain.replace(/=+$/, '').padEnd(Math.ceil(plain.length / 4) * 4, 'A')}AAAA`,
    ],
    ['a list of four billion operations', hugeList(plain)],
    ['values 100 deep', await contractCall(call(nested(100)))],
    ['values 200 deep', await contractCall(call(nested(200)))],
    ['values as deep as the decoder goes', await contractCall(call(nested(365)))],
    ['values 10,000 deep', deepened(await contractCall(call(placeholder)), placeholder, 10_000)],
    ['authorizations 60 deep', await contractCall(authorized(contract, 60))],
    ['authorizations 200 deep', await contractCall(authorized(contract, 200))],
    ['a vector of 25,000 values', await contractCall(call(vector(25_000)))],
    ['a vector of 80,000 values', await contractCall(call(vector(80_000)))],
    ['120 kB of bytes', await contractCall(call(xdr.ScVal.scvBytes(new Uint8Array(120_000))))],
    ['300 kB of bytes', await contractCall(call(xdr.ScVal.scvBytes(new Uint8Array(300_000))))],
    ['a map with repeated keys', await contractCall(call(repeatingMap()))],
    [
      'an upload of no wasm',
      await contractCall(Operation.uploadContractWasm({ wasm: Buffer.alloc(120_000, 7) })),
    ],
    [
      'an upload that is too large',
      await contractCall(Operation.uploadContractWasm({ wasm: Buffer.alloc(300_000, 7) })),
    ],
    ['an extension of 4,000 entries', await withKeys(extend, 'readOnly', 4_000)],
    ['a restoration of 4,000 entries', await withKeys(restore, 'readWrite', 4_000)],
    ['a call with a footprint of 4,000 entries', await withKeys(call(), 'readWrite', 4_000)],
    ['a resource fee below zero', withResources(await build(call()), -1n, 0)],
    ['the largest resources', withResources(await build(call()), 2n ** 63n - 1n, 4_294_967_295)],
    ['a fee bump below zero', feeBump(plain, source, -1n, passphrase)],
    ['a fee bump of everything', feeBump(plain, source, 2n ** 63n - 1n, passphrase)],
    ['no operations', sign(await network.build(source, []))],
    ['101 operations', manyOperations(plain, 101)],
  ]);
}

function dataKey(contract: Contract, index: number): xdr.LedgerKey {
  return xdr.LedgerKey.contractData(
    new xdr.LedgerKeyContractData({
      contract: contract.address().toScAddress(),
      key: xdr.ScVal.scvU32(index),
      durability: xdr.ContractDataDurability.persistent,
    }),
  );
}

function nested(depth: number): xdr.ScVal {
  let value: xdr.ScVal = xdr.ScVal.scvVoid();
  for (let level = 0; level < depth; level++) value = xdr.ScVal.scvVec([value]);
  return value;
}

/** Puts a value deeper than the typed encoder writes in the place of a number. */
function deepened(base64: string, placeholder: xdr.ScVal, depth: number): string {
  const [VEC, PRESENT, ONE, VOID] = [16, 1, 1, 1];
  const words = [...Array.from({ length: depth }, () => [VEC, PRESENT, ONE]).flat(), VOID];
  const deep = Buffer.alloc(4 * words.length);
  for (const [index, word] of words.entries()) deep.writeUInt32BE(word, 4 * index);
  const bytes = Buffer.from(base64, 'base64');
  const replaced = Buffer.from(placeholder.toXdr());
  const at = bytes.indexOf(replaced);
  return Buffer.concat([bytes.subarray(0, at), deep, bytes.subarray(at + replaced.length)]).toString(
    'base64',
  );
}

function vector(length: number): xdr.ScVal {
  return xdr.ScVal.scvVec(Array(length).fill(xdr.ScVal.scvVoid()));
}

function repeatingMap(): xdr.ScVal {
  const entry = new xdr.ScMapEntry({ key: xdr.ScVal.scvU32(1), val: xdr.ScVal.scvU32(1) });
  return xdr.ScVal.scvMap(Array(1_000).fill(entry));
}

function authorized(contract: Contract, depth: number): xdr.Operation {
  const invocation = (subInvocations: xdr.SorobanAuthorizedInvocation[]) =>
    new xdr.SorobanAuthorizedInvocation({
      function: xdr.SorobanAuthorizedFunction.sorobanAuthorizedFunctionTypeContractFn(
        new xdr.InvokeContractArgs({
          contractAddress: contract.address().toScAddress(),
          functionName: 'balance',
          args: [],
        }),
      ),
      subInvocations,
    });
  let rootInvocation = invocation([]);
  for (let level = 0; level < depth; level++) rootInvocation = invocation([rootInvocation]);
  const credentials = xdr.SorobanCredentials.sorobanCredentialsSourceAccount();
  const auth = [new xdr.SorobanAuthorizationEntry({ credentials, rootInvocation })];
  return Operation.invokeContractFunction({
    contract: contract.contractId(),
    function: 'balance',
    args: [],
    auth,
  });
}

type Envelope = Extract<xdr.TransactionEnvelope, { type: 'envelopeTypeTx' }>;
const open = (base64: string) => xdr.TransactionEnvelope.fromXdr(base64, 'base64') as Envelope;

function withResources(transaction: Transaction, resourceFee: bigint, amount: number): string {
  const { v1 } = open(transaction.toXDR());
  const resources = new xdr.SorobanResources({
    footprint: new xdr.LedgerFootprint({ readOnly: [], readWrite: [] }),
    instructions: amount,
    diskReadBytes: amount,
    writeBytes: amount,
  });
  const data = new xdr.SorobanTransactionData({
    ext: xdr.SorobanTransactionDataExt.v0(),
    resources,
    resourceFee,
  });
  const tx = new xdr.Transaction({ ...v1.tx, ext: xdr.TransactionExt.sorobanData(data) });
  return xdr.TransactionEnvelope.envelopeTypeTx(
    new xdr.TransactionV1Envelope({ tx, signatures: v1.signatures }),
  ).toXdr('base64');
}

function feeBump(inner: string, payer: Keypair, fee: bigint, passphrase: string): string {
  const tx = new xdr.FeeBumpTransaction({
    feeSource: payer.xdrMuxedAccount(),
    fee,
    innerTx: xdr.FeeBumpTransactionInnerTx.envelopeTypeTx(open(inner).v1),
    ext: xdr.FeeBumpTransactionExt.v0(),
  });
  const envelope = new xdr.FeeBumpTransactionEnvelope({ tx, signatures: [] });
  const bump = new FeeBumpTransaction(
    xdr.TransactionEnvelope.envelopeTypeTxFeeBump(envelope).toXdr('base64'),
    passphrase,
  );
  bump.sign(payer);
  return bump.toXDR();
}

function manyOperations(base64: string, count: number): string {
  const { v1 } = open(base64);
  const bytes = v1.toXdr();
  const [operation] = v1.tx.operations;
  const one = operation!.toXdr();
  const at = Buffer.from(bytes).indexOf(Buffer.from(one));
  const counted = Buffer.from(bytes);
  counted.writeUInt32BE(count, at - 4);
  const type = Buffer.from([0, 0, 0, 2]);
  const operations = Array<Uint8Array>(count).fill(one);
  return Buffer.concat([
    type,
    counted.subarray(0, at),
    ...operations,
    counted.subarray(at + one.length),
  ]).toString('base64');
}

function hugeList(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  const one = open(base64).v1.tx.operations[0]!.toXdr();
  bytes.writeUInt32BE(0xffff_ffff, bytes.indexOf(Buffer.from(one)) - 4);
  return bytes.toString('base64');
}
