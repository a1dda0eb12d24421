// Works the queue: as many submissions at a time as there are channel accounts, because each account has one sequence
// number. Everything it knows is in the rows: killed anywhere and started again, it goes on from the state it finds, and
// several processes on one database share the work. What a settled submission means to its domain (a wallet becomes
// active, a signer is replaced) happens in the transaction that settles it, and so does giving its account back. Calls
// and operations of our own domains are believed to be what they should; strangers' come by intake.ts.
import { errorTraits, LatchkeyError } from '@latchkey/sdk/api';
import type { Logger } from 'pino';
import { type Channel, noteSequence, releaseChannel } from '../db/channels.ts';
import type { Database, Db } from '../db/database.ts';
import { type Commit, createGroupCommit } from '../db/groupCommit.ts';
import { isDatabaseAway } from '../db/refusals.ts';
import type { SettlementKind, WalletKind } from '../db/schema.ts';
import { type Claimed, claimQueued, claimSent, endClaims, renewClaims } from '../db/submissionClaims.ts';
import {
  insertSubmission,
  isCounted,
  ownWaiting,
  type Submission,
  type SubmissionWork,
  submissionById,
  submissionLoad,
  submissionState,
  updateSubmission,
} from '../db/submissions.ts';
import { type Chain, type Change, look, prepare, type Source, type Step, send } from './attempt.ts';
import { innerEnvelope } from './bids.ts';
import type { ChannelPool } from './channelPool.ts';
import { createLedgerClock } from './ledgerClock.ts';
import { readOperations, type SignaturesOf } from './operations.ts';

/** A look is due after this long even when no ledger was seen to close. */
const MAX_BETWEEN_LOOKS_MS = 2_500;
/** An envelope is sent again this often while it may still be included. */
const RESEND_EVERY_MS = 5_000;
const OUTAGE_DELAY_MS = 1_000;
const IDLE_DELAY_MS = 1_000;
/** How often who waits looks whether another process has settled it; the second where there should be none. */
const LOOK_AGAIN_MS = 500;
const LOOK_AGAIN_ALONE_MS = 2_000;
/** While there is work, what comes within this time is taken together. */
const GATHER_MS = 5;
/** How often it is asked what other processes left behind. */
const LOOK_FOR_SENT_MS = 1_000;
/** What a process has claimed is free for others this long after it was last heard of. */
const CLAIM_MS = 4_000;
const RENEW_EVERY_MS = 1_500;
/** Submissions that one process works on at a time, whatever the number of channel accounts. */
const MAX_AT_A_TIME = 256;
/** Unexpected errors of one submission before it is given up; an unreachable network does not count. */
const MAX_STEP_ERRORS = 8;
const LONGEST_BACKOFF_MS = 60_000;
const MAX_WAITING = 1_000;
const MAX_PER_ACCOUNT_AND_DAY = 500;
const DAY_MS = 86_400_000;
const BUSY = 'The service has too much to do at the moment. Try again in a minute.';
const SPENT = 'This account has used up the transactions that the service pays for in a day.';

/** A submission for a wallet or a merchant of this service. */
export type WalletSubmission = Submission & { account_id: string };
/** Runs in the transaction that settles the submission; throwing undoes both. */
export type Effect = (db: Db, settled: WalletSubmission) => Promise<void>;
export type WalletEffects = Record<WalletKind, Effect>;
export type SettlementEffects = Record<SettlementKind, Effect>;
/** Submissions by API key have none. */
export type Effects = WalletEffects & SettlementEffects;

/** A submission of one of our own domains, with the service's own limits. */
export type OwnSubmission = SubmissionWork & {
  id?: string;
  kind: WalletKind | SettlementKind;
  accountId: string;
};

export type Relayer = {
  /**
   * Puts a submission in the queue, in the caller's transaction; call `wake` after that has committed.
   * @throws TypeError for operations that the kind may not have
   * @throws LatchkeyError RATE_LIMITED when the queue is full or the account has asked for too much today
   */
  enqueue(db: Db, submission: OwnSubmission): Promise<string>;
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
  pool: ChannelPool;
  /** which rows are its own, as they name their network; the server's own if not given */
  network?: string;
  maxFeeStroops: bigint;
  /** no other process works on this database: what was claimed before is taken up at once */
  isAlone: boolean;
  /** shared with whoever else changes submissions here */
  commit?: Commit;
  effects: Effects;
  /** who signs operations, besides the channel account and the sponsor; nobody if not given */
  signaturesOf?: SignaturesOf;
  log: Logger;
  nowMs?: () => number;
  /** called after a submission has settled and its effects are stored */
  onSettled?: (row: Submission) => void;
  observe?: StepObserver;
}): Relayer {
  const { db, chain, pool, effects, log, network = '' } = deps;
  const nowMs = deps.nowMs ?? Date.now;
  const observe: StepObserver = deps.observe ?? (() => {});
  const maker = { nowMs, ...(deps.signaturesOf ? { signaturesOf: deps.signaturesOf } : {}) };
  const commit = deps.commit ?? createGroupCommit(db);
  const ledgers = createLedgerClock(chain.rpc);
  const waiters = new Map<string, Set<(settled: Submission | null) => void>>();
  const working = new Set<Promise<void>>();
  /** ids of what is being worked on: their claims are renewed together, because each commit waits for the disk */
  const claimed = new Set<string>();
  let running: Promise<void> | null = null;
  let stopping = false;
  let wakeUp: (() => void) | null = null;
  let woken = false;
  let lookedForSentAt = Number.NEGATIVE_INFINITY;

  const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

  /** Until there is something new to do, or for a while. */
  const idle = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  function wake(): void {
    woken = true;
    wakeUp?.();
  }

  /** The row as changed; null when another process has moved it on meanwhile, and nothing was changed. */
  async function store(row: Submission, change: Change): Promise<Submission | null> {
    const atMs = nowMs();
    const next = { ...row, ...change, updated_at: atMs };
    const isSettled = next.state === 'confirmed' || next.state === 'failed';
    const changed = await commit(async (trx) => {
      if (!(await updateSubmission(trx, row, change, atMs))) return false;
      if (row.channel && row.state === 'queued' && next.state === 'sent')
        await noteSequence(trx, row.id, innerEnvelope(next).tx.seqNum);
      if (row.channel && (isSettled || next.channel === null)) {
        const isIncluded = next.ledger !== null;
        await releaseChannel(trx, row.id, isIncluded || row.state === 'queued');
      }
      if (isSettled && row.kind !== 'call' && row.kind !== 'envelope' && row.account_id !== null)
        await effects[row.kind](trx, { ...next, account_id: row.account_id });
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
    for (const resolve of waiters.get(row.id) ?? []) resolve(row);
    deps.onSettled?.(row);
  }

  function sourceOf(channel: Channel): Source {
    const sequence = channel.sequence === null ? null : BigInt(channel.sequence);
    return { keypair: pool.keypair(channel), sequence };
  }

  /** Follows a `sent` row until it leaves that state; null when another process has moved it on. */
  async function follow(first: Submission, isNew: boolean): Promise<Submission | null> {
    let row = first;
    let isFirstSending = isNew;
    // What was never sent is looked for only afterwards.
    let mayBeFound = !isNew;
    let lastSentAt = Number.NEGATIVE_INFINITY;
    while (!stopping) {
      const ledger = ledgers.latest();
      let step: Step = mayBeFound ? await look(chain, row) : null;
      if (!step && nowMs() - lastSentAt >= RESEND_EVERY_MS) {
        step = await send(chain, row, isFirstSending);
        isFirstSending = false;
        mayBeFound = true;
        lastSentAt = nowMs();
        await observe('sent', row);
      }
      if (!step) {
        await ledgers.after(ledger, MAX_BETWEEN_LOOKS_MS);
        continue;
      }
      const stored = await store(row, step);
      if (stored?.state !== 'sent') return stored;
      // A new bid is sent at once.
      if (stored.envelope_xdr !== row.envelope_xdr) lastSentAt = Number.NEGATIVE_INFINITY;
      row = stored;
    }
    return null;
  }

  /** @returns whether it has settled */
  async function advance({ row, channel }: Claimed): Promise<boolean> {
    let current: Submission | null = row;
    const isNew = row.state === 'queued';
    if (current.state === 'queued') {
      const step = await prepare(chain, current, channel && sourceOf(channel), maker);
      if (!step) return false;
      if (step.bid_at_ledger) ledgers.note(step.bid_at_ledger);
      await observe('prepared', current);
      current = await store(current, step);
      if (!current) return false;
      await observe('stored', current);
    }
    if (current.state === 'sent') {
      current = await follow(current, isNew);
      if (!current) return false;
    }
    if (current.state !== 'confirmed' && current.state !== 'failed') return false;
    announce(current);
    await observe('settled', current);
    return true;
  }

  /** Works on a claimed row, whose claim is kept alive meanwhile, and gives it up at the end. */
  async function work(taken: Claimed): Promise<void> {
    const { row } = taken;
    claimed.add(row.id);
    let isSettled = false;
    try {
      isSettled = await advance(taken);
    } catch (error) {
      const isNetworkAway = error instanceof LatchkeyError && error.code === 'NETWORK_UNAVAILABLE';
      if (isNetworkAway || isDatabaseAway(error)) {
        log.warn(
          { err: error, submission: row.id },
          'a submission is waiting for the network or the database',
        );
        await pause(stopping ? 0 : OUTAGE_DELAY_MS);
      } else if (!stopping) {
        await putOff(row.id, error).catch((cause: unknown) =>
          log.error({ err: cause }, 'the queue is stuck'),
        );
      }
    } finally {
      claimed.delete(row.id);
      if (!isSettled) await renewClaims(db, [row.id], 0).catch(() => {});
    }
  }

  /** Lets others pass a submission whose step failed unexpectedly, and gives it up in the end if it was never sent. */
  async function putOff(id: string, error: unknown): Promise<void> {
    const row = await submissionById(db, id);
    if (row?.state !== 'queued' && row?.state !== 'sent') return;
    log.error({ err: error, submission: id, errors: row.errors + 1 }, 'a submission could not be advanced');
    const delayMs = Math.min(OUTAGE_DELAY_MS * 2 ** row.errors, LONGEST_BACKOFF_MS);
    const giveUp = row.state === 'queued' && row.errors + 1 >= MAX_STEP_ERRORS;
    const settled = await store(row, {
      errors: row.errors + 1,
      not_before: nowMs() + delayMs,
      ...(row.state === 'queued' ? { channel: null } : {}),
      ...(giveUp
        ? { state: 'failed', error_code: 'INTERNAL', error_message: errorTraits('INTERNAL').text }
        : {}),
    });
    if (settled?.state === 'failed') announce(settled);
  }

  /** Starts work on what there is to do. */
  async function takeMore(): Promise<void> {
    const free = MAX_AT_A_TIME - working.size;
    const atMs = nowMs();
    const taken: Claimed[] = [];
    if (atMs - lookedForSentAt >= LOOK_FOR_SENT_MS) {
      taken.push(...(await claimSent(db, free, atMs, atMs + CLAIM_MS, network)));
      lookedForSentAt = atMs;
    }
    const lanes = { free: free - taken.length, total: MAX_AT_A_TIME };
    if (lanes.free > 0) taken.push(...(await claimQueued(db, lanes, atMs, atMs + CLAIM_MS, network)));
    for (const it of taken) {
      const lane = work(it).finally(() => {
        working.delete(lane);
        wake();
      });
      working.add(lane);
    }
  }

  async function loop(): Promise<void> {
    let isReady = false;
    const renewing = setInterval(() => {
      renewClaims(db, [...claimed], nowMs() + CLAIM_MS).catch((error: unknown) =>
        log.warn({ err: error }, 'claims could not be renewed'),
      );
    }, RENEW_EVERY_MS);
    while (!stopping) {
      try {
        if (!isReady && deps.isAlone) await endClaims(db, network);
        if (!isReady) await pool.reconcile();
        isReady = true;
        woken = false;
        await takeMore();
        if (!woken && !stopping) await idle(IDLE_DELAY_MS);
        if (working.size > 0 && !stopping) await pause(GATHER_MS);
      } catch (error) {
        if (stopping) break;
        log.warn({ err: error }, 'the queue is waiting for the network or the database');
        await idle(OUTAGE_DELAY_MS);
      }
    }
    await Promise.all(working);
    clearInterval(renewing);
  }

  async function rowOf(id: string): Promise<Submission> {
    const row = await submissionById(db, id);
    if (!row) throw new Error(`no submission ${id}`);
    return row;
  }

  return {
    async enqueue(trx, submission) {
      if ('operationsXdr' in submission) readOperations(submission.kind, submission.operationsXdr);
      const load = await submissionLoad(trx, { accountId: submission.accountId }, nowMs() - DAY_MS);
      if ((await ownWaiting(trx)) >= MAX_WAITING) throw new LatchkeyError('RATE_LIMITED', { message: BUSY });
      if (isCounted(submission.kind) && load.ofOwner >= MAX_PER_ACCOUNT_AND_DAY)
        throw new LatchkeyError('RATE_LIMITED', { message: SPENT });
      const limits = { maxFeeStroops: deps.maxFeeStroops, mayRestore: true };
      return insertSubmission(trx, { ...submission, ...limits, network }, nowMs());
    },
    wake,
    async settled(id, timeoutMs) {
      const deadline = performance.now() + timeoutMs;
      const againMs = deps.isAlone ? LOOK_AGAIN_ALONE_MS : LOOK_AGAIN_MS;
      for (;;) {
        const { promise, resolve } = Promise.withResolvers<Submission | null>();
        const waiting = waiters.get(id) ?? new Set();
        waiters.set(id, waiting.add(resolve));
        try {
          const state = await submissionState(db, id);
          const left = deadline - performance.now();
          if ((state !== 'queued' && state !== 'sent') || left <= 0) return await rowOf(id);
          // Another process may be the one that settles it: look again from time to time.
          const timer = setTimeout(() => resolve(null), Math.min(left, againMs));
          const settled = await promise;
          clearTimeout(timer);
          if (settled) return settled;
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
      ledgers.wake();
      wakeUp?.();
      await running;
    },
  };
}
