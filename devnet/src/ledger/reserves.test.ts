import { Asset, Claimant, Keypair, Operation, xdr } from '@stellar/stellar-sdk';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Devnet } from '../index.ts';
import { type AssetNetwork, balanceIdOf, openAssetNetwork } from '../testing/assetNetwork.ts';
import { sponsored } from '../testing/sponsoredEntries.ts';
import type { TransactionReply } from '../testing/testNetwork.ts';
import { TOTAL_COINS_STROOPS } from './closedLedger.ts';

const RUNS = 30;
/** Fixed, so that every kind of operation is known to succeed somewhere. */
const SEED = 1;
const KINDS = [
  'setData',
  'removeData',
  'trust',
  'distrust',
  'addSigner',
  'removeSigner',
  'setAside',
  'claim',
  'merge',
  'create',
  'revokeAccount',
  'revokeData',
  'revokeLine',
  'revokeSigner',
  'revokeClaimable',
] as const;

type Step = { kind: (typeof KINDS)[number]; actor: number; other: number; sponsor: number | null };
const person = fc.nat(3);
const step = fc.record<Step>({
  kind: fc.constantFrom(...KINDS),
  actor: person,
  other: person,
  sponsor: fc.option(person),
});
const story = fc.array(fc.array(step, { minLength: 1, maxLength: 2 }), {
  minLength: 20,
  maxLength: 50,
  size: 'max',
});

const SIGNER = { ed25519PublicKey: Keypair.random().publicKey() };

function operationOf(
  { kind, actor, other }: Step,
  people: Keypair[],
  { usd }: AssetNetwork,
  balanceId: string,
) {
  const source = people[actor]!.publicKey();
  const account = people[other]!.publicKey();
  const signer = (weight: number) => Operation.setOptions({ signer: { ...SIGNER, weight }, source });
  const claimants = [...new Set([source, account])].map((address) => new Claimant(address));
  const asset = Asset.native();
  const operations: Record<Step['kind'], () => xdr.Operation> = {
    setData: () => Operation.manageData({ name: 'a', value: '1', source }),
    removeData: () => Operation.manageData({ name: 'a', value: null, source }),
    trust: () => Operation.changeTrust({ asset: usd, source }),
    distrust: () => Operation.changeTrust({ asset: usd, limit: '0', source }),
    addSigner: () => signer(1),
    removeSigner: () => signer(0),
    setAside: () => Operation.createClaimableBalance({ asset, amount: '0.1', claimants, source }),
    claim: () => Operation.claimClaimableBalance({ balanceId, source }),
    merge: () => Operation.accountMerge({ destination: account, source }),
    create: () => Operation.createAccount({ destination: account, startingBalance: '3' }),
    revokeAccount: () => Operation.revokeAccountSponsorship({ account, source }),
    revokeData: () => Operation.revokeDataSponsorship({ account, name: 'a', source }),
    revokeLine: () => Operation.revokeTrustlineSponsorship({ account, asset: usd, source }),
    revokeSigner: () => Operation.revokeSignerSponsorship({ account, signer: SIGNER, source }),
    revokeClaimable: () => Operation.revokeClaimableBalanceSponsorship({ balanceId, source }),
  };
  return operations[kind]();
}

/** Counts what accounts say they hold and pay for, and what the entries say, each as `account: subentries, …`. */
function countsOf(net: Devnet): { stated: string[]; counted: string[]; stroops: bigint } {
  type Dump = { ledgers: { feePoolStroops: string; entries: [string, string | null][] }[] };
  const { ledgers } = JSON.parse(net.dumpState()) as Dump;
  const entries = new Map(ledgers.flatMap((ledger) => ledger.entries)).values();
  const counts = new Map<string, [subentries: number, sponsoring: number, sponsored: number]>();
  const add = (id: xdr.AccountId | null, place: 0 | 1 | 2, reserves = 1) => {
    if (!id) return;
    const address = String(id.toJson());
    const count = counts.get(address) ?? [0, 0, 0];
    count[place] += reserves;
    counts.set(address, count);
  };
  const stated: string[] = [];
  let stroops = BigInt(ledgers.at(-1)!.feePoolStroops);
  const isReserved = (text: string | null) => text !== null;
  for (const text of [...entries].filter(isReserved)) {
    const { data, ext } = xdr.LedgerEntry.fromXdr(text!, 'base64');
    const sponsor = ext.type === 'v1' ? ext.v1.sponsoringId : null;
    if (data.type === 'account') {
      const { account } = data;
      const v2 = account.ext.type === 'v1' && account.ext.v1.ext.type === 'v2' ? account.ext.v1.ext.v2 : null;
      const numbers = [account.numSubEntries, v2?.numSponsoring ?? 0, v2?.numSponsored ?? 0];
      stated.push(`${account.accountId.toJson()}: ${numbers.join()}`);
      stroops += account.balance;
      add(account.accountId, 0, account.signers.length);
      for (const id of v2?.signerSponsoringIDs ?? []) add(id, 1);
      add(account.accountId, 2, v2?.signerSponsoringIDs.filter(Boolean).length ?? 0);
      add(sponsor, 1, 2);
      if (sponsor) add(account.accountId, 2, 2);
    } else if (data.type === 'claimableBalance') {
      stroops += data.claimableBalance.amount;
      add(sponsor, 1, data.claimableBalance.claimants.length);
    } else if (data.type === 'trustline' || data.type === 'data') {
      const { accountId } = data.type === 'trustline' ? data.trustLine : data.data;
      add(accountId, 0);
      add(sponsor, 1);
      if (sponsor) add(accountId, 2);
    }
  }
  const counted = [...counts].map(([address, count]) => `${address}: ${count.join()}`);
  return { stated: stated.sort(), counted: counted.sort(), stroops };
}

it('what accounts pay for is what the entries say, and no lumen appears or is lost', async () => {
  const played = new Set<Step['kind']>();
  await fc.assert(
    fc.asyncProperty(story, async (transactions) => {
      const assets = await openAssetNetwork();
      const people = Array.from({ length: 4 }, () => Keypair.random());
      const create = (keypair: Keypair) =>
        Operation.createAccount({ destination: keypair.publicKey(), startingBalance: '6' });
      await assets.done(assets.alice, people.map(create));
      let balanceId = '00'.repeat(36);
      for (const steps of transactions) {
        const kinds: (Step['kind'] | null)[] = [];
        const operations = steps.flatMap((one) => {
          const operation = operationOf(one, people, assets, balanceId);
          const owner = people[one.kind === 'create' ? one.other : one.actor]!;
          const isSponsored = one.sponsor !== null && people[one.sponsor] !== owner;
          kinds.push(...(isSponsored ? [null, one.kind, null] : [one.kind]));
          return isSponsored ? sponsored(people[one.sponsor!]!, owner, operation) : [operation];
        });
        const sources = new Set(operations.map(({ sourceAccount }) => sourceAccount?.toJson()));
        const signers = people.filter((keypair) => sources.has(keypair.publicKey()));
        const reply = await assets.send([assets.alice, ...signers], operations);
        if (reply.status !== 'SUCCESS') continue;
        for (const kind of kinds) if (kind) played.add(kind);
        const created = kinds.indexOf('setAside');
        if (created >= 0) balanceId = balanceIdOf(reply as TransactionReply, created).toXdr('hex');
        const { stated, counted, stroops } = countsOf(assets.network.net);
        const nothing = stated.filter((line) => line.endsWith(': 0,0,0'));
        const some = counted.filter((line) => !line.endsWith(': 0,0,0'));
        expect([...some, ...nothing].sort()).toEqual(stated);
        expect(stroops).toBe(TOTAL_COINS_STROOPS);
      }
    }),
    { numRuns: RUNS, seed: SEED },
  );
  expect([...played].sort()).toEqual([...KINDS].sort());
}, 60_000);
