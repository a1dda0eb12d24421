import { Asset, Claimant, type Keypair, Operation, scValToNative, xdr } from '@stellar/stellar-sdk';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type AssetNetwork,
  addressOf,
  balanceIdOf,
  eventsOf,
  openAssetNetwork,
} from '../testing/assetNetwork.ts';
import type { TransactionReply } from '../testing/testNetwork.ts';

const RUNS = 25;
const KINDS = [
  'pay',
  'mint',
  'burn',
  'setAside',
  'mintAside',
  'claim',
  'clawback',
  'clawbackClaimable',
  'freeze',
  'thaw',
  'limit',
] as const;

type Step = { kind: (typeof KINDS)[number]; from: number; to: number; units: number };
const holder = fc.nat(2);
const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom(...KINDS),
    from: holder,
    to: holder,
    units: fc.integer({ min: 1, max: 120 }),
  }),
  { minLength: 20, maxLength: 60, size: 'max' },
);

const stroops = (units: number) => BigInt(units) * 10_000_000n;

/** Adds to balances by address what somebody learns who reads nothing but events. */
function readEvents(reply: TransactionReply, balances: Map<string, bigint>): void {
  const add = (address: string, amount: bigint) =>
    balances.set(address, (balances.get(address) ?? 0n) + amount);
  for (const event of eventsOf(reply)) {
    const { topics, data } = xdr.ContractEvent.fromXdr(event, 'base64').body.v0;
    const [name, first, second] = topics.map((topic) => scValToNative(topic) as string);
    if (name === 'set_authorized') continue;
    const amount = scValToNative(data) as bigint;
    add(first!, name === 'mint' ? amount : -amount);
    if (name === 'transfer') add(second!, amount);
  }
}

/** Plays steps, of which some succeed, on an asset that may be clawed back and frozen. */
async function play(assets: AssetNetwork, holders: Keypair[], asset: Asset, story: readonly Step[]) {
  const { issuer } = assets;
  const byEvents = new Map<string, bigint>();
  const claimables: { id: xdr.ClaimableBalanceId; amount: bigint }[] = [];
  let issued = 0n;
  const applied = new Set<Step['kind']>();
  for (const { kind, from, to, units } of story) {
    const [payer, payee] = [holders[from]!, holders[to]!];
    const amount = String(units);
    const trustor = payee.publicKey();
    const claimable = claimables[units % Math.max(1, claimables.length)];
    const balanceId = claimable?.id.toXdr('hex') ?? '00'.repeat(36);
    const pay = (destination: string) => Operation.payment({ destination, asset, amount });
    const claimants = [new Claimant(trustor)];
    const authorize = (authorized: boolean) =>
      Operation.setTrustLineFlags({ trustor, asset, flags: { authorized } });
    const setAside = () => Operation.createClaimableBalance({ asset, amount, claimants });
    const actions: Record<Step['kind'], () => [Keypair, xdr.Operation, issuedStroops: bigint]> = {
      pay: () => [payer, pay(trustor), 0n],
      mint: () => [issuer, pay(trustor), stroops(units)],
      burn: () => [payer, pay(issuer.publicKey()), -stroops(units)],
      setAside: () => [payer, setAside(), 0n],
      mintAside: () => [issuer, setAside(), stroops(units)],
      claim: () => [payee, Operation.claimClaimableBalance({ balanceId }), 0n],
      clawback: () => [issuer, Operation.clawback({ asset, from: trustor, amount }), -stroops(units)],
      clawbackClaimable: () => [
        issuer,
        Operation.clawbackClaimableBalance({ balanceId }),
        -(claimable?.amount ?? 0n),
      ],
      freeze: () => [issuer, authorize(false), 0n],
      thaw: () => [issuer, authorize(true), 0n],
      limit: () => [payer, Operation.changeTrust({ asset, limit: amount }), 0n],
    };
    const [signer, operation, issuedStroops] = actions[kind]();
    const reply = await assets.send(signer, [operation]);
    if (reply.status !== 'SUCCESS') continue;
    readEvents(reply as TransactionReply, byEvents);
    if (kind === 'setAside' || kind === 'mintAside') {
      claimables.push({ id: balanceIdOf(reply as TransactionReply), amount: stroops(units) });
    }
    issued += issuedStroops;
    applied.add(kind);
  }
  return { byEvents, claimables, issued, applied };
}

it('money is conserved: what is issued is held or set aside, and events alone tell by whom', async () => {
  const assets = await openAssetNetwork();
  const holders = [assets.alice, assets.bob, await assets.network.account()];
  await assets.done(assets.issuer, [Operation.setOptions({ setFlags: 10 as never })]);
  let run = 0;
  const played = new Set<Step['kind']>();
  await fc.assert(
    fc.asyncProperty(steps, async (story) => {
      run += 1;
      const asset = new Asset(`RUN${run}`, assets.issuer.publicKey());
      for (const keypair of holders) await assets.done(keypair, [Operation.changeTrust({ asset })]);
      const mints = holders.map((_, to): Step => ({ kind: 'mint', from: 0, to, units: 100 }));
      const { byEvents, claimables, issued, applied } = await play(assets, holders, asset, [
        ...mints,
        ...story,
      ]);
      let held = 0n;
      for (const keypair of holders) {
        const { balance } = (await assets.line(keypair, asset))!;
        expect(balance).toBe(byEvents.get(keypair.publicKey()) ?? 0n);
        held += balance;
      }
      for (const { id } of claimables) {
        const amount = (await assets.claimable(id))?.amount ?? 0n;
        expect(amount).toBe(byEvents.get(addressOf(id)));
        held += amount;
      }
      expect(held).toBe(issued);
      for (const kind of applied) played.add(kind);
    }),
    { numRuns: RUNS },
  );
  expect([...played].sort()).toEqual([...KINDS].sort());
});
