import { Asset, Claimant, Keypair, Operation, xdr } from '@stellar/stellar-sdk';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AssetNetwork, openAssetNetwork } from '../testing/assetNetwork.ts';
import { dataLedgerKey, readAccount, readEntry, sponsored } from '../testing/sponsoredEntries.ts';
import { resultOf, type TransactionReply } from '../testing/testNetwork.ts';
import { getAccount, newAccount, putAccount, withExtension } from './account.ts';
import { LedgerDelta } from './entryStore.ts';
import { moveReserve, OpenSponsorships, takeClaimableReserve, takeSubentryReserve } from './sponsorship.ts';

const UINT32_MAX = 0xffff_ffff;
const NO_BALANCE = '00'.repeat(36);
const KINDS = [
  'setData',
  'removeData',
  'addSigner',
  'removeSigner',
  'trust',
  'distrust',
  'create',
  'merge',
  'setAside',
  'claim',
  'handOnData',
  'handOnSigner',
  'handOnLine',
  'handOnAccount',
  'handOnClaimable',
] as const;

describe('a reserve', () => {
  const [owner, sponsor] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const setUp = (counts: { numSponsoring: number }) => {
    const delta = new LedgerDelta({ get: () => undefined });
    const sponsorships = new OpenSponsorships();
    sponsorships.begin(owner, sponsor);
    putAccount(delta, newAccount(owner, 10n ** 17n, 1), 1);
    putAccount(delta, withExtension(newAccount(sponsor, 10n ** 17n, 1), counts), 1);
    const ledger = { sequence: 2 } as Parameters<typeof takeSubentryReserve>[0]['ledger'];
    return { delta, sponsorships, ledger };
  };

  it('is refused when the sponsor would sponsor more than 32 bits can count', () => {
    const full = setUp({ numSponsoring: UINT32_MAX });
    expect(takeSubentryReserve(full, owner)).toEqual({ problem: 'tooManySponsoring' });
    expect(takeClaimableReserve(full, owner, 1)).toEqual({ problem: 'tooManySponsoring' });
    const move = { owner, reserves: 1, from: null, to: sponsor };
    expect(moveReserve(full, move)).toBe('tooManySponsoring');
    expect(takeSubentryReserve(setUp({ numSponsoring: UINT32_MAX - 1 }), owner)).toEqual({ sponsor });
  });

  it('counts subentries and sponsored reserves together', () => {
    const { delta, ledger } = setUp({ numSponsoring: UINT32_MAX });
    const context = { delta, ledger, sponsorships: new OpenSponsorships() };
    expect(takeSubentryReserve(context, sponsor)).toEqual({ problem: 'tooManySubentries' });
    expect(getAccount(delta, sponsor)!.numSubEntries).toBe(0);
  });
});

describe('whatever is created, removed and handed on', () => {
  const ACTORS = Array.from({ length: 3 }, () => Keypair.random());
  const NAMES = ['a', 'b'];
  const SIGNERS = [Keypair.random().publicKey(), Keypair.random().publicKey()];
  let world: AssetNetwork;

  beforeAll(async () => {
    world = await openAssetNetwork();
    await world.done(
      world.alice,
      // The last one comes into being only when an act creates it.
      ACTORS.slice(0, -1).map((actor) =>
        Operation.createAccount({ destination: actor.publicKey(), startingBalance: '4' }),
      ),
    );
  });

  type Act = {
    readonly kind: (typeof KINDS)[number];
    readonly owner: Keypair;
    /** Who hands a reserve on. */
    readonly actor: Keypair;
    readonly slot: number;
    /** Pays the reserves of this act instead of who would have to; an account cannot sponsor itself. */
    readonly sponsor: Keypair | null;
  };

  /** The operation of an act, and whose reserves a sponsor would pay. */
  function operationOf(
    { kind, owner, actor, slot }: Act,
    claimables: readonly string[],
  ): { operation: xdr.Operation; source: Keypair; payer: Keypair } {
    const source = owner.publicKey();
    const account = owner.publicKey();
    const name = NAMES[slot]!;
    const signer = { ed25519PublicKey: SIGNERS[slot]! };
    const balanceId = claimables[slot] ?? claimables[0] ?? NO_BALANCE;
    const own = (operation: xdr.Operation) => ({ operation, source: owner, payer: owner });
    const handOn = (operation: xdr.Operation) => ({ operation, source: actor, payer: actor });
    const by = { source: actor.publicKey() };
    switch (kind) {
      case 'setData':
        return own(Operation.manageData({ name, value: String(slot), source }));
      case 'removeData':
        return own(Operation.manageData({ name, value: null, source }));
      case 'addSigner':
        return own(Operation.setOptions({ signer: { ...signer, weight: 1 }, source }));
      case 'removeSigner':
        return own(Operation.setOptions({ signer: { ...signer, weight: 0 }, source }));
      case 'trust':
        return own(Operation.changeTrust({ asset: world.usd, source }));
      case 'distrust':
        return own(Operation.changeTrust({ asset: world.usd, limit: '0', source }));
      case 'create': {
        const startingBalance = slot === 0 ? '0' : '1.5';
        const create = { destination: account, startingBalance, ...by };
        return { operation: Operation.createAccount(create), source: actor, payer: owner };
      }
      case 'merge':
        return own(Operation.accountMerge({ destination: actor.publicKey(), source }));
      case 'setAside': {
        const claimants = [owner, actor].slice(0, slot + 1).map((one) => new Claimant(one.publicKey()));
        return own(
          Operation.createClaimableBalance({ asset: Asset.native(), amount: '0.01', claimants, source }),
        );
      }
      case 'claim':
        return own(Operation.claimClaimableBalance({ balanceId, source }));
      case 'handOnData':
        return handOn(Operation.revokeDataSponsorship({ account, name, ...by }));
      case 'handOnSigner':
        return handOn(Operation.revokeSignerSponsorship({ account, signer, ...by }));
      case 'handOnLine':
        return handOn(Operation.revokeTrustlineSponsorship({ account, asset: world.usd, ...by }));
      case 'handOnAccount':
        return handOn(Operation.revokeAccountSponsorship({ account, ...by }));
      case 'handOnClaimable':
        return handOn(Operation.revokeClaimableBalanceSponsorship({ balanceId, ...by }));
    }
  }

  /** Who pays the reserve that the act hands on; null when it is about something else or nothing is there. */
  async function payerOf({ kind, owner, slot }: Act): Promise<Keypair | null> {
    const { net } = world.network;
    const state = await readAccount(net, owner);
    const accountId = owner.xdrAccountId();
    const asset = world.usd.toTrustLineXdrObject();
    const line = xdr.LedgerKey.trustline(new xdr.LedgerKeyTrustLine({ accountId, asset }));
    const signer = state?.signers.findIndex(([key]) => key === SIGNERS[slot]) ?? -1;
    const held =
      kind === 'handOnData'
        ? await readEntry(net, dataLedgerKey(owner, NAMES[slot]!))
        : kind === 'handOnLine'
          ? await readEntry(net, line)
          : kind === 'handOnAccount'
            ? state
            : kind === 'handOnSigner' && signer >= 0
              ? { sponsor: state?.signerSponsors?.[signer] ?? null }
              : null;
    return held && (ACTORS.find((actor) => actor.publicKey() === held.sponsor) ?? owner);
  }

  /** Does it, notes a new claimable balance, and tells whether it succeeded. */
  async function perform(act: Act, claimables: string[]): Promise<boolean> {
    const { operation, source, payer } = operationOf(act, claimables);
    const { sponsor } = act;
    const isSponsored = sponsor !== null && sponsor !== payer;
    const operations = isSponsored ? sponsored(sponsor, payer, operation) : [operation];
    const signers = new Set([world.alice, source, ...(isSponsored ? [sponsor, payer] : [])]);
    const reply = await world.send([...signers], operations);
    if (reply.status !== 'SUCCESS') return false;
    const { result } = resultOf(reply as TransactionReply);
    const outcome = result.type === 'txSuccess' ? result.results[isSponsored ? 1 : 0] : null;
    const made =
      outcome?.type === 'opInner' ? (outcome.tr.value as { balanceId?: xdr.ClaimableBalanceId }) : {};
    if (made.balanceId) claimables.push(Buffer.from(made.balanceId.toXdr()).toString('hex'));
    return true;
  }

  /** Counts what is there, entry by entry, and compares it with what the accounts say. */
  async function expectConsistent(claimables: readonly string[]): Promise<void> {
    const { net } = world.network;
    const sponsoring = new Map<string, number>();
    const pay = (sponsor: string | null, reserves: number) => {
      if (sponsor) sponsoring.set(sponsor, (sponsoring.get(sponsor) ?? 0) + reserves);
      return sponsor ? reserves : 0;
    };
    let claimableReserves = 0;
    for (const id of claimables) {
      const balanceId = xdr.ClaimableBalanceId.fromXdr(id, 'hex');
      const key = xdr.LedgerKey.claimableBalance(new xdr.LedgerKeyClaimableBalance({ balanceId }));
      const found = await readEntry(net, key);
      if (found?.data.type !== 'claimableBalance') continue;
      claimableReserves += pay(found.sponsor, found.data.claimableBalance.claimants.length);
    }
    const states: { state: NonNullable<Awaited<ReturnType<typeof readAccount>>>; address: string }[] = [];
    for (const actor of ACTORS) {
      const state = await readAccount(net, actor);
      if (!state) continue;
      states.push({ state, address: actor.publicKey() });
      const accountId = actor.xdrAccountId();
      const asset = world.usd.toTrustLineXdrObject();
      const line = xdr.LedgerKey.trustline(new xdr.LedgerKeyTrustLine({ accountId, asset }));
      const keys = [...NAMES.map((name) => dataLedgerKey(actor, name)), line];
      const entries = (await Promise.all(keys.map((key) => readEntry(net, key)))).filter(
        (one) => one !== null,
      );
      expect(state.numSubEntries).toBe(entries.length + state.signers.length);
      expect(state.signerSponsors?.length ?? state.signers.length).toBe(state.signers.length);
      const signerReserves = (state.signerSponsors ?? []).map((sponsor) => pay(sponsor, 1));
      const entryReserves = entries.map(({ sponsor }) => pay(sponsor, 1));
      const own = [pay(state.sponsor, 2), ...signerReserves, ...entryReserves];
      expect(state.numSponsored).toBe(own.reduce((total, reserves) => total + reserves, 0));
    }
    for (const { state, address } of states) expect(state.numSponsoring).toBe(sponsoring.get(address) ?? 0);
    const sum = (name: 'numSponsoring' | 'numSponsored') =>
      states.reduce((total, { state }) => total + state[name], 0);
    expect(sum('numSponsoring')).toBe(sum('numSponsored') + claimableReserves);
  }

  it('leaves the counts equal to what there is', { timeout: 60_000 }, async () => {
    const actor = fc.constantFrom(...ACTORS);
    const act: fc.Arbitrary<Act> = fc.record({
      kind: fc.constantFrom(...KINDS),
      owner: actor,
      actor,
      slot: fc.nat({ max: 1 }),
      sponsor: fc.option(actor),
    });
    const succeeded = new Set<string>();
    const run = fc.asyncProperty(fc.array(act, { minLength: 30, maxLength: 60 }), async (acts) => {
      const snapshot = world.network.net.snapshot();
      try {
        const claimables: string[] = [];
        for (const one of acts) {
          const actor = (await payerOf(one)) ?? one.actor;
          if (await perform({ ...one, actor }, claimables)) succeeded.add(one.kind);
          await expectConsistent(claimables);
        }
      } finally {
        world.network.net.revert(snapshot);
      }
    });
    await fc.assert(run, { numRuns: 12 });
    expect(succeeded.size).toBeGreaterThan(10);
  });
});
