// Stories of contracts: uploads, deployments and calls that succeed and fail, lifetimes and archival, limits, the asset
// contract, and ledgers that more transactions want to get into than they hold.
import {
  Address,
  Asset,
  Contract,
  hash,
  type Keypair,
  Operation,
  scValToNative,
  xdr,
} from '@stellar/stellar-sdk';
import { LIMITS } from '../ledger/limits.ts';
import { type Reply, withResources } from '../testing/ledgerScript.ts';
import { smallContract } from '../testing/smallContract.ts';
import { pay, type Recorder, type Story } from './recorder.ts';

export const CONTRACT_STORIES: readonly Story[] = [
  { name: 'contracts', tell: contracts },
  { name: 'lifetimes', tell: lifetimes },
  { name: 'asset contract', tell: assetContract },
  { name: 'one ledger', options: { mineMode: 'manual' }, tell: oneLedger },
  { name: 'surge', options: { mineMode: 'manual' }, tell: surge },
];

type Data = xdr.SorobanTransactionData;
const { minPersistentTtl, minTemporaryTtl } = LIMITS.mainnet;
const wasm = Buffer.from(smallContract());
const upload = () => Operation.uploadContractWasm({ wasm });
const richer = (stroops: bigint) => (data: Data) =>
  withResources(data, {}, { resourceFee: data.resourceFee + stroops });

function returned({ metaXdr }: Reply): xdr.ScVal {
  const meta = xdr.TransactionMeta.fromXdr(metaXdr!, 'base64');
  const value = meta.type === 'v4' ? meta.v4.sorobanMeta?.returnValue : null;
  if (!value) throw new Error('no return value');
  return value;
}

async function deployed(r: Recorder, alice: Keypair): Promise<Contract> {
  await r.invoke('uploads code', { source: alice, operations: [upload()] });
  const create = Operation.createCustomContract({
    address: Address.fromString(alice.publicKey()),
    wasmHash: hash(wasm),
    salt: Buffer.alloc(32, 7),
  });
  const created = await r.invoke('deploys it', { source: alice, operations: [create] });
  return new Contract(scValToNative(returned(created)));
}

async function contracts(r: Recorder): Promise<void> {
  const alice = await r.account('alice');
  const contract = await deployed(r, alice);
  const call = (name: string) => ({ source: alice, operations: [contract.call(name)] });
  await r.invoke('uploads the same code again', { source: alice, operations: [upload()] });
  await r.invoke('writes', call('keep'));
  await r.invoke('writes again, and gets back what it offered too much', call('keep'), richer(1_000_000n));
  await r.invoke('traps: its footprint lacks the entry', call('keep'), (data) =>
    withResources(data, {
      footprint: new xdr.LedgerFootprint({ readOnly: data.resources.footprint.readOnly, readWrite: [] }),
    }),
  );
  const { data } = await r.script.prepare(call('keep'));
  const burning = withResources(data, { instructions: 5_000_000 }, { resourceFee: 1_000_000n });
  await r.send('runs out of instructions', { ...call('burn'), data: burning, fee: 2_000_000 });
  await r.invoke('writes more bytes than it declared', call('keep'), (given) =>
    withResources(given, { writeBytes: 10 }),
  );
  await r.invoke('offers a little less than simulation asked for', call('temp'), (given) =>
    withResources(given, {}, { resourceFee: given.resourceFee - 8_000n }),
  );
  await r.invoke('declares more instructions than there are', call('keep'), (given) =>
    withResources(given, { instructions: 400_000_001 }, { resourceFee: 9_000_000n }),
  );
  const large = Operation.uploadContractWasm({ wasm: Buffer.concat([wasm, Buffer.alloc(131_072)]) });
  const tooLarge = await r.script.send({ source: alice, operations: [large], data: burning, fee: 2_000_000 });
  if (tooLarge.code !== 'txFailed') throw new Error(tooLarge.code);
  const bob = await r.account('bob');
  const { data: fair } = await r.script.prepare(call('keep'));
  const bump = { source: bob, fee: fair.resourceFee + 200n };
  await r.invoke('is paid for by another', { ...call('keep'), fee: 1, bump });
  await r.send('carries a memo', {
    ...call('keep'),
    data: fair,
    fee: 2_000_000,
    memo: xdr.Memo.memoText('no'),
  });
}

async function lifetimes(r: Recorder): Promise<void> {
  const alice = await r.account('alice');
  const contract = await deployed(r, alice);
  const call = (name: string) => ({ source: alice, operations: [contract.call(name)] });
  await r.invoke('writes a persistent entry', call('keep'));
  await r.invoke('writes a temporary entry', call('temp'));
  const key = (durability: xdr.ContractDataDurability) =>
    xdr.LedgerKey.contractData(
      new xdr.LedgerKeyContractData({
        contract: contract.address().toScAddress(),
        key: xdr.ScVal.scvU32(1),
        durability,
      }),
    );
  const kept = key(xdr.ContractDataDurability.persistent);
  const footprint = (readOnly: xdr.LedgerKey[], readWrite: xdr.LedgerKey[]) =>
    new xdr.SorobanTransactionData({
      ext: xdr.SorobanTransactionDataExt.v0(),
      resources: new xdr.SorobanResources({
        footprint: new xdr.LedgerFootprint({ readOnly, readWrite }),
        instructions: 0,
        diskReadBytes: 0,
        writeBytes: 0,
      }),
      resourceFee: 1_000_000n,
    });
  const extend = (extendTo: number, data = footprint([kept], [])) => ({
    source: alice,
    operations: [Operation.extendFootprintTtl({ extendTo })],
    data,
    fee: 1_000_100,
  });
  await r.send('extends it', extend(200_000));
  await r.send('extends it by less, which does nothing', extend(1_000));
  await r.send('extends it beyond what there is', extend(LIMITS.mainnet.maxEntryTtl));
  await r.send(
    'offers too little for the extension',
    extend(3_000_000, withResources(footprint([kept], []), {}, { resourceFee: 7_000n })),
  );
  r.script.net.warp({ ledgers: minTemporaryTtl });
  await r.invoke('writes the temporary entry anew', call('temp'));
  r.script.net.warp({ ledgers: 200_000 + minPersistentTtl });
  const { data: marked } = await r.script.prepare(call('keep'));
  const unmarked = withResources(marked, {}, { ext: xdr.SorobanTransactionDataExt.v0() });
  await r.send('needs archived entries', { ...call('keep'), data: unmarked, fee: 2_000_000 });
  const restore = (data: Data) => ({
    source: alice,
    operations: [Operation.restoreFootprint({})],
    data,
    fee: 1_000_100,
  });
  const enough = { diskReadBytes: 1_000, writeBytes: 1_000 };
  await r.send('restores with too few bytes', restore(footprint([], [kept])));
  await r.send(
    'restores what is temporary',
    restore(footprint([], [key(xdr.ContractDataDurability.temporary)])),
  );
  await r.send('restores', restore(withResources(footprint([], [kept]), enough)));
  await r.invoke('restores code and instance by itself', call('keep'));
  await r.invoke('finds them alive', call('keep'));
}

async function assetContract(r: Recorder): Promise<void> {
  const [alice, bob, issuer] = [await r.account('alice'), await r.account('bob'), await r.account('issuer')];
  const usd = new Asset('USD', issuer.publicKey());
  await r.operations('trusts', alice, [Operation.changeTrust({ asset: usd })]);
  await r.operations('is issued some', issuer, [pay(alice, '600', usd)]);
  const create = Operation.createStellarAssetContract({ asset: usd });
  await r.invoke('deploys the contract of an asset', { source: alice, operations: [create] });
  const transfer = (asset: Asset, from: Keypair, to: string, amount: bigint) => ({
    source: from,
    operations: [
      new Contract(asset.contractId(r.script.net.passphrase)).call(
        'transfer',
        Address.fromString(from.publicKey()).toScVal(),
        Address.fromString(to).toScVal(),
        xdr.ScVal.scvI128(new xdr.Int128Parts({ hi: 0n, lo: amount })),
      ),
    ],
  });
  await r.invoke('transfers to the issuer, which burns', transfer(usd, alice, issuer.publicKey(), 5n));
  await r.invoke('transfers XLM', transfer(Asset.native(), alice, bob.publicKey(), 7n));
  const somewhere = usd.contractId(r.script.net.passphrase);
  await r.invoke('transfers XLM to a contract', transfer(Asset.native(), alice, somewhere, 9n));
  const good = transfer(usd, alice, issuer.publicKey(), 5n);
  const { data } = await r.script.prepare(good);
  const { data: _, ...tooMuch } = { ...transfer(usd, alice, issuer.publicKey(), 10n ** 12n), data };
  await r.send('transfers more than there is', { ...tooMuch, data, fee: Number(data.resourceFee) + 100 });
}

/** Each of these has to do with another one of its ledger. */
async function oneLedger(r: Recorder): Promise<void> {
  const [alice, bob, carol] = [await r.account('alice'), await r.account('bob'), await r.account('carol')];
  const merge = Operation.accountMerge({ destination: carol.publicKey(), source: alice.publicKey() });
  const pending = [
    await r.send('one source is merged by another', {
      source: bob,
      operations: [merge],
      signers: [alice, bob],
    }),
    await r.send('and has a transaction of its own', { source: alice, operations: [pay(bob, '1')] }),
    await r.invoke('a contract call comes last', { source: carol, operations: [upload()] }),
  ];
  await r.send('another one of the same source', { source: alice, operations: [pay(bob, '2')] });
  r.script.net.mine();
  for (const [index, reply] of pending.entries())
    await r.outcome(`became of the transaction ${index + 1}`, reply);
}

async function surge(r: Recorder): Promise<void> {
  const sources: Keypair[] = [];
  for (const name of ['alice', 'bob', 'carol', 'dave']) sources.push(await r.account(name));
  const { data } = await r.script.prepare({ source: sources[0]!, operations: [upload()] });
  const heavy = withResources(
    data,
    { instructions: 250_000_000 },
    { resourceFee: data.resourceFee + 200_000n },
  );
  const pending: Reply[] = [];
  for (const [index, source] of sources.entries()) {
    const fee = Number(heavy.resourceFee) + 100 * (index + 1);
    pending.push(
      await r.send(`offers ${100 * (index + 1)}`, { source, operations: [upload()], data: heavy, fee }),
    );
  }
  r.script.net.mine();
  for (const [index, reply] of pending.entries()) await r.outcome(`became of ${100 * (index + 1)}`, reply);
  r.script.net.mine();
  for (const [index, reply] of pending.slice(0, 2).entries()) {
    await r.outcome(`became of ${100 * (index + 1)} a ledger later`, reply);
  }
}
