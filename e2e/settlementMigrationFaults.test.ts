// The migration's state machine against the embedded network, with faults between any two of its steps. LATCHKEY_FAULTS=500
// makes as many runs of any faults, and kills the server at every single step instead of at some. The seed of a run that fails
// is in its message, though what a run meets depends on timing too.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FaultyChain, openChain } from './migrationChain.ts';
import { type Lane, openLane } from './migrationLane.ts';
import { anyHavoc, begin, confirm, oneDeath, type Run, runMigration } from './migrationRuns.ts';

const RUNS = Number(process.env.LATCHKEY_FAULTS ?? 60);
const FIRST_SEED = Number(process.env.LATCHKEY_FAULTS_SEED ?? 1);
const ALL_STEPS_FROM_RUNS = 500;
/** A run without faults takes about 200. */
const STEPS = 215;
const STRIDE = RUNS >= ALL_STEPS_FROM_RUNS ? 1 : 9;
/** Databases with a server each, side by side, so that nobody waits for another's pauses. */
const LANES = 8;
const FIRST_PAYMENT = 1_234_567n;

let chain: FaultyChain;
beforeAll(async () => {
  chain = await openChain();
});
afterAll(() => chain?.close());

async function inLanes(
  title: string,
  count: number,
  run: (lane: Lane, index: number) => Promise<Run>,
): Promise<Run[]> {
  const runs: Run[] = [];
  const since = process.cpuUsage();
  let next = 0;
  const work = async () => {
    const lane = await openLane(chain);
    while (next < count) runs.push(await run(lane, next++));
    await lane.close();
  };
  await Promise.all(Array.from({ length: Math.min(LANES, count) }, work));
  const { user, system } = process.cpuUsage(since);
  report(title, runs, (user + system) / 1000);
  return runs;
}

function report(title: string, runs: Run[], cpuMs: number): void {
  const sum = (of: (run: Run) => number) => runs.reduce((total, it) => total + of(it), 0);
  const faults: Record<string, number> = {};
  for (const run of runs)
    for (const [fault, count] of Object.entries(run.faults)) faults[fault] = (faults[fault] ?? 0) + count;
  const counts = {
    deaths: sum((it) => it.deaths),
    payments: sum((it) => it.payments),
    rounds: sum((it) => it.rounds),
    retries: sum((it) => it.retries),
    steps: sum((it) => it.steps),
  };
  console.log(
    `${title}: ${runs.length} runs, ${Math.round(cpuMs / runs.length)} ms CPU each`,
    counts,
    faults,
  );
}

const problemsOf = (runs: Run[]) => runs.flatMap((run) => run.problems.map((it) => `run ${run.seed}: ${it}`));

describe('a migration loses nothing and comes to its end', () => {
  it(
    `in ${RUNS} runs of any faults`,
    async () => {
      const runs = await inLanes('any faults', RUNS, (lane, index) => {
        const seed = FIRST_SEED + index;
        const first = index % 5 === 0 ? 0n : FIRST_PAYMENT + BigInt(index);
        return runMigration(lane, seed, first, (pay) => anyHavoc(seed, pay));
      });
      expect(problemsOf(runs)).toEqual([]);
    },
    300_000 + RUNS * 2_000,
  );

  it(
    STRIDE === 1 ? 'killed at each of its steps' : `killed at one in ${STRIDE} of its steps`,
    async () => {
      const deaths = Array.from({ length: Math.ceil(STEPS / STRIDE) }, (_, index) => 1 + index * STRIDE);
      const both = deaths.flatMap((step) => [oneDeath(step, 'die-before'), oneDeath(step, 'die-after')]);
      const runs = await inLanes('one death', both.length, (lane, index) =>
        runMigration(lane, index, FIRST_PAYMENT, () => both[index]!),
      );
      expect(problemsOf(runs)).toEqual([]);
      // Those that were done before their step was reached have not died.
      expect(runs.filter((it) => it.deaths === 1).length).toBeGreaterThan(both.length * 0.8);
    },
    300_000 + (STEPS / STRIDE) * 3_000,
  );
});

describe('an outage', () => {
  async function agreed(lane: Lane) {
    const owner = await lane.owner();
    const life = await lane.live();
    await expect.poll(async () => (await lane.keyOf(owner)).status).toBe('managed');
    if (await chain.pay(owner.address, 'usdc', FIRST_PAYMENT)) owner.paidUsdc += FIRST_PAYMENT;
    await begin(life, owner, false);
    return { owner, life };
  }

  it('of the node is told to the owner, and nobody has to ask for another try', async () => {
    const lane = await openLane(chain);
    const { owner, life } = await agreed(lane);
    await confirm(life, owner, false);
    life.process.plan = (_, kind) => (kind === 'request' ? 'refuse' : null);
    await expect.poll(async () => (await lane.migrationOf(owner))?.error_code).toBe('NETWORK_UNAVAILABLE');
    expect(await lane.violations(owner)).toEqual([]);
    life.process.plan = () => null;
    await expect.poll(async () => (await lane.migrationOf(owner))?.state, { timeout: 10_000 }).toBe('done');
    expect([...(await lane.violations(owner)), ...(await lane.leftovers(owner))]).toEqual([]);
    await life.bury();
    await lane.close();
  });

  it('of the database holds the migration up and nothing else', async () => {
    const lane = await openLane(chain);
    const { owner, life } = await agreed(lane);
    await confirm(life, owner, false);
    life.process.plan = (_, kind) => (kind === 'request' ? null : 'refuse');
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { state } = (await lane.migrationOf(owner))!;
    expect(state).not.toBe('done');
    expect(await lane.violations(owner)).toEqual([]);
    life.process.plan = () => null;
    await expect.poll(async () => (await lane.migrationOf(owner))?.state, { timeout: 10_000 }).toBe('done');
    expect([...(await lane.violations(owner)), ...(await lane.leftovers(owner))]).toEqual([]);
    await life.bury();
    await lane.close();
  });
});
