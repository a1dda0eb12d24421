// Migrations among faults: servers that die anywhere, a node and a database that refuse, answer late or twice, transactions
// that expire, payments in between, double clicks; the runs of e2e/settlementMigrationFaults.test.ts. What was paid and is
// nowhere to be had in the end is lost; anything else that does not hold stops the measurement.
import { openChain } from '../../e2e/migrationChain.ts';
import { openLane } from '../../e2e/migrationLane.ts';
import { anyHavoc, type Run, runMigration } from '../../e2e/migrationRuns.ts';
import type { Figure, Progress } from '../figure.ts';

const RUNS = 500;
const LANES = 8;
const FIRST_PAYMENT = 1_234_567n;

export async function migrationFaults(progress: Progress): Promise<Figure[]> {
  progress(`settlement: ${RUNS} migrations among faults`);
  const chain = await openChain();
  const runs: Run[] = [];
  const since = process.cpuUsage();
  let next = 0;
  const work = async () => {
    const lane = await openLane(chain);
    for (let seed = next++; seed < RUNS; seed = next++)
      runs.push(await runMigration(lane, seed, FIRST_PAYMENT + BigInt(seed), (pay) => anyHavoc(seed, pay)));
    await lane.close();
  };
  try {
    await Promise.all(Array.from({ length: LANES }, work));
  } finally {
    await chain.close();
  }
  const { user, system } = process.cpuUsage(since);
  const [problem] = runs.flatMap((run) => run.problems.map((it) => `run ${run.seed}: ${it}`));
  if (problem !== undefined) throw new Error(problem);
  const sum = (of: (run: Run) => number) => runs.reduce((total, run) => total + of(run), 0);
  const lost = runs.reduce((total, { lostStroops: it }) => total + (it < 0n ? -it : it), 0n);
  return [
    { key: 'migrationFaults.runs', value: runs.length, target: RUNS, isLeast: true },
    { key: 'migrationFaults.lostStroops', value: Number(lost), target: 0 },
    { key: 'migrationFaults.deaths', value: sum((it) => it.deaths) },
    { key: 'migrationFaults.payments', value: sum((it) => it.payments) },
    { key: 'migrationFaults.rounds', value: sum((it) => it.rounds) },
    { key: 'migrationFaults.cpuMsPerRun', value: (user + system) / 1_000 / runs.length },
  ];
}
