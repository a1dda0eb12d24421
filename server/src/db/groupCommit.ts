// Changes that arrive while others are being committed, in one transaction together: on libSQL each commit waits for the
// disk, and nothing else happens meanwhile. Whoever asked is told after the commit. A change that fails undoes the
// transaction for all, and each is then made again in one of its own, so a change may run twice and has to look only at
// the transaction it is given. PostgreSQL gathers commits itself, and there each change has its own transaction.
import { isPostgres } from './claim.ts';
import type { Database, Db } from './database.ts';
import { isDatabaseAway } from './refusals.ts';

/** What waits at a time is bounded by who asks: lanes of the relayer and requests that are being answered. */
const MAX_PER_COMMIT = 64;

export type Commit = <T>(change: (trx: Db) => Promise<T>) => Promise<T>;

type Waiting = {
  change: (trx: Db) => Promise<unknown>;
  resolve: (result: never) => void;
  reject: (error: unknown) => void;
};

export function createGroupCommit(db: Database): Commit {
  if (isPostgres(db)) return (change) => db.transaction().execute(change);
  const waiting: Waiting[] = [];
  let isCommitting = false;

  async function commit(group: Waiting[]): Promise<void> {
    try {
      const results = await db.transaction().execute(async (trx) => {
        const made: unknown[] = [];
        for (const { change } of group) made.push(await change(trx));
        return made;
      });
      for (const [index, { resolve }] of group.entries()) resolve(results[index] as never);
    } catch (error) {
      // After a lost connection nobody knows whether it was committed: the rows will say.
      if (group.length === 1 || isDatabaseAway(error)) for (const { reject } of group) reject(error);
      else for (const each of group) await commit([each]);
    }
  }

  async function commitAll(): Promise<void> {
    isCommitting = true;
    while (waiting.length > 0) {
      // What is asked for in the same turn goes along.
      await new Promise((resolve) => setImmediate(resolve));
      await commit(waiting.splice(0, MAX_PER_COMMIT));
    }
    isCommitting = false;
  }

  return (change) =>
    new Promise((resolve, reject) => {
      waiting.push({ change, resolve, reject });
      if (!isCommitting) void commitAll();
    });
}
