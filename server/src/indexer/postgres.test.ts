import { afterAll, beforeAll } from 'vitest';
import { openDatabase } from '../db/database.ts';
import { describeWith } from '../testing/describeWith.ts';
import { missingPostgres, type PostgresServer, startPostgres } from '../testing/postgresServer.ts';
import { applySuite } from './apply.suite.ts';
import { ingestSuite } from './ingest.suite.ts';
import { lookupsSuite } from './lookups.suite.ts';

describeWith(missingPostgres)('the indexer on PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());

  const openNew = async () => openDatabase(await server.createDatabase());
  applySuite(openNew);
  ingestSuite(openNew);
  lookupsSuite(openNew);
});
