// A real PostgreSQL for tests: a cluster of its own on a socket in a temporary folder, gone when it is stopped. It does
// not wait for the disk, so what it says about crashes of the machine means nothing; all else is as in production.
import { join } from 'node:path';
import pg from 'pg';
import { findProgram, type RunningProgram, runProgram, startProgram, temporaryFolder } from './program.ts';

const initdb = findProgram('initdb');
const postgres = findProgram('postgres');

/** What to do about it where this machine has no PostgreSQL, else null. */
export const missingPostgres =
  initdb && postgres
    ? null
    : 'tests on PostgreSQL need its server programs: apt-get install postgresql, or put initdb and postgres on the PATH';

export type PostgresServer = RunningProgram & {
  /** The URL of a new, empty database. */
  createDatabase(): Promise<string>;
  /** Ends every connection that is open to its databases, as an administrator would. */
  dropConnections(): Promise<void>;
};

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

export async function startPostgres(): Promise<PostgresServer> {
  const folder = await temporaryFolder('postgres');
  const data = join(folder, 'data');
  await runProgram(
    initdb!,
    ['-D', data, '-U', 'latchkey', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
    folder,
  );
  const urlOf = (name: string) =>
    `postgres://latchkey@localhost/${name}?host=${encodeURIComponent(folder)}&port=5432`;
  const url = urlOf('postgres');
  const settings = [
    'listen_addresses=',
    `unix_socket_directories=${folder}`,
    'fsync=off',
    'max_connections=100',
  ];
  const server = await startProgram(
    postgres!,
    ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
    {
      folder,
      url,
      isReady: () =>
        run(url, 'select 1').then(
          () => true,
          () => false,
        ),
    },
  );
  let databases = 0;
  return {
    ...server,
    async createDatabase() {
      const name = `test${++databases}`;
      await run(url, `create database ${name}`);
      return urlOf(name);
    },
    dropConnections: () =>
      run(url, `select pg_terminate_backend(pid) from pg_stat_activity where datname like 'test%'`),
  };
}
