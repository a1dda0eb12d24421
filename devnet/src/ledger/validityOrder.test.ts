import { Asset, Contract, type Keypair, Operation, xdr } from '@stellar/stellar-sdk';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Draft,
  keyOf,
  type LedgerScript,
  openLedgerScript,
  withResources,
} from '../testing/ledgerScript.ts';
import { smallContract } from '../testing/smallContract.ts';
import { START_SECONDS } from '../testing/testNetwork.ts';

let script: LedgerScript;
let alice: Keypair;
let bob: Keypair;
/** Has a balance of one and a half XLM. */
let poor: Keypair;
const nobody = keyOf('nobody');

const pay = (stroops = 1) =>
  Operation.payment({
    destination: bob.publicKey(),
    asset: Asset.native(),
    amount: (stroops / 1e7).toFixed(7),
  });
const toSelf = () => Operation.createAccount({ destination: poor.publicKey(), startingBalance: '10' });

beforeAll(async () => {
  script = await openLedgerScript();
  alice = await script.account('alice');
  bob = await script.account('bob');
  poor = keyOf('poor');
  const create = Operation.createAccount({ destination: poor.publicKey(), startingBalance: '1.5' });
  await script.send({ source: alice, operations: [create] });
});

const conditions = (fields: Partial<ConstructorParameters<typeof xdr.PreconditionsV2>[0]>) =>
  xdr.Preconditions.precondV2(
    new xdr.PreconditionsV2({
      timeBounds: null,
      ledgerBounds: null,
      minSeqNum: null,
      minSeqAge: 0n,
      minSeqLedgerGap: 0,
      extraSigners: [],
      ...fields,
    }),
  );
const times = (minTime: number, maxTime: number) =>
  new xdr.TimeBounds({ minTime: BigInt(minTime), maxTime: BigInt(maxTime) });

/** Adds one violation after the other, those that are checked last first: each has to win over all before it. */
async function expectEachToWin(start: Draft, violations: readonly (readonly [Partial<Draft>, string])[]) {
  let draft = start;
  for (const [violation, code] of violations) {
    draft = { ...draft, ...violation };
    const before = script.net.latestLedger().sequence;
    const reply = await script.send(draft);
    expect([reply.status, reply.code]).toEqual(['ERROR', code]);
    expect(script.net.latestLedger().sequence).toBe(before);
  }
}

describe('the first check that fails decides', () => {
  it('of a plain transaction', async () => {
    const tooYoung = { minSeqAge: 10n ** 12n };
    const tooLate = { ...tooYoung, timeBounds: times(0, START_SECONDS - 1) };
    const tooEarly = { ...tooYoung, timeBounds: times(START_SECONDS + 1, START_SECONDS - 1) };
    const twice = xdr.SignerKey.signerKeyTypeHashX(new Uint8Array(32));
    await expectEachToWin({ source: poor, operations: [pay()], signers: [poor] }, [
      [{ signers: [poor, bob] }, 'txBadAuthExtra'],
      [{ operations: [toSelf()] }, 'txFailed'],
      [{ fee: 10_000_000 }, 'txInsufficientBalance'],
      [{ signers: [bob] }, 'txBadAuth'],
      [{ cond: conditions(tooYoung) }, 'txBadMinSeqAgeOrGap'],
      [{ sequence: 7n }, 'txBadSeq'],
      [{ source: nobody }, 'txNoAccount'],
      [{ fee: 99 }, 'txInsufficientFee'],
      [{ cond: conditions(tooLate) }, 'txTooLate'],
      [{ cond: conditions(tooEarly) }, 'txTooEarly'],
      [{ data: emptyData() }, 'txMalformed'],
      [{ operations: [] }, 'txMissingOperation'],
      [{ cond: conditions({ ...tooEarly, extraSigners: [twice, twice] }) }, 'txMalformed'],
    ]);
  });

  it('of a fee bump, the outer part first', async () => {
    const bump = { source: poor, fee: 10_000_000n, signers: [poor, bob] };
    const inner = { source: alice, operations: [pay(), pay()], fee: 5_000, sequence: 7n };
    await expectEachToWin(inner, [
      [{ bump: { source: bob, fee: 7_500n } }, 'txFeeBumpInnerFailed txBadSeq'],
      [{ bump: { ...bump, fee: 7_500n } }, 'txBadAuthExtra'],
      [{ bump }, 'txInsufficientBalance'],
      [{ bump: { ...bump, signers: [bob] } }, 'txBadAuth'],
      [{ bump: { ...bump, source: nobody } }, 'txNoAccount'],
      [{ bump: { ...bump, source: nobody, fee: 7_499n } }, 'txInsufficientFee'],
      [{ bump: { ...bump, source: nobody, fee: 299n } }, 'txInsufficientFee'],
      [{ bump: { ...bump, source: nobody, fee: -1n } }, 'txMalformed'],
    ]);
  });

  it('of the operations, and only that one is named', async () => {
    const unsigned = Operation.payment({
      destination: poor.publicKey(),
      asset: Asset.native(),
      amount: '1',
      source: bob.publicKey(),
    });
    const operations = [pay(), toSelf(), unsigned, Operation.inflation()];
    const reply = await script.send({ source: poor, operations, fee: 400 });
    expect(reply.operations).toEqual([
      'paymentSuccess',
      'createAccountMalformed',
      'paymentSuccess',
      'opNotSupported',
    ]);
  });
});

describe('the fee in an answer of the queue', () => {
  it('is what a ledger would at least have charged', async () => {
    const operations = [pay(), pay()];
    expect((await script.send({ source: alice, operations, sequence: 1n })).feeCharged).toBe(200n);
    const bump = { source: bob, fee: 1_000n };
    expect((await script.send({ source: alice, operations, sequence: 1n, bump })).feeCharged).toBe(300n);
  });

  it('is nothing for nonsense, and the fee needed where a bump offers a lower rate than its content', async () => {
    const negative = { source: alice, operations: [pay()], bump: { source: bob, fee: -5n } };
    expect((await script.send(negative)).feeCharged).toBe(0n);
    const low = { source: alice, operations: [pay()], fee: 1_001, bump: { source: bob, fee: 2_000n } };
    expect((await script.send(low)).feeCharged).toBe(2_002n);
  });
});

describe('preconditions', () => {
  it('hold to the second and to the ledger', async () => {
    const next = () => script.net.latestLedger().sequence + 1;
    const bounds = (minLedger: number, maxLedger: number) =>
      conditions({ ledgerBounds: new xdr.LedgerBounds({ minLedger, maxLedger }) });
    const sent = async (cond: xdr.Preconditions) => {
      const { status, code } = await script.send({ source: alice, operations: [pay()], cond });
      return [status, code].join(' ');
    };
    expect(await sent(xdr.Preconditions.precondTime(times(START_SECONDS, START_SECONDS)))).toBe(
      'SUCCESS txSuccess',
    );
    expect(await sent(bounds(next(), next() + 1))).toBe('SUCCESS txSuccess');
    expect(await sent(bounds(0, 0))).toBe('SUCCESS txSuccess');
    expect(await sent(bounds(next() + 1, 0))).toBe('ERROR txTooEarly');
    expect(await sent(bounds(0, next()))).toBe('ERROR txTooLate');
  });

  it('let a sequence number jump from a minimum on, and never back', async () => {
    const { seqNum } = await script.accountEntry(alice);
    const jump = (minSeqNum: bigint, sequence: bigint) =>
      script.send({ source: alice, operations: [pay()], sequence, cond: conditions({ minSeqNum }) });
    expect((await jump(seqNum + 1n, seqNum + 5n)).code).toBe('txBadSeq');
    expect((await jump(seqNum, seqNum)).code).toBe('txBadSeq');
    expect((await jump(0n, seqNum + 5n)).code).toBe('txSuccess');
    expect((await script.accountEntry(alice)).seqNum).toBe(seqNum + 5n);
  });

  it('refuse the first sequence number that accounts made in the ledger would have', async () => {
    const first = BigInt(script.net.latestLedger().sequence + 1) << 32n;
    const draft = { source: alice, operations: [pay()], sequence: first };
    const reply = await script.send({ ...draft, cond: conditions({ minSeqNum: 0n }) });
    expect(reply.code).toBe('txBadSeq');
  });

  it('need every extra signer, of whichever kind', async () => {
    const payload = new Uint8Array([1, 2, 3, 4, 5]);
    const signer = xdr.SignerKey.signerKeyTypeEd25519SignedPayload(
      new xdr.SignerKeyEd25519SignedPayload({ ed25519: new Uint8Array(bob.rawPublicKey()), payload }),
    );
    const withBob = xdr.SignerKey.signerKeyTypeEd25519(new Uint8Array(bob.rawPublicKey()));
    const sent = async (extraSigners: xdr.SignerKey[], signers: Keypair[]) =>
      (await script.send({ source: alice, operations: [pay()], signers, cond: conditions({ extraSigners }) }))
        .code;
    expect(await sent([withBob], [alice])).toBe('txBadAuth');
    expect(await sent([withBob], [alice, bob])).toBe('txSuccess');
    expect(await sent([signer], [alice, bob])).toBe('txBadAuth');
    const empty = new xdr.SignerKeyEd25519SignedPayload({
      ed25519: new Uint8Array(32),
      payload: new Uint8Array(),
    });
    expect(await sent([xdr.SignerKey.signerKeyTypeEd25519SignedPayload(empty)], [alice])).toBe('txMalformed');
  });
});

describe('envelopes', () => {
  it('of the old form are converted, and keep their hash', async () => {
    const sequence = (await script.accountEntry(alice)).seqNum + 1n;
    const draft = { source: alice, operations: [pay()], sequence };
    const modern = await script.envelope(draft);
    const old = await script.send({ ...draft, isV0: true });
    expect(old.code).toBe('txSuccess');
    const stored = (await script.net.rpc('getTransaction', { hash: old.hash })) as { envelopeXdr: string };
    expect(stored.envelopeXdr).toBe(modern.toXdr('base64'));
  });

  it('may have muxed sources, which pay as the account beneath', async () => {
    const { balance } = await script.accountEntry(alice);
    const reply = await script.send({ source: alice, operations: [pay()], muxedId: 7n });
    expect(reply.code).toBe('txSuccess');
    expect((await script.accountEntry(alice)).balance).toBe(balance - 101n);
  });
});

function emptyData(): xdr.SorobanTransactionData {
  return new xdr.SorobanTransactionData({
    ext: xdr.SorobanTransactionDataExt.v0(),
    resources: new xdr.SorobanResources({
      footprint: new xdr.LedgerFootprint({ readOnly: [], readWrite: [] }),
      instructions: 0,
      diskReadBytes: 0,
      writeBytes: 0,
    }),
    resourceFee: 0n,
  });
}

describe('a contract transaction', () => {
  let call: xdr.Operation;
  let data: xdr.SorobanTransactionData;

  beforeAll(async () => {
    const wasm = Buffer.from(smallContract());
    await script.invoke({ source: alice, operations: [Operation.uploadContractWasm({ wasm })] });
    const { hash, Address, scValToNative } = await import('@stellar/stellar-sdk');
    const create = Operation.createCustomContract({
      address: Address.fromString(alice.publicKey()),
      wasmHash: hash(wasm),
      salt: Buffer.alloc(32, 7),
    });
    const created = await script.invoke({ source: alice, operations: [create] });
    const meta = xdr.TransactionMeta.fromXdr(created.metaXdr!, 'base64');
    const value = meta.type === 'v4' ? meta.v4.sorobanMeta!.returnValue! : null;
    call = new Contract(scValToNative(value!)).call('keep');
    ({ data } = await script.prepare({ source: alice, operations: [call] }));
  });

  const send = (changed: xdr.SorobanTransactionData, draft: Partial<Draft> = {}) =>
    script.send({ source: alice, operations: [call], fee: 50_000_000, data: changed, ...draft });

  const reason = ({ diagnostics }: { diagnostics: readonly string[] }) => {
    const { body } = xdr.DiagnosticEvent.fromXdr(diagnostics[0]!, 'base64').event;
    const value = body.v0.data;
    return String(value.type === 'scvVec' ? value.vec![0]!.value : value.value);
  };

  const rich = (resources: Parameters<typeof withResources>[1], more = {}) =>
    withResources(data, resources, { resourceFee: 40_000_000n, ...more });

  it('is not valid beyond a limit of the network', async () => {
    const { footprint } = data.resources;
    const longKey = xdr.LedgerKey.contractData(
      new xdr.LedgerKeyContractData({
        contract: new Contract('CAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAD2KM')
          .address()
          .toScAddress(),
        key: xdr.ScVal.scvBytes(new Uint8Array(300)),
        durability: xdr.ContractDataDurability.persistent,
      }),
    );
    const accounts = Array.from({ length: 401 }, (_, index) =>
      xdr.LedgerKey.account(
        new xdr.LedgerKeyAccount({ accountId: keyOf(`account ${index}`).xdrAccountId() }),
      ),
    );
    const setting = xdr.LedgerKey.configSetting(
      new xdr.LedgerKeyConfigSetting({ configSettingId: xdr.ConfigSettingId.configSettingScpTiming }),
    );
    const native = xdr.LedgerKey.trustline(
      new xdr.LedgerKeyTrustLine({
        accountId: alice.xdrAccountId(),
        asset: xdr.TrustLineAsset.assetTypeNative(),
      }),
    );
    const own = xdr.LedgerKey.trustline(
      new xdr.LedgerKeyTrustLine({
        accountId: alice.xdrAccountId(),
        asset: new Asset('OWN', alice.publicKey()).toTrustLineXdrObject(),
      }),
    );
    const reading = (readOnly: xdr.LedgerKey[], readWrite = footprint.readWrite) =>
      rich({ footprint: new xdr.LedgerFootprint({ readOnly, readWrite }) });
    const restoring = (...archivedSorobanEntries: number[]) =>
      rich(
        {},
        {
          ext: xdr.SorobanTransactionDataExt.resourceExt(
            new xdr.SorobanResourcesExtV0({ archivedSorobanEntries }),
          ),
        },
      );
    const cases: [xdr.SorobanTransactionData, string][] = [
      [rich({ instructions: 400_000_001 }), 'instructions exceed'],
      [rich({ diskReadBytes: 200_001 }), 'disk read bytes exceed'],
      [rich({ writeBytes: 132_097 }), 'write bytes exceed'],
      [reading(accounts), 'footprint entries exceed'],
      [reading(accounts.slice(0, 201)), 'disk read entries exceed'],
      [reading([], accounts.slice(0, 201)), 'disk read entries exceed'],
      [reading([longKey]), 'bytes of a footprint key exceed'],
      [reading([setting]), 'cannot reach'],
      [reading([native]), 'cannot exist'],
      [reading([own]), 'cannot exist'],
      [restoring(0, 0), 'ascending'],
      [restoring(9), 'outside'],
      [withResources(data, {}, { resourceFee: 10n }), 'lower than what'],
      [reading([...footprint.readOnly, footprint.readWrite[0]!]), 'same key twice'],
    ];
    for (const [changed, expected] of cases) {
      const reply = await send(changed);
      expect([expected, reply.code]).toEqual([expected, 'txSorobanInvalid']);
      expect(reason(reply)).toContain(expected);
    }
    expect((await send(data, { memo: xdr.Memo.memoText('hi') })).code).toBe('txSorobanInvalid');
    expect((await send(data, { muxedId: 1n })).code).toBe('txSorobanInvalid');
  });

  it('is malformed without resources, beside other operations, or with a fee below that of its resources', async () => {
    const { data: _, ...bare } = { source: alice, operations: [call], fee: 1_000_000, data };
    expect(await script.send(bare)).toMatchObject({ code: 'txMalformed', feeCharged: 0n });
    expect((await send(data, { operations: [call, pay()] })).code).toBe('txMalformed');
    expect(await send(data, { operations: [pay(), call] })).toMatchObject({
      code: 'txMalformed',
      feeCharged: 200n,
    });
    expect(await send(data, { fee: Number(data.resourceFee) - 1 })).toMatchObject({
      code: 'txMalformed',
      feeCharged: 0n,
    });
    const tooMuch = withResources(data, {}, { resourceFee: 2n ** 50n + 1n });
    const bump = { source: bob, fee: 2n ** 51n };
    expect((await send(tooMuch, { bump })).code).toBe('txMalformed');
  });

  it('may offer less than its resources cost inside a fee bump that pays for them', async () => {
    const bump = { source: bob, fee: data.resourceFee + 200n };
    const reply = await send(data, { fee: 1, bump });
    expect(reply.code).toBe('txFeeBumpInnerSuccess txSuccess');
  });

  it('cannot upload more code than the network takes: the operation then has no code of its own', async () => {
    const wasm = Buffer.concat([Buffer.from(smallContract()), Buffer.alloc(131_072)]);
    const upload = Operation.uploadContractWasm({ wasm });
    const refused = await send(rich({}), { operations: [upload] });
    expect(refused.operations).toEqual(['invokeHostFunctionSuccess']);
    expect([refused.status, refused.code]).toEqual(['ERROR', 'txFailed']);
    expect(reason(refused)).toContain('larger than the network allows');
  });
});
