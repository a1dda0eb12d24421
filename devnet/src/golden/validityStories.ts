// Stories of transactions that a network refuses, of fee bumps, preconditions and signers.
import { Operation, xdr } from '@stellar/stellar-sdk';
import type { Draft } from '../testing/ledgerScript.ts';
import { pay, type Recorder, type Story } from './recorder.ts';

export const VALIDITY_STORIES: readonly Story[] = [
  { name: 'refusals', tell: refusals },
  { name: 'fee bumps', tell: feeBumps },
  { name: 'preconditions', tell: preconditions },
];

async function refusals(r: Recorder): Promise<void> {
  const [alice, bob] = [await r.account('alice'), await r.account('bob')];
  const good: Draft = { source: alice, operations: [pay(bob, '1')] };
  const poor = await r.poor('poor', '1.00001');
  const refuse = (step: string, more: Partial<Draft>) => r.send(step, { ...good, ...more });
  await refuse('sequence number', { sequence: 5n });
  await refuse('nobody signed', { signers: [] });
  await refuse('somebody else signed', { signers: [bob] });
  await refuse('somebody too many signed', { signers: [alice, bob] });
  await refuse('fee', { fee: 99 });
  await refuse('account', { source: r.key('nobody'), sequence: 1n });
  await refuse('balance', { source: poor, fee: 101 });
  await refuse('no operations', { operations: [] });
  const self = Operation.createAccount({ destination: alice.publicKey(), startingBalance: '5' });
  await refuse('malformed operation', { operations: [pay(bob, '1'), self] });
  const tooLate = new xdr.TimeBounds({ minTime: 0n, maxTime: 1n });
  await refuse('too late', { cond: xdr.Preconditions.precondTime(tooLate) });
  const tooEarly = new xdr.TimeBounds({ minTime: 10n ** 12n, maxTime: 0n });
  await refuse('too early', { cond: xdr.Preconditions.precondTime(tooEarly) });
  await refuse('a contract call without resources', {
    operations: [Operation.uploadContractWasm({ wasm: Buffer.from('x') })],
  });
  await refuse('the old envelope is taken', { isV0: true });
}

async function feeBumps(r: Recorder): Promise<void> {
  const [alice, bob] = [await r.account('alice'), await r.account('bob')];
  const inner: Draft = { source: alice, operations: [pay(bob, '1')] };
  const bump = (step: string, fee: bigint, more: Partial<Draft> = {}, signers = [bob]) =>
    r.send(step, { ...inner, ...more, bump: { source: bob, fee, signers } });
  await bump('pays', 200n);
  await bump('pays no more than the ledger asks', 100_000n);
  await bump('pays for one that offers nothing', 200n, { fee: 0 });
  await bump('pays for one that fails', 200n, { operations: [pay(bob, '20000')] });
  await bump('pays for two operations', 300n, { operations: [pay(bob, '1'), pay(bob, '2')] });
  await bump('below the least', 199n);
  await bump('below the rate of what is inside', 500n, { fee: 251 });
  await bump('is not signed', 200n, {}, [alice]);
  await bump('is signed by too many', 200n, {}, [alice, bob]);
  await bump('what is inside is not valid', 200n, { sequence: 3n });
  await bump('what is inside is not signed', 200n, { signers: [] });
  await bump('negative', -1n);
}

async function preconditions(r: Recorder): Promise<void> {
  const [alice, bob] = [await r.account('alice'), await r.account('bob')];
  const send = (
    step: string,
    fields: Partial<ConstructorParameters<typeof xdr.PreconditionsV2>[0]>,
    more: Partial<Draft> = {},
  ) => {
    const nothing = {
      timeBounds: null,
      ledgerBounds: null,
      minSeqNum: null,
      minSeqAge: 0n,
      minSeqLedgerGap: 0,
    };
    const cond = xdr.Preconditions.precondV2(
      new xdr.PreconditionsV2({ ...nothing, extraSigners: [], ...fields }),
    );
    return r.send(step, { source: alice, operations: [pay(bob, '1')], cond, ...more });
  };
  const { seqNum } = await r.script.accountEntry(alice);
  await send('jumps over sequence numbers', { minSeqNum: 0n }, { sequence: seqNum + 5n });
  await send('too soon after that', { minSeqAge: 60n });
  r.script.clock.seconds += 60;
  await send('late enough', { minSeqAge: 60n });
  await send('too few ledgers after that', { minSeqLedgerGap: 10 });
  r.script.net.warp({ ledgers: 9, seconds: 0 });
  await send('enough ledgers', { minSeqLedgerGap: 10 });
  const withBob = xdr.SignerKey.signerKeyTypeEd25519(new Uint8Array(bob.rawPublicKey()));
  await send('an extra signer who did not sign', { extraSigners: [withBob] });
  await send('an extra signer', { extraSigners: [withBob] }, { signers: [alice, bob] });
  await send('the same one twice', { extraSigners: [withBob, withBob] }, { signers: [alice, bob] });
  await send('ledger bounds passed', { ledgerBounds: new xdr.LedgerBounds({ minLedger: 0, maxLedger: 3 }) });
  await send('a memo', {}, { memo: xdr.Memo.memoText('hello') });
}
