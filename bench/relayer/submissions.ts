// Submissions through the relayer while ledgers close by the clock: how many of those that a ledger has room for are
// confirmed when there are always enough waiting, how long one takes from POST to confirmed when ledgers are half
// full, and the CPU time that the relayer takes for one over sending a ready transaction. Transfers of our wallets.
import { createRpc } from '@latchkey/sdk/chain';
import { passkeyTransfers } from '../devnet/network.ts';
import { type Figure, type Progress, quantile } from '../figure.ts';
import { startDevnet } from '../processes.ts';
import { fitsInLedger } from './ledgerLimit.ts';
import { type Service, startService } from './service.ts';

/** Two ledgers' worth: one waits for its ledger while the other is prepared. A quarter is kept for other callers. */
const CHANNELS = 150;
const IN_FLIGHT = 200;
const WARM_UP = 200;
const MIN_RATIO = 0.95;
const MAX_CPU_MS = 6;
const RAW_WARM_UP = 100;
const RAW = 300;
/** Seconds between ledgers, and how many are measured. */
const PACES = [
  { name: '', closeSeconds: 5, ledgers: 6 },
  { name: '1s', closeSeconds: 1, ledgers: 15 },
] as const;

type Pace = (typeof PACES)[number];

export async function submissions(progress: Progress): Promise<Figure[]> {
  progress('relayer: starting a network and a server, and making wallets');
  const rawMs = await rawSendingMs();
  const service = await startService(CHANNELS);
  try {
    const bodies = await service.transfers(WARM_UP);
    const answers = await Promise.all(bodies.map(service.confirmed));
    const { envelopeXdr } = await service.rpc.call('getTransaction', { hash: answers[0]!.hash });
    const limit = fitsInLedger(envelopeXdr!);
    const ratios: number[] = [];
    const figures: Figure[] = [];
    let cpuMs = 0;
    for (const pace of PACES) {
      await service.closeLedgers(pace.closeSeconds);
      const ms = await latencies(service, limit, pace, progress);
      const full = await saturated(service, limit, pace, progress);
      await service.closeLedgers('at once');
      ratios.push(full.ratio);
      cpuMs = full.cpuMs - rawMs;
      const inLedgers = (part: number) => quantile(ms, part) / (pace.closeSeconds * 1_000);
      figures.push(
        { key: `submission${pace.name}.p50Ms`, value: quantile(ms, 0.5), isPart: pace.name !== '' },
        { key: `submission${pace.name}.p99Ms`, value: quantile(ms, 0.99), isPart: pace.name !== '' },
        { key: `submission${pace.name}.p50Ledgers`, value: inLedgers(0.5), isPart: true },
        { key: `submission${pace.name}.p99Ledgers`, value: inLedgers(0.99), isPart: true },
        { key: `confirmed${pace.closeSeconds}s.ratioOfLedgerLimit`, value: full.ratio, isPart: true },
        { key: `confirmed${pace.closeSeconds}s.perLedger`, value: full.perLedger, isPart: true },
      );
    }
    return [
      {
        key: 'confirmed.ratioOfLedgerLimit',
        value: Math.min(...ratios),
        target: MIN_RATIO,
        isLeast: true,
      },
      { key: 'submission.cpuMs', value: cpuMs, target: MAX_CPU_MS },
      { key: 'rawSending.cpuMs', value: rawMs, isPart: true },
      { key: 'ledgerLimit.perLedger', value: limit, isPart: true },
      ...figures,
    ];
  } finally {
    await service.stop();
  }
}

/** From POST to the answer that it is confirmed, at half of what ledgers have room for, evenly spread. */
async function latencies(service: Service, limit: number, pace: Pace, progress: Progress): Promise<number[]> {
  const { closeSeconds, ledgers } = pace;
  const count = Math.floor((limit * ledgers) / 2);
  progress(`relayer: ${count} submissions to ledgers of ${closeSeconds} s that are half full`);
  const bodies = await service.transfers(count);
  const everyMs = (2 * closeSeconds * 1_000) / limit;
  const start = performance.now();
  return Promise.all(
    bodies.map(async (body, index) => {
      await until(start + index * everyMs);
      const posted = performance.now();
      await service.confirmed(body);
      return performance.now() - posted;
    }),
  );
}

/** As much as there is room for: always more waiting than the next ledger takes. */
async function saturated(service: Service, limit: number, pace: Pace, progress: Progress) {
  const { closeSeconds, ledgers } = pace;
  const count = limit * (ledgers + 1) + IN_FLIGHT;
  progress(`relayer: ${count} submissions to full ledgers of ${closeSeconds} s`);
  const waiting = await service.transfers(count);
  const before = await service.server.cpuMs();
  const confirmedIn: number[] = [];
  const caller = async () => {
    for (let body = waiting.pop(); body; body = waiting.pop())
      confirmedIn.push((await service.confirmed(body)).ledger);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, caller));
  const cpuMs = ((await service.server.cpuMs()) - before) / count;
  // The first ledger closed some time after the start, and the last ones had too few.
  const first = Math.min(...confirmedIn) + 1;
  const inFull = confirmedIn.filter((ledger) => ledger >= first && ledger < first + ledgers);
  const largest = Math.max(...inFull.map((ledger) => inFull.filter((it) => it === ledger).length));
  if (largest > limit) throw new Error(`a ledger took ${largest} submissions, and should hold ${limit}`);
  const ratio = inFull.length / (ledgers * limit);
  return { ratio, perLedger: inFull.length / ledgers, cpuMs };
}

/** CPU time here for sending a ready transaction to a node and reading the answer. */
async function rawSendingMs(): Promise<number> {
  const { rpcUrl, stop } = await startDevnet();
  try {
    const rpc = createRpc(rpcUrl);
    const { friendbotUrl } = await rpc.call('getNetwork');
    const fund = async (address: string) => {
      const reply = await fetch(`${friendbotUrl}?addr=${address}`);
      if (!reply.ok) throw new Error(`friendbot answered ${reply.status}`);
    };
    const envelopes = await passkeyTransfers({ rpc, fund }, RAW_WARM_UP + RAW);
    let start = process.cpuUsage();
    for (const [index, transaction] of envelopes.entries()) {
      if (index === RAW_WARM_UP) start = process.cpuUsage();
      const { status } = await rpc.call('sendTransaction', { transaction });
      if (status !== 'PENDING') throw new Error(`a transaction is ${status}`);
    }
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1_000 / RAW;
  } finally {
    await stop();
  }
}

function until(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(time - performance.now(), 0)));
}
