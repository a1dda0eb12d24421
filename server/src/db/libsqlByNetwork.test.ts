import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startLibsqlServer } from '../testing/libsqlServer.ts';
import type { RunningProgram } from '../testing/program.ts';
import { accountById, insertAccount } from './accounts.ts';
import { challengeSuite } from './challenges.suite.ts';
import { openDatabase } from './database.ts';
import { databaseSuite } from './db.suite.ts';

const authToken = 'token';
let server: RunningProgram;

beforeEach(async () => {
  server = await startLibsqlServer(authToken);
});
afterEach(() => server.stop());

databaseSuite('libSQL by network', async () => {
  const db = await openDatabase({ url: server.url, authToken });
  return { one: db, other: db, close: () => db.destroy() };
});
challengeSuite('challenges on libSQL by network', () => openDatabase({ url: server.url, authToken }));

describe('libSQL by network', () => {
  it('has its rows again when it is opened again', async () => {
    const ana = { id: 'account', email: 'ana@example.org' };
    const first = await openDatabase({ url: server.url, authToken });
    await insertAccount(first, ana, 42);
    await first.destroy();
    const second = await openDatabase({ url: server.url, authToken });
    expect(await accountById(second, ana.id)).toMatchObject(ana);
    await second.destroy();
  });

  it('is not opened without its token', async () => {
    await expect(openDatabase({ url: server.url, authToken: 'another' })).rejects.toThrow();
    await expect(openDatabase(server.url)).rejects.toThrow();
  });

  it('that does not answer is not opened', async () => {
    await expect(openDatabase('http://127.0.0.1:9')).rejects.toThrow();
  });
});
