// Works the queue, one submission at a time, because one sponsor account has one sequence number. Everything it knows
// is in the rows: killed anywhere and started again, it goes on from the state it finds. What a settled submission
// means to its domain (a wallet becomes active, a signer is replaced) happens in the transaction that settles it.
import type { Logger } from 'pino';
import type { Database, Db } from '../db/database.ts';
import type { SubmissionKind } from '../db/schema.ts';
import {
  insertSubmission,
  type NewSubmission,
  nextSubmission,
  type Submission,
  submissionById,
  updateSubmission,
} from '../db/submissions.ts';
import { type Chain, type Change, look, prepare, type Step, send } from './attempt.ts';

const POLL_DELAYS_MS = [0, 50, 150, 300, 600, 1_000];
/** An envelope is sent again this often while it may still be included. */
const RESEND_EVERY_MS = 5_000;
const OUTAGE_DELAY_MS = 1_000;
const IDLE_DELAY_MS = 5_000;

/** Runs in the transaction that settles the submission; throwing undoes both. */
export type Effect = (db: Db, settled: Submission) => Promise<void>;
export type Effects = Record<SubmissionKind, Effect>;

export type Relayer = {
  /** Puts a submission in the queue, in the caller's transaction; call `wake` after that has committed. */
  enqueue(db: Db, submission: NewSubmission): Promise<string>;
  wake(): void;
  /** The row once it is confirmed or failed, or as it is after `timeoutMs`. */
  settled(id: string, timeoutMs: number): Promise<Submission>;
  start(): void;
  /** Stops after the step in progress. */
  stop(): Promise<void>;
};

/** Called between steps, so that tests can stop the process at exactly that point. */
export type StepObserver = (
  point: 'prepared' | 'stored' | 'sent' | 'settled',
  row: Submission,
) => void | Promise<void>;

export function createRelayer(deps: {
  db: Database;
  chain: Chain;
  effects: Effects;
  log: Logger;
  nowMs?: () => number;
  observe?: StepObserver;
}): Relayer {
  const { db, chain, effects, log } = deps;
  const nowMs = deps.nowMs ?? Date.now;
  const observe: StepObserver = deps.observe ?? (() => {});
  const waiters = new Map<string, Set<(row: Submission) => void>>();
  let running: Promise<void> | null = null;
  let stopping = false;
  let wakeUp: (() => void) | null = null;
  let woken = false;

  const sleep = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  async function store(row: Submission, change: Change): Promise<Submission> {
    const next = { ...row, ...change };
    await db.transaction().execute(async (trx) => {
      await updateSubmission(trx, row.id, change, nowMs());
      if (next.state === 'confirmed' || next.state === 'failed') await effects[row.kind](trx, next);
    });
    return next;
  }

  function announce(row: Submission): void {
    log.info(
      {
        submission: row.id,
        kind: row.kind,
        state: row.state,
        hash: row.hash,
        ledger: row.ledger,
        code: row.error_code,
      },
      'submission settled',
    );
    for (const resolve of waiters.get(row.id) ?? []) resolve(row);
    waiters.delete(row.id);
  }

  /** Follows one `sent` row until it leaves that state. */
  async function follow(row: Submission): Promise<Step> {
    let lastSentAt = 0;
    for (let poll = 0; !stopping; poll++) {
      const seen = await look(chain, row);
      if (seen) return seen;
      if (nowMs() - lastSentAt >= RESEND_EVERY_MS) {
        const answered = await send(chain, row);
        lastSentAt = nowMs();
        await observe('sent', row);
        if (answered) return answered;
      } else {
        await sleep(POLL_DELAYS_MS[Math.min(poll, POLL_DELAYS_MS.length - 1)] ?? 0);
      }
    }
    return null;
  }

  async function advance(row: Submission): Promise<void> {
    let current = row;
    if (current.state === 'queued') {
      const step = await prepare(chain, current);
      if (!step) return;
      await observe('prepared', current);
      current = await store(current, step);
      await observe('stored', current);
    }
    if (current.state === 'sent') {
      const step = await follow(current);
      if (!step) return;
      current = await store(current, step);
    }
    if (current.state === 'confirmed' || current.state === 'failed') {
      announce(current);
      await observe('settled', current);
    }
  }

  async function loop(): Promise<void> {
    while (!stopping) {
      try {
        const row = await nextSubmission(db);
        if (row) await advance(row);
        else if (!woken) await sleep(IDLE_DELAY_MS);
        woken = false;
      } catch (error) {
        if (stopping) return;
        log.warn({ err: error }, 'the queue is waiting: a step failed and will be tried again');
        await sleep(OUTAGE_DELAY_MS);
      }
    }
  }

  return {
    enqueue: (trx, submission) => insertSubmission(trx, submission, nowMs()),
    wake() {
      woken = true;
      wakeUp?.();
    },
    async settled(id, timeoutMs) {
      const { promise, resolve } = Promise.withResolvers<Submission | null>();
      const waiting = waiters.get(id) ?? new Set();
      waiters.set(id, waiting.add(resolve));
      const timer = setTimeout(() => resolve(null), timeoutMs);
      try {
        const row = await submissionById(db, id);
        if (row?.state === 'confirmed' || row?.state === 'failed') return row;
        const announced = await promise;
        if (announced) return announced;
        const late = await submissionById(db, id);
        if (!late) throw new Error(`no submission ${id}`);
        return late;
      } finally {
        clearTimeout(timer);
        waiting.delete(resolve);
        if (waiting.size === 0) waiters.delete(id);
      }
    },
    start() {
      running ??= loop();
    },
    async stop() {
      stopping = true;
      wakeUp?.();
      await running;
    },
  };
}
