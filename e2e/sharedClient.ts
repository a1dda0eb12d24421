// One in-memory libSQL database for several users at a time, who wait for each other instead of being refused: an open
// transaction has it for itself until it ends, however it ends.
import type { Client, InStatement, Transaction } from '@libsql/client';

export function sharedClient(client: Client): Client {
  let last: Promise<void> = Promise.resolve();

  /** @returns what lets the next one in */
  async function turn(): Promise<() => void> {
    const before = last;
    const { promise, resolve } = Promise.withResolvers<void>();
    last = promise;
    await before;
    return resolve;
  }

  return {
    async execute(statement: InStatement) {
      const done = await turn();
      try {
        return await client.execute(statement);
      } finally {
        done();
      }
    },
    async transaction(mode: 'write'): Promise<Transaction> {
      const done = await turn();
      const open = await client.transaction(mode);
      return {
        execute: (statement: InStatement) => open.execute(statement),
        commit: () => open.commit().finally(done),
        rollback: () => open.rollback().finally(done),
        close() {
          open.close();
          done();
        },
      } as unknown as Transaction;
    },
    close: () => client.close(),
  } as unknown as Client;
}
