import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe } from 'vitest';
import { openDatabase } from '../db/database.ts';
import { applySuite } from './apply.suite.ts';
import { ingestSuite } from './ingest.suite.ts';
import { lookupsSuite } from './lookups.suite.ts';

describe('the indexer on libSQL', () => {
  let dir: string;
  let opened = 0;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'latchkey-indexer-'));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  const openNew = () => openDatabase(pathToFileURL(join(dir, `${opened++}.db`)).href);
  applySuite(openNew);
  ingestSuite(openNew);
  lookupsSuite(openNew);
});
