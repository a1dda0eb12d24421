// One merchant's way from a managed account to its own wallet while everything goes wrong around it: its server dies and is
// started again, database and node refuse, answer late or twice, transactions expire, payments keep arriving, and the owner
// clicks everything twice. After each death, and at the end, what must hold is looked at from outside.
import { setTimeout as sleep } from 'node:timers/promises';
import { LatchkeyError } from '@latchkey/sdk/api';
import type { FaultyChain } from './migrationChain.ts';
import type { Lane, Life, Owner } from './migrationLane.ts';
import type { Fault, FaultPlan } from './mortalProcess.ts';

const POLL_MS = 4;
/** Something that is on its way while one looks is there when one looks again. */
const SETTLE_MS = 40;
/** Far more than its pauses: the machine may have other work. */
const GIVE_UP_MS = 240_000;

export type Run = {
  seed: number;
  deaths: number;
  payments: number;
  retries: number;
  faults: Record<string, number>;
  rounds: number;
  steps: number;
  /** of USDC and XLM together, at the end */
  lostStroops: bigint;
  problems: string[];
};

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Somebody pays the merchant where it was paid at first, if that is still possible. */
export type Pay = (asset: 'usdc' | 'native', amount: bigint) => Promise<void>;

/** What goes wrong in a run: how each life is disturbed, and who pays when. */
export type Havoc = {
  /** of the life with this number, from 0 */
  planOf(life: number): FaultPlan;
  /** how many lives are disturbed; those after them are left in peace */
  disturbedLives: number;
  clicksTwice: boolean;
};

const use = () => ({ idempotencyKey: crypto.randomUUID(), requestHash: 'the request' });

/** Twice at once, as a double click has it: with one Idempotency-Key, or from two tabs. */
async function clicked<T>(
  act: (use: { idempotencyKey: string; requestHash: string }) => Promise<T>,
  isTwice: boolean,
) {
  const first = use();
  const outcomes = await Promise.allSettled(isTwice ? [act(first), act(first), act(use())] : [act(first)]);
  return outcomes.flatMap((it) => (it.status === 'rejected' ? [it.reason as unknown] : []));
}

export async function begin(life: Life, owner: Owner, isTwice: boolean): Promise<unknown[]> {
  const { options_json } = await life.upgrade.options(owner.merchant);
  const response = await owner.authenticator.register(options_json);
  return clicked((it) => life.upgrade.upgrade(owner.merchant, { response, stepUp: {} }, it), isTwice);
}

export async function confirm(life: Life, owner: Owner, isTwice: boolean): Promise<unknown[]> {
  const { options_json } = await life.gate.open(owner.merchant);
  const response = await owner.authenticator.authenticate(options_json);
  return clicked((it) => life.gate.confirm(owner.merchant, response, it), isTwice);
}

/** What the owner does next, seeing what the dashboard shows. @returns errors that it got to see */
async function act(lane: Lane, life: Life, owner: Owner, run: Run, isTwice: boolean): Promise<unknown[]> {
  const migration = await lane.migrationOf(owner);
  const { status } = await lane.keyOf(owner);
  if (status === 'managed') return begin(life, owner, isTwice);
  if (migration?.state === 'ready') return confirm(life, owner, isTwice);
  if (migration?.error_code) {
    run.retries++;
    await life.gate.retry(owner.merchant);
  }
  return [];
}

async function violations(lane: Lane, owner: Owner): Promise<string[]> {
  await (lane.chain as FaultyChain).paid();
  if ((await lane.violations(owner)).length === 0) return [];
  await sleep(SETTLE_MS);
  await (lane.chain as FaultyChain).paid();
  return lane.violations(owner);
}

/**
 * @param first paid before anything begins, in the smallest unit
 * @param havocOf what goes wrong, given the way to pay this merchant
 */
export async function runMigration(
  lane: Lane,
  seed: number,
  first: bigint,
  havocOf: (pay: Pay) => Havoc,
): Promise<Run> {
  const chain = lane.chain as FaultyChain;
  const run: Run = {
    seed,
    deaths: 0,
    payments: 0,
    retries: 0,
    faults: {},
    rounds: 0,
    steps: 0,
    lostStroops: 0n,
    problems: [],
  };
  const owner = await lane.owner();
  const pay: Pay = async (asset, amount) => {
    if (!(await chain.pay(owner.address, asset, amount))) return;
    run.payments++;
    if (asset === 'usdc') owner.paidUsdc += amount;
    else owner.paidStroops += amount;
  };
  const havoc = havocOf(pay);
  const giveUpAt = performance.now() + GIVE_UP_MS;
  const buried: Promise<void>[] = [];
  let life = await lane.live();
  while ((await lane.keyOf(owner)).status !== 'managed') await sleep(POLL_MS);
  if (first > 0n) await pay('usdc', first);

  const disturb = (lifeNumber: number): void => {
    if (lifeNumber >= havoc.disturbedLives) return;
    const plan = havoc.planOf(lifeNumber);
    const begunAt = life.process.steps;
    life.process.plan = async (step, kind, method) => {
      const fault = await plan(step - begunAt, kind, method);
      if (fault) run.faults[fault] = (run.faults[fault] ?? 0) + 1;
      return fault;
    };
  };
  disturb(0);

  const isDone = async () => (await lane.migrationOf(owner))?.state === 'done';
  while (!(await isDone())) {
    if (life.process.isDead) {
      run.deaths++;
      run.steps += life.process.steps;
      buried.push(life.bury());
      for (const problem of await violations(lane, owner))
        run.problems.push(`death ${run.deaths}: ${problem}`);
      life = await lane.live();
      disturb(run.deaths);
    }
    const seen = act(lane, life, owner, run, havoc.clicksTwice).catch((error: unknown) => [error]);
    const errors = await Promise.race([seen, life.process.death.then(() => [])]);
    // Of a process that dies or is disturbed, anything may be heard; of one in peace, only that something has happened already.
    for (const error of errors) {
      const isInPeace = run.deaths >= havoc.disturbedLives && !life.process.isDead;
      if (isInPeace && !(error instanceof LatchkeyError)) run.problems.push(`the owner got ${String(error)}`);
    }
    await sleep(POLL_MS);
    if (performance.now() > giveUpAt) {
      const migration = await lane.migrationOf(owner);
      run.problems.push(`stuck: ${JSON.stringify({ ...migration, gate_assertion: null })}`);
      break;
    }
  }
  // A last death right after the end must not matter either.
  life.process.plan = () => null;
  run.problems.push(...(await violations(lane, owner)), ...(await lane.leftovers(owner)));
  run.lostStroops = await lane.lostStroops(owner);
  run.rounds = (await lane.migrationOf(owner))?.round ?? 0;
  run.steps += life.process.steps;
  buried.push(life.bury());
  await Promise.all(buried);
  return run;
}

/** Dies once, before or after exactly this step. */
export function oneDeath(step: number, how: 'die-before' | 'die-after'): Havoc {
  return {
    disturbedLives: 1,
    clicksTwice: false,
    planOf: () => (it) => (it === step ? how : null),
  };
}

const HOW_TO_DIE: Fault[] = ['die-before', 'die-after'];
const MOST_DEATHS = 5;
const LONGEST_LIFE_STEPS = 160;
const odds = {
  refuse: 0.006,
  'lose-answer': 0.012,
  twice: 0.02,
  /** of sendTransaction only, and payments right before it: what a step has not seen when it was thought out */
  swallow: 0.12,
  payBeforeSending: 0.25,
  overtake: 0.12,
  /** of getLedgerEntries only: a node that is behind */
  stale: 0.08,
  empty: 0.04,
  payUsdc: 0.012,
  payNative: 0.006,
};

/** Anything, at any time, as the seed has it. */
export function anyHavoc(seed: number, pay: Pay): Havoc {
  const random = randomFrom(seed);
  const disturbedLives = 1 + Math.floor(random() * MOST_DEATHS);
  const deathAt = Array.from({ length: disturbedLives }, () => 1 + Math.floor(random() * LONGEST_LIFE_STEPS));
  return {
    disturbedLives,
    clicksTwice: random() < 0.4,
    planOf: (life) => async (step, kind, method) => {
      if (step === deathAt[life]) return HOW_TO_DIE[Math.floor(random() * 2)]!;
      if (random() < odds.payUsdc) await pay('usdc', 1n + BigInt(Math.floor(random() * 1e9)));
      if (random() < odds.payNative) await pay('native', 1n + BigInt(Math.floor(random() * 1e8)));
      if (method === 'sendTransaction') {
        if (random() < odds.payBeforeSending) await pay(random() < 0.5 ? 'usdc' : 'native', 1_000_007n);
        if (random() < odds.swallow) return 'swallow';
        if (random() < odds.overtake) return 'overtake';
      }
      if (method === 'getLedgerEntries') {
        if (random() < odds.stale) return 'stale';
        if (random() < odds.empty) return 'empty';
      }
      if (random() < odds.refuse) return 'refuse';
      if (kind !== 'statement' && random() < odds['lose-answer']) return 'lose-answer';
      return kind === 'request' && random() < odds.twice ? 'twice' : null;
    },
  };
}
