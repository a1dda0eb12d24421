// Works the queue, one submission at a time, because one sponsor account has one sequence number. Everything it knows
// is in the rows: killed anywhere and started again, it goes on from the state it finds. What a settled submission
// means to its domain (a wallet becomes active, a signer is replaced) happens in the transaction that settles it.
import { errorTraits, LatchkeyError } from '@latchkey/sdk/api';
import type { Logger } from 'pino';
import type { Database, Db } from '../db/database.ts';
import type { SubmissionKind } from '../db/schema.ts';
import {
  insertSubmission,
  type NewSubmission,
  nextSubmission,
  type Submission,
  submissionById,
  submissionLoad,
  updateSubmission,
} from '../db/submissions.ts';
import { type Chain, type Change, look, prepare, type Step, send } from './attempt.ts';

const POLL_DELAYS_MS = [0, 50, 150, 300, 600, 1_000];
/** An envelope is sent again this often while it may still be included. */
const RESEND_EVERY_MS = 5_000;
const OUTAGE_DELAY_MS = 1_000;
const IDLE_DELAY_MS = 5_000;
const LOOK_AGAIN_MS = 500;
/** Unexpected errors of one submission before it is given up; an unreachable network does not count. */
const MAX_STEP_ERRORS = 8;
const LONGEST_BACKOFF_MS = 60_000;
const MAX_WAITING = 1_000;
const MAX_PER_ACCOUNT_AND_DAY = 500;
const DAY_MS = 86_400_000;
const BUSY = 'The service has too much to do at the moment. Try again in a minute.';
const SPENT = 'This account has used up the transactions that the service pays for in a day.';

/** Runs in the transaction that settles the submission; throwing undoes both. */
export type Effect = (db: Db, settled: Submission) => Promise<void>;
export type Effects = Record<SubmissionKind, Effect>;

export type Relayer = {
  /**
   * Puts a submission in the queue, in the caller's transaction; call `wake` after that has committed.
   * @throws LatchkeyError RATE_LIMITED when the queue is full or the account has asked for too much today
   */
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
  /** called after a submission has settled and its effects are stored */
  onSettled?: () => void;
  observe?: StepObserver;
}): Relayer {
  const { db, chain, effects, log } = deps;
  const nowMs = deps.nowMs ?? Date.now;
  const observe: StepObserver = deps.observe ?? (() => {});
  const waiters = new Map<string, Set<() => void>>();
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

  /** The row as changed; null when another process has moved it on meanwhile, and nothing was changed. */
  async function store(row: Submission, change: Change): Promise<Submission | null> {
    const next = { ...row, ...change };
    const changed = await db.transaction().execute(async (trx) => {
      if (!(await updateSubmission(trx, row, change, nowMs()))) return false;
      if (next.state === 'confirmed' || next.state === 'failed') await effects[row.kind](trx, next);
      return true;
    });
    return changed ? next : null;
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
    for (const resolve of waiters.get(row.id) ?? []) resolve();
    deps.onSettled?.();
  }

  /** Follows one `sent` row until it leaves that state. */
  async function follow(row: Submission, isNew: boolean): Promise<Step> {
    let lastSentAt = 0;
    for (let poll = 0; !stopping; poll++) {
      const seen = await look(chain, row);
      if (seen) return seen;
      if (nowMs() - lastSentAt >= RESEND_EVERY_MS) {
        const answered = await send(chain, row, isNew && lastSentAt === 0);
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
    let current: Submission | null = row;
    const isNew = row.state === 'queued';
    if (current.state === 'queued') {
      const step = await prepare(chain, current);
      if (!step) return;
      await observe('prepared', current);
      current = await store(current, step);
      if (!current) return;
      await observe('stored', current);
    }
    if (current.state === 'sent') {
      const step = await follow(current, isNew);
      if (!step) return;
      current = await store(current, step);
      if (!current) return;
    }
    if (current.state === 'confirmed' || current.state === 'failed') {
      announce(current);
      await observe('settled', current);
    }
  }

  /** Lets others pass a submission whose step failed unexpectedly, and gives it up in the end if it was never sent. */
  async function putOff(row: Submission, error: unknown): Promise<void> {
    log.error(
      { err: error, submission: row.id, errors: row.errors + 1 },
      'a submission could not be advanced',
    );
    const delayMs = Math.min(OUTAGE_DELAY_MS * 2 ** row.errors, LONGEST_BACKOFF_MS);
    const giveUp = row.state === 'queued' && row.errors + 1 >= MAX_STEP_ERRORS;
    const settled = await store(row, {
      errors: row.errors + 1,
      not_before: nowMs() + delayMs,
      ...(giveUp
        ? { state: 'failed', error_code: 'INTERNAL', error_message: errorTraits('INTERNAL').text }
        : {}),
    });
    if (settled?.state === 'failed') announce(settled);
  }

  async function loop(): Promise<void> {
    while (!stopping) {
      let row: Submission | undefined;
      try {
        row = await nextSubmission(db, nowMs());
        if (row) await advance(row);
        else if (!woken) await sleep(IDLE_DELAY_MS);
        woken = false;
      } catch (error) {
        if (stopping) return;
        const outage = error instanceof LatchkeyError && error.code === 'NETWORK_UNAVAILABLE';
        if (outage || !row) log.warn({ err: error }, 'the queue is waiting for the network');
        else
          await putOff(row, error).catch((cause: unknown) => log.error({ err: cause }, 'the queue is stuck'));
        await sleep(OUTAGE_DELAY_MS);
      }
    }
  }

  return {
    async enqueue(trx, submission) {
      const load = await submissionLoad(trx, submission.accountId, nowMs() - DAY_MS);
      if (load.waiting >= MAX_WAITING) throw new LatchkeyError('RATE_LIMITED', { message: BUSY });
      if (load.ofAccount >= MAX_PER_ACCOUNT_AND_DAY)
        throw new LatchkeyError('RATE_LIMITED', { message: SPENT });
      return insertSubmission(trx, submission, nowMs());
    },
    wake() {
      woken = true;
      wakeUp?.();
    },
    async settled(id, timeoutMs) {
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const waiting = waiters.get(id) ?? new Set();
        waiters.set(id, waiting.add(resolve));
        try {
          const row = await submissionById(db, id);
          if (!row) throw new Error(`no submission ${id}`);
          const left = deadline - performance.now();
          if (row.state === 'confirmed' || row.state === 'failed' || left <= 0) return row;
          // Another process may be the one that settles it: look again from time to time.
          const timer = setTimeout(resolve, Math.min(left, LOOK_AGAIN_MS));
          await promise;
          clearTimeout(timer);
        } finally {
          waiting.delete(resolve);
          if (waiting.size === 0) waiters.delete(id);
        }
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
