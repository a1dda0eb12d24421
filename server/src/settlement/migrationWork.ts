// Moves migrations on: looks at the ledger, decides the next step (migrationSteps.ts), and stores it together with the
// submission that it takes, so that a crash anywhere leaves one or neither of both. Several processes may think out the same
// step; the version in the row lets one of them store it. Nothing is sent from here.
import { randomUUID } from 'node:crypto';
import { LatchkeyError } from '@latchkey/sdk/api';
import { tokenCalls } from '@latchkey/sdk/chain';
import type { Logger } from 'pino';
import type { Database, Db } from '../db/database.ts';
import { purgeDeleted } from '../db/purge.ts';
import { recordAudit } from '../db/settlementAudit.ts';
import {
  DUE_STATES,
  dueMigrations,
  type Migration,
  type MigrationChange,
  migrationById,
  updateMigration,
} from '../db/settlementMigrations.ts';
import { eraseSeed, wasShown } from '../db/settlementUpgrades.ts';
import { type Submission, type SubmissionWork, submissionById } from '../db/submissions.ts';
import { lockSettlement, pendingWithdrawals } from '../db/withdrawals.ts';
import { authorizeAsAccount } from './accountAuthorization.ts';
import { closingOperations, type ManagedAccount, readManagedAccount } from './managedAccount.ts';
import type { ManagedSeeds } from './managedSeed.ts';
import { hasMoved, movedBy, moveMirror } from './migrationEffects.ts';
import { recordState, recordStop } from './migrationRecord.ts';
import { returnAgain } from './migrationReturn.ts';
import { type NextStep, nextStep } from './migrationSteps.ts';
import { lookForNonce } from './migrationTransfer.ts';
import type { SettlementNetwork, SettlementNetworks } from './network.ts';

const AT_ONCE = 100;
/** Steps of one migration that need no submission, one right after the other. */
const MAX_STEPS_IN_A_ROW = 4;
/** The sponsor's signature of a return is good for about a day: within it, the same one is tried again. */
const RETURN_LEDGERS = 17_280;
/** How much later an account has to be gone still, where the network forgot how its close ended. */
const SECOND_LOOK_LEDGERS = 12;
const noError = { error_code: null, error_message: null } as const;

/** What an owner is told, and may ask to be tried again, instead of a line in the log only. */
const TOLD = [
  'NETWORK_UNAVAILABLE',
  'RATE_LIMITED',
  'KEK_VERSION_MISSING',
  'SEALED_SEED_DAMAGED',
  'SEED_GONE',
];

type Context = {
  migration: Migration;
  network: SettlementNetwork;
  account: ManagedAccount;
  close: Submission | null;
};
type Submitted = {
  kind: 'migrate-settlement' | 'close-settlement' | 'return-settlement';
  work: SubmissionWork;
  change: MigrationChange;
};

export function createMigrationWork(deps: {
  db: Database;
  networks: SettlementNetworks;
  seeds: Pick<ManagedSeeds, 'openManagedSeed'>;
  nowMs: () => number;
  log: Logger;
}): { advanceMigrations(): Promise<void> } {
  const { db, networks, seeds, nowMs, log } = deps;
  /** whether the database may still hold traces of a seed that was deleted, by a process before this one too */
  let isPurgeDue = true;

  /** Those that were asked for before the owner agreed come first: what is moved is what they leave. */
  async function hasWithdrawals(on: Db, { account_id, network }: Migration): Promise<boolean> {
    return (await pendingWithdrawals(on, account_id, network)) > 0;
  }

  /** Stores a change of the row with what belongs to it; nothing when somebody else was faster. */
  async function store(
    seen: Migration,
    change: MigrationChange,
    act: (trx: Db, changed: Migration) => Promise<void> = async () => {},
  ): Promise<boolean> {
    return db.transaction().execute(async (trx) => {
      if (seen.state === 'confirmed' && change.state) {
        // Withdrawals hold the same row while they look whether they still may (withdraw.ts).
        await lockSettlement(trx, seen.account_id, seen.network);
        if (await hasWithdrawals(trx, seen)) return false;
      }
      const changed = await updateMigration(trx, seen, { ...noError, ...change }, nowMs());
      if (!changed) return false;
      await act(trx, changed);
      if (changed.state !== seen.state) await recordState(trx, changed, nowMs());
      return true;
    });
  }

  async function submit({ migration, network }: Context, { kind, work, change }: Submitted): Promise<void> {
    const id = randomUUID();
    const closing = kind === 'close-settlement' ? { close_submission_id: id } : {};
    const stored = await store(migration, { ...change, ...closing, submission_id: id }, async (trx) => {
      await network.relayer.enqueue(trx, { id, kind, accountId: migration.account_id, ...work });
    });
    if (stored) network.relayer.wake();
  }

  async function stop(seen: Migration, code: string, message: string): Promise<void> {
    if (seen.error_code === code) return;
    await store(seen, { error_code: code, error_message: message }, (trx, changed) =>
      recordStop(trx, changed, nowMs()),
    );
  }

  async function transfer(context: Context, step: NextStep & { what: 'transfer' }): Promise<void> {
    const { migration, network } = context;
    const { from_address: from, to_address: to, account_id: accountId } = migration;
    const token = step.asset === 'usdc' ? network.usdc.contractId : network.nativeTokenId;
    const call = tokenCalls.transfer(token, from, to, step.amount);
    const whose = { accountId, network: migration.network };
    const work = await authorizeAsAccount(network, from, call, (payload) =>
      seeds.openManagedSeed(db, whose, 'migration', (keypair) => keypair.sign(Buffer.from(payload))),
    );
    const isAnotherPayment = migration.state === 'transferred' && step.asset === 'usdc';
    const round = isAnotherPayment ? migration.round + 1 : migration.round;
    await submit(context, { kind: 'migrate-settlement', work, change: { state: 'transferring', round } });
  }

  async function giveBack(context: Context, stroops: bigint): Promise<void> {
    const { migration, network } = context;
    const { sponsor, nativeTokenId } = network;
    const call = tokenCalls.transfer(nativeTokenId, sponsor.address, migration.to_address, stroops);
    const sign = sponsor.signAuthorization;
    const work = await authorizeAsAccount(network, sponsor.address, call, sign, RETURN_LEDGERS);
    await submit(context, { kind: 'return-settlement', work, change: {} });
  }

  /** After a return that failed. */
  async function giveBackAgain(context: Context, stroops: bigint, before: Submission): Promise<void> {
    const { migration, network } = context;
    const again = await returnAgain(network.rpc, before, await wasShown(db, before));
    if (again.what === 'anew') return giveBack(context, stroops);
    if (again.what === 'same') {
      return submit(context, { kind: 'return-settlement', work: again.work, change: {} });
    }
    const moved = BigInt(migration.moved_native_stroops) + (again.what === 'paid' ? stroops : 0n);
    const change = { submission_id: null, moved_native_stroops: String(moved) };
    await store(migration, change, async (trx, it) => {
      if (again.what === 'unknown') await recordUnknown(trx, it, before, stroops);
    });
  }

  /** For the operator: the sponsor's history tells what came of it, and nothing is paid twice. */
  async function recordUnknown(
    trx: Db,
    migration: Migration,
    submission: Submission | null,
    stroops: bigint | null,
  ): Promise<void> {
    const detail = {
      migrationId: migration.id,
      hash: submission?.hash ?? null,
      stroops: stroops === null ? null : String(stroops),
    };
    await recordAudit(trx, migration.account_id, 'migration.return-unknown', detail, nowMs());
  }

  async function perform(context: Context, step: NextStep): Promise<void> {
    const { migration, network, account, close } = context;
    switch (step.what) {
      case 'wait':
        return;
      case 'move-mirror':
        await store(migration, { state: 'transferred' }, (trx, it) => moveMirror(trx, it, nowMs()));
        return;
      case 'transfer':
        return transfer(context, step);
      case 'close': {
        const operationsXdr = closingOperations(migration.from_address, network, account);
        const change = { state: 'closing' } as const;
        return submit(context, { kind: 'close-settlement', work: { operationsXdr }, change });
      }
      case 'note-closed':
        if (close?.state === 'confirmed') {
          await store(migration, { state: 'closed', submission_id: close.id });
          return;
        }
        // Believed once a later ledger shows the same.
        await store(
          migration,
          { state: 'closed', submission_id: null, seen_ledger: account.asOfLedger + SECOND_LOOK_LEDGERS },
          (trx, it) => recordUnknown(trx, it, close, null),
        );
        return;
      case 'reopen':
        await store(migration, {
          state: 'transferred',
          round: migration.round + 1,
          submission_id: null,
          close_submission_id: null,
          seen_ledger: Math.max(migration.seen_ledger, account.asOfLedger),
        });
        return;
      case 'return':
        return step.before
          ? giveBackAgain(context, step.stroops, step.before)
          : giveBack(context, step.stroops);
      case 'finish':
        // From here on nobody can sign for the account, which is no more.
        isPurgeDue = true;
        await store(migration, { state: 'done' }, (trx, it) => eraseSeed(trx, it, nowMs()));
        return;
      case 'stop':
        return stop(migration, step.code, step.message);
    }
  }

  async function advance(migration: Migration): Promise<void> {
    if (migration.state === 'confirmed' && (await hasWithdrawals(db, migration))) return;
    if (!DUE_STATES.includes(migration.state)) return takeUp(migration);
    const network = networks.of(migration.network);
    await network.confirmNetwork();
    const last = await submissionOf(migration.submission_id);
    const close = await submissionOf(migration.close_submission_id);
    if (last && (await wasOvertaken(network, migration, last))) return;
    const account = await readManagedAccount(network.rpc, migration.from_address, network.usdc);
    const tokens = { usdc: network.usdc.contractId, native: network.nativeTokenId };
    const step = nextStep({ migration, last, close, account, tokens, nowMs: nowMs() });
    await perform({ migration, network, account, close }, step);
  }

  /** Takes note of a transfer that failed because somebody else had carried out what was signed. */
  async function wasOvertaken(
    network: SettlementNetwork,
    migration: Migration,
    last: Submission,
  ): Promise<boolean> {
    const mayBe = last.kind === 'migrate-settlement' && last.state === 'failed' && last.attempts > 0;
    if (!mayBe || !(await lookForNonce(network.rpc, last)).isUsed) return false;
    const moved = movedBy(last, migration, network.nativeTokenId);
    await store(migration, { state: 'transferred', submission_id: null, ...moved }, (trx, it) =>
      moveMirror(trx, it, nowMs()),
    );
    return true;
  }

  /** A step without a submission on its way: what became of it is looked for on the ledger. */
  async function takeUp(migration: Migration): Promise<void> {
    const state = (await hasMoved(db, migration)) ? 'transferred' : 'confirmed';
    await store(migration, { state });
  }

  async function submissionOf(id: string | null): Promise<Submission | null> {
    return id === null ? null : ((await submissionById(db, id)) ?? null);
  }

  /** As far as it goes without waiting for the network. */
  async function advanceFar(first: Migration): Promise<void> {
    let migration: Migration | undefined = first;
    for (let i = 0; migration && i < MAX_STEPS_IN_A_ROW; i++) {
      await advanceOrTell(migration);
      const { version }: Migration = migration;
      migration = await migrationById(db, migration.id);
      const isDue = migration && DUE_STATES.includes(migration.state) && migration.not_before <= nowMs();
      if (!isDue || migration?.version === version || migration?.error_code) return;
    }
  }

  async function advanceOrTell(migration: Migration): Promise<void> {
    try {
      await advance(migration);
    } catch (error) {
      if (!(error instanceof LatchkeyError)) throw error;
      log.warn({ err: error, migration: migration.id }, 'a migration could not be moved on');
      if (error.code === 'SIMULATION_FAILED') await stop(migration, 'TRANSACTION_FAILED', error.message);
      else if (TOLD.includes(error.code)) await stop(migration, error.code, error.message);
    }
  }

  async function purge(): Promise<void> {
    if (isPurgeDue) isPurgeDue = !(await purgeDeleted(db));
  }

  return {
    async advanceMigrations() {
      const names = networks.all.map((it) => it.name);
      let after = '';
      for (let page: Migration[]; ; after = page.at(-1)!.id) {
        page = await dueMigrations(db, names, nowMs(), after, AT_ONCE);
        for (const migration of page) {
          await advanceFar(migration).catch((error: unknown) =>
            log.warn({ err: error, migration: migration.id }, 'a migration comes up again'),
          );
        }
        if (page.length < AT_ONCE) break;
      }
      await purge();
    },
  };
}
