// A server process as its database and its node see it, which can be made to die, or to be told nonsense, at any of its
// steps: each statement, commit and request is one step. Dead means dead: nothing it does afterwards has an effect, and an
// open transaction is undone, as the database does for a process that was killed.

import { LatchkeyError } from '@latchkey/sdk/api';
import type { Rpc } from '@latchkey/sdk/chain';
import type { Client, InStatement, Transaction } from '@libsql/client';

export type StepKind = 'statement' | 'commit' | 'request';
export type Fault =
  | 'die-before'
  | 'die-after'
  /** an error, and nothing was done */
  | 'refuse'
  /** an error, although it was done */
  | 'lose-answer'
  | 'twice'
  /** a transaction is taken and never passed on, until its time is over */
  | 'swallow'
  /** ledger entries as they were when they were first asked for, or none, as of a ledger long ago */
  | 'stale'
  | 'empty'
  /** what a transaction has signed is carried out by somebody else first */
  | 'overtake';

/** What happens at the step with this number; requests come with their method. */
export type FaultPlan = (
  step: number,
  kind: StepKind,
  method: string | null,
) => Fault | null | Promise<Fault | null>;

export class Killed extends Error {
  override readonly name = 'Killed';
}

const busy = () => Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' });
const unreachable = () => new LatchkeyError('NETWORK_UNAVAILABLE');

export class MortalProcess {
  isDead = false;
  steps = 0;
  plan: FaultPlan = () => null;
  readonly death: Promise<void>;
  readonly #open = new Set<Transaction>();
  readonly #firstAnswers = new Map<string, unknown>();
  #announceDeath = () => {};

  constructor() {
    this.death = new Promise((resolve) => {
      this.#announceDeath = resolve;
    });
  }

  die(): void {
    if (this.isDead) return;
    this.isDead = true;
    for (const transaction of this.#open) transaction.close();
    this.#announceDeath();
  }

  #requireAlive(): void {
    if (this.isDead) throw new Killed();
  }

  async #step<T>(
    kind: StepKind,
    run: (fault: Fault | null) => Promise<T>,
    method: string | null = null,
    swallowed?: () => Promise<T>,
    old?: (how: 'stale' | 'empty') => Promise<T>,
  ): Promise<T> {
    this.#requireAlive();
    const fault = await this.plan(++this.steps, kind, method);
    const failure = kind === 'request' ? unreachable : busy;
    if (fault === 'die-before') this.die();
    this.#requireAlive();
    if (fault === 'refuse') throw failure();
    if (fault === 'swallow' && swallowed) return swallowed();
    if (old && (fault === 'stale' || fault === 'empty')) return old(fault);
    const result = await run(fault);
    if (fault === 'die-after') this.die();
    this.#requireAlive();
    if (fault === 'lose-answer' && kind !== 'statement') throw failure();
    return fault === 'twice' && kind === 'request' ? run(null) : result;
  }

  client(of: Client): Client {
    const transaction = async (mode: 'write'): Promise<Transaction> => {
      this.#requireAlive();
      const open = await of.transaction(mode);
      if (this.isDead) open.close();
      this.#requireAlive();
      this.#open.add(open);
      const wrapped = {
        execute: (statement: InStatement) => this.#step('statement', () => open.execute(statement)),
        commit: () => this.#step('commit', () => open.commit()),
        rollback: () => open.rollback(),
        close: () => {
          this.#open.delete(open);
          open.close();
        },
      };
      return wrapped as unknown as Transaction;
    };
    const execute = (statement: InStatement) => this.#step('statement', () => of.execute(statement));
    return { execute, transaction, close() {} } as unknown as Client;
  }

  /**
   * @param outlast lets the time pass in which what was sent could be included
   * @param overtake carries out what an envelope has signed, before it is sent
   */
  rpc(of: Rpc, outlast: () => void, overtake: (envelopeXdr: string) => Promise<void>): Rpc {
    return {
      url: of.url,
      call: (method, params) => {
        const swallowed = async () => {
          const latest = await of.call('getLatestLedger');
          outlast();
          return {
            status: 'PENDING',
            hash: '',
            latestLedger: latest.sequence,
            latestLedgerCloseTime: latest.closeTime,
          } as never;
        };
        const isOfEntries = method === 'getLedgerEntries';
        const asked = JSON.stringify(params);
        const ask = async (fault: Fault | null) => {
          if (fault === 'overtake' && method === 'sendTransaction')
            await overtake((params as { transaction: string }).transaction);
          const answer = await of.call(method, params);
          if (isOfEntries && !this.#firstAnswers.has(asked)) this.#firstAnswers.set(asked, answer);
          return answer;
        };
        const old = async (how: 'stale' | 'empty') => {
          const first = how === 'stale' && this.#firstAnswers.get(asked);
          return (first || { entries: [], latestLedger: 2 }) as never;
        };
        return this.#step(
          'request',
          ask,
          method,
          method === 'sendTransaction' ? swallowed : undefined,
          isOfEntries ? old : undefined,
        );
      },
    };
  }
}
