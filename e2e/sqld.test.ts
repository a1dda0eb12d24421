// The database by network (TURSO_DATABASE_URL) on the real sqld, and with a local replica (TURSO_LOCAL_URL): what every
// database must do, and what a replica adds.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accountById, insertAccount } from '../server/src/db/accounts.ts';
import { challengeSuite } from '../server/src/db/challenges.suite.ts';
import { type Database, openDatabase } from '../server/src/db/database.ts';
import { databaseSuite } from '../server/src/db/db.suite.ts';
import { isDatabaseAway, isUniqueViolation } from '../server/src/db/refusals.ts';
import { submissionSuite } from '../server/src/db/submissions.suite.ts';
import { ingestSuite } from '../server/src/indexer/ingest.suite.ts';
import { INSTALL_COMMAND, isInstalled, sqld } from './clients/tools.ts';
import { type SqldServer, startSqld } from './sqldServer.ts';

const isMissing = !isInstalled(sqld);
const title = isMissing ? `sqld (brought by ${INSTALL_COMMAND})` : 'sqld';

describe.skipIf(isMissing && !process.env.CI)(title, () => {
  let server: SqldServer;
  let folder: string;

  beforeEach(async () => {
    server = await startSqld();
    folder = await mkdtemp(join(tmpdir(), 'latchkey-replica-'));
  });
  afterEach(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const settings = () => ({ url: server.url, authToken: server.authToken });
  const replica = (name = 'replica') => ({
    ...settings(),
    replicaUrl: pathToFileURL(join(folder, `${name}.db`)).href,
  });
  const alone = (db: Database) => ({ one: db, other: db, close: () => db.destroy() });

  databaseSuite('by network', async () => alone(await openDatabase(settings())));
  challengeSuite('challenges by network', () => openDatabase(settings()));
  submissionSuite('submissions by network', () => openDatabase(settings()));
  describe('the indexer by network', () => ingestSuite(() => openDatabase(settings())));

  databaseSuite('with a replica', async () => alone(await openDatabase(replica())));

  const ana = { id: 'account', email: 'ana@example.org' };

  it('is not opened without its token', async () => {
    await expect(openDatabase({ url: server.url, authToken: 'another' })).rejects.toThrow();
    await expect(openDatabase(server.url)).rejects.toThrow();
  });

  it('that is down is known to be away, with a replica and without, and what the replica has is read', async () => {
    for (const hasReplica of [false, true]) {
      const where = hasReplica ? replica() : settings();
      const db = await openDatabase(where);
      await insertAccount(
        db,
        { ...ana, id: `of ${where.url}`, email: `${crypto.randomUUID()}@example.org` },
        42,
      );
      const running = server;
      await running.stop();
      const refused = await insertAccount(db, { ...ana, id: 'b' }, 42).catch((error: unknown) => error);
      expect(isDatabaseAway(refused)).toBe(true);
      expect(isUniqueViolation(refused)).toBe(false);
      if (hasReplica) expect(await accountById(db, `of ${where.url}`)).toBeDefined();
      await db.destroy();
      server = await startSqld();
    }
  });

  it('has what was written through a replica, and a new replica has it too', async () => {
    const first = await openDatabase(replica('first'));
    await insertAccount(first, ana, 42);
    expect(await accountById(first, ana.id)).toMatchObject(ana);
    await first.destroy();
    for (const where of [settings(), replica('second'), replica('first')]) {
      const again = await openDatabase(where);
      expect(await accountById(again, ana.id)).toMatchObject(ana);
      await again.destroy();
    }
  });

  it('lets a replica see within two seconds what another server wrote', async () => {
    const reading = await openDatabase(replica());
    const writing = await openDatabase(settings());
    await insertAccount(writing, ana, 42);
    await expect.poll(() => accountById(reading, ana.id), { timeout: 2_000 }).toMatchObject(ana);
    await writing.destroy();
    await reading.destroy();
  });
});
