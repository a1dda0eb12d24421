// Stories of classic operations: each of them succeeding, and failing in its different ways.
import {
  Asset,
  AuthClawbackEnabledFlag,
  AuthRequiredFlag,
  AuthRevocableFlag,
  Claimant,
  Operation,
  type xdr,
} from '@stellar/stellar-sdk';
import { pay, type Recorder, type Story } from './recorder.ts';

export const CLASSIC_STORIES: readonly Story[] = [
  { name: 'accounts', tell: accounts },
  { name: 'options', tell: options },
  { name: 'data and merges', tell: dataAndMerges },
  { name: 'credit', tell: credit },
  { name: 'authorization', tell: authorization },
  { name: 'claimable balances', tell: claimableBalances },
  { name: 'sponsorship', tell: sponsorship },
];

async function accounts(r: Recorder): Promise<void> {
  const [alice, bob] = [await r.account('alice'), await r.account('bob')];
  const create = (name: string, startingBalance: string) =>
    Operation.createAccount({ destination: r.key(name).publicKey(), startingBalance });
  await r.operations('creates an account', alice, [create('carol', '5')]);
  await r.operations('creates nothing: exists, low reserve, underfunded', alice, [
    create('bob', '5'),
    create('dave', '0.9999999'),
    create('dave', '20000'),
  ]);
  await r.operations('does not create itself', alice, [create('alice', '5')]);
  await r.operations('pays', alice, [pay(bob, '12.3456789')]);
  await r.operations('pays itself', alice, [pay(alice, '1')]);
  await r.operations('pays nobody, and more than there is', alice, [
    pay(r.key('nobody'), '1'),
    pay(bob, '20000'),
  ]);
  await r.send('pays from and to multiplexed accounts', {
    source: alice,
    muxedId: 7n,
    operations: [pay(bob, '1')],
  });
  await r.operations(
    'two accounts pay in one transaction',
    alice,
    [pay(bob, '1'), pay(alice, '2', undefined, bob)],
    [bob],
  );
  await r.operations('an operation whose source did not sign', alice, [pay(alice, '2', undefined, bob)]);
  await r.operations('bumps a sequence number', bob, [Operation.bumpSequence({ bumpTo: '99999999999' })]);
  await r.operations('bumps it back, which does nothing', bob, [Operation.bumpSequence({ bumpTo: '0' })]);
  await r.operations('inflation is not supported', alice, [pay(bob, '1'), Operation.inflation()]);
}

async function options(r: Recorder): Promise<void> {
  const [alice, bob] = [await r.account('alice'), await r.account('bob')];
  const set = (fields: Parameters<typeof Operation.setOptions>[0]) => Operation.setOptions(fields);
  const signer = (weight: number) => ({ ed25519PublicKey: bob.publicKey(), weight });
  await r.operations('home domain, thresholds and weight', alice, [
    set({ homeDomain: 'example.org', lowThreshold: 1, medThreshold: 2, highThreshold: 3, masterWeight: 2 }),
  ]);
  await r.operations('a signer needs the high threshold now', alice, [set({ signer: signer(1) })]);
  await r.operations('a payment needs the medium one', alice, [pay(bob, '1')]);
  const carol = await r.account('carol');
  await r.operations('adds signers of three kinds', carol, [
    set({ signer: signer(5) }),
    set({ signer: { sha256Hash: Buffer.alloc(32, 1), weight: 1 } }),
    set({ signer: { preAuthTx: Buffer.alloc(32, 2), weight: 1 } }),
  ]);
  await r.send('is signed by a signer alone', { source: carol, operations: [pay(bob, '1')], signers: [bob] });
  await r.operations('changes and removes signers', carol, [
    set({ signer: signer(7) }),
    set({ signer: { sha256Hash: Buffer.alloc(32, 1), weight: 0 } }),
  ]);
  await r.operations('flags that contradict each other', carol, [
    set({ setFlags: AuthRequiredFlag, clearFlags: AuthRequiredFlag }),
  ]);
  await r.operations('clawback without revocable', carol, [set({ setFlags: AuthClawbackEnabledFlag })]);
  await r.operations('itself as a signer', carol, [
    set({ signer: { ed25519PublicKey: carol.publicKey(), weight: 1 } }),
  ]);
  await r.operations('a signer without the reserve for it', await r.poor('poor', '1.0001'), [
    set({ signer: signer(1) }),
  ]);
}

async function dataAndMerges(r: Recorder): Promise<void> {
  const [alice, bob] = [await r.account('alice'), await r.account('bob')];
  const data = (name: string, value: string | null) => Operation.manageData({ name, value });
  await r.operations('writes, changes and removes data', alice, [
    data('one', 'first'),
    data('one', 'second'),
    data('two', 'kept'),
    data('one', null),
  ]);
  await r.operations('removes what is not there', alice, [data('missing', null)]);
  const merge = (source: typeof alice, into: typeof bob) =>
    Operation.accountMerge({ destination: into.publicKey(), source: source.publicKey() });
  await r.operations('has data, so it cannot be merged', alice, [merge(alice, bob)]);
  await r.operations('merges into nobody', bob, [merge(bob, r.key('nobody'))]);
  await r.operations('merges into itself', bob, [merge(bob, bob)]);
  await r.operations('is merged, and what comes after has no account', bob, [
    merge(bob, alice),
    pay(alice, '1'),
  ]);
  await r.operations('is merged', bob, [merge(bob, alice)]);
}

async function issuerAnd(r: Recorder, ...names: string[]) {
  const issuer = await r.account('issuer');
  const holders = [];
  for (const name of names) holders.push(await r.account(name));
  return { issuer, holders, usd: new Asset('USD', issuer.publicKey()) };
}

async function credit(r: Recorder): Promise<void> {
  const { issuer, holders, usd } = await issuerAnd(r, 'alice', 'bob');
  const [alice, bob] = holders as [typeof issuer, typeof issuer];
  const trust = (asset: Asset, limit?: string) =>
    Operation.changeTrust({ asset, ...(limit ? { limit } : {}) });
  await r.operations('trusts', alice, [trust(usd, '1000')]);
  await r.operations('trusts an issuer that is not there', alice, [
    trust(new Asset('EURO1', r.key('x').publicKey())),
  ]);
  await r.operations('is issued some', issuer, [pay(alice, '600', usd)]);
  await r.operations('is issued more than its line holds', issuer, [pay(alice, '600', usd)]);
  await r.operations('pays one without a line', alice, [pay(bob, '1', usd)]);
  await r.operations('trusts too', bob, [trust(usd)]);
  await r.operations('pays', alice, [pay(bob, '100', usd)]);
  await r.operations('pays more than it has', alice, [pay(bob, '501', usd)]);
  await r.operations('pays the issuer, which burns', alice, [pay(issuer, '50', usd)]);
  await r.operations('cannot trust less than it has, or nothing', alice, [trust(usd, '1'), trust(usd, '0')]);
  await r.operations('gives all away and removes the line', alice, [pay(bob, '450', usd), trust(usd, '0')]);
  await r.operations('cannot trust itself', issuer, [trust(usd)]);
}

async function authorization(r: Recorder): Promise<void> {
  const { issuer, holders, usd } = await issuerAnd(r, 'alice');
  const [alice] = holders as [typeof issuer];
  const setFlags = (AuthRequiredFlag |
    AuthRevocableFlag |
    AuthClawbackEnabledFlag) as typeof AuthRequiredFlag;
  await r.operations('requires authorization', issuer, [Operation.setOptions({ setFlags })]);
  await r.operations('trusts, unauthorized', alice, [Operation.changeTrust({ asset: usd })]);
  await r.operations('gets nothing while unauthorized', issuer, [pay(alice, '5', usd)]);
  const flags = (authorized: boolean) =>
    Operation.setTrustLineFlags({ trustor: alice.publicKey(), asset: usd, flags: { authorized } });
  await r.operations('is authorized and paid', issuer, [flags(true), pay(alice, '5', usd)]);
  const clawback = (amount: string) => Operation.clawback({ asset: usd, from: alice.publicKey(), amount });
  await r.operations('is clawed back', issuer, [clawback('2')]);
  await r.operations('is clawed back more than there is', issuer, [clawback('20')]);
  await r.operations('is frozen', issuer, [flags(false)]);
  await r.operations('pays while frozen', alice, [pay(issuer, '1', usd)]);
  const other = Operation.setTrustLineFlags({
    trustor: r.root.publicKey(),
    asset: usd,
    flags: { authorized: true },
  });
  await r.operations('authorizes one without a line', issuer, [other]);
}

async function claimableBalances(r: Recorder): Promise<void> {
  const { issuer, holders, usd } = await issuerAnd(r, 'alice', 'bob');
  const [alice, bob] = holders as [typeof issuer, typeof issuer];
  const claimants = [
    new Claimant(bob.publicKey(), Claimant.predicateBeforeRelativeTime('60')),
    new Claimant(alice.publicKey(), Claimant.predicateNot(Claimant.predicateBeforeRelativeTime('60'))),
  ];
  const create = (asset: Asset, amount: string) =>
    Operation.createClaimableBalance({ asset, amount, claimants });
  await r.operations('sets XLM aside', alice, [create(Asset.native(), '10')]);
  const made = await r.operations('sets aside what it issues', issuer, [create(usd, '10')]);
  await r.operations('has none to set aside', alice, [create(usd, '10')]);
  const balanceId = idOf(made.resultXdr!);
  const claim = Operation.claimClaimableBalance({ balanceId });
  await r.operations('claims without a line', bob, [claim]);
  await r.operations('claims too early', alice, [claim]);
  await r.operations('claims', bob, [Operation.changeTrust({ asset: usd }), claim]);
  await r.operations('claims again', bob, [claim]);
  const setFlags = (AuthRevocableFlag | AuthClawbackEnabledFlag) as typeof AuthRequiredFlag;
  const other = await r.operations('sets aside what can be clawed back', issuer, [
    Operation.setOptions({ setFlags }),
    create(usd, '7'),
  ]);
  const clawback = Operation.clawbackClaimableBalance({ balanceId: idOf(other.resultXdr!) });
  await r.operations('is clawed back by one who did not issue it', alice, [clawback]);
  await r.operations('is clawed back', issuer, [clawback]);
}

/** The id of the claimable balance made by the last operation of a transaction, in hex. */
function idOf(resultXdr: string): string {
  const [ID, EXTENSION] = [36, 4];
  return Buffer.from(resultXdr, 'base64')
    .subarray(-ID - EXTENSION, -EXTENSION)
    .toString('hex');
}

async function sponsorship(r: Recorder): Promise<void> {
  const [alice, bob] = [await r.account('alice'), await r.account('bob')];
  const begin = (sponsored: typeof bob) =>
    Operation.beginSponsoringFutureReserves({ sponsoredId: sponsored.publicKey() });
  const end = (source: typeof bob) => Operation.endSponsoringFutureReserves({ source: source.publicKey() });
  const data = (name: string, value: string | null): xdr.Operation =>
    Operation.manageData({ name, value, source: bob.publicKey() });
  await r.operations('pays for data of another', alice, [begin(bob), data('one', 'x'), end(bob)], [bob]);
  const carol = r.key('carol');
  const create = Operation.createAccount({ destination: carol.publicKey(), startingBalance: '0' });
  await r.operations('pays for an account with nothing', alice, [begin(carol), create, end(carol)], [carol]);
  await r.operations('is left open', alice, [begin(bob), data('two', 'x')], [bob]);
  await r.operations('is begun twice', alice, [begin(bob), begin(bob), end(bob)], [bob]);
  await r.operations('is ended without a beginning', bob, [end(bob)]);
  const revoke = Operation.revokeDataSponsorship({ account: bob.publicKey(), name: 'one' });
  await r.operations('is not the sponsor', bob, [revoke]);
  await r.operations('is revoked', alice, [revoke]);
  const account = Operation.revokeAccountSponsorship({ account: carol.publicKey() });
  await r.operations('cannot be revoked: the account has no reserve', alice, [account]);
  await r.operations('sponsors, so it cannot be merged', alice, [
    Operation.accountMerge({ destination: bob.publicKey() }),
  ]);
}
