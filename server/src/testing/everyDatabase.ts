// Runs a suite on each database that the server supports: libSQL in memory, and a real PostgreSQL where the machine has it.
import { afterAll, beforeAll, describe } from 'vitest';
import { type Database, openDatabase } from '../db/database.ts';
import { describeWith } from './describeWith.ts';
import { missingPostgres, type PostgresServer, startPostgres } from './postgresServer.ts';

/** @param suite is given the way to a fresh, empty database, which it closes itself */
export function onEveryDatabase(suite: (open: () => Promise<Database>) => void): void {
  describe('on libSQL', () => suite(() => openDatabase(':memory:')));

  describeWith(missingPostgres)('on PostgreSQL', () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres();
    });
    afterAll(() => server?.stop());
    suite(async () => openDatabase(await server.createDatabase()));
  });
}
