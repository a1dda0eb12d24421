// A libSQL server for tests: version 2 of the Hrana protocol over HTTP, as sqld and Turso speak it, before a SQLite file
// of Node's own. It stands in for sqld where that does not run or is not installed: it proves that our statements, values
// and transactions survive the network. sqld itself and replicas are tested in e2e/sqld.test.ts.

import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { type RunningProgram, temporaryFolder } from './program.ts';

type Value = { type: string; value?: string | number; base64?: string };
type Statement = { sql?: string; sql_id?: number; args?: Value[]; want_rows?: boolean };
type Condition = { type: string; step?: number; cond?: Condition; conds?: Condition[] };
type Step = { stmt: Statement; condition?: Condition };
type Request = { type: string; stmt?: Statement; batch?: { steps: Step[] }; sql?: string; sql_id?: number };
/** One connection, and the texts that its client sends once and names by number afterwards. */
type Stream = { db: DatabaseSync; texts: Map<number, string> };

function read(value: Value): SQLInputValue {
  if (value.type === 'null') return null;
  if (value.type === 'integer') return BigInt(value.value!);
  if (value.type === 'blob') return Buffer.from(value.base64!, 'base64');
  return value.value!;
}

function written(value: unknown): Value {
  if (value === null) return { type: 'null' };
  if (typeof value === 'bigint') return { type: 'integer', value: String(value) };
  if (typeof value === 'number') return { type: 'float', value };
  if (value instanceof Uint8Array) return { type: 'blob', base64: Buffer.from(value).toString('base64') };
  return { type: 'text', value: String(value) };
}

function execute({ db, texts }: Stream, { sql, sql_id, args = [] }: Statement) {
  const statement = db.prepare(sql ?? texts.get(sql_id!)!);
  statement.setReadBigInts(true);
  const columns = statement.columns();
  const values = args.map(read);
  if (columns.length > 0) {
    const rows = statement.all(...values).map((row) => Object.values(row).map(written));
    return { cols: columns.map(({ name }) => ({ name })), rows, affected_row_count: 0 };
  }
  const { changes } = statement.run(...values);
  return { cols: [], rows: [], affected_row_count: Number(changes) };
}

/** SQLite's extended codes of a refused constraint end in 19; Hrana names only the family. */
function problem(error: unknown) {
  const { message, errcode } = error as Error & { errcode?: number };
  const code = ((errcode ?? 1) & 0xff) === 19 ? 'SQLITE_CONSTRAINT' : 'SQLITE_ERROR';
  return { message: `SQLite error: ${message}`, code };
}

function runBatch(stream: Stream, steps: Step[]) {
  const results: unknown[] = [];
  const errors: unknown[] = [];
  const holds = (it: Condition | undefined): boolean => {
    if (!it) return true;
    if (it.type === 'ok') return results[it.step!] !== null && errors[it.step!] === null;
    if (it.type === 'error') return errors[it.step!] !== null;
    if (it.type === 'not') return !holds(it.cond);
    if (it.type === 'and') return it.conds!.every(holds);
    if (it.type === 'or') return it.conds!.some(holds);
    return !stream.db.isTransaction;
  };
  for (const { stmt, condition } of steps) {
    let [result, error]: [unknown, unknown] = [null, null];
    try {
      if (holds(condition)) result = execute(stream, stmt);
    } catch (thrown) {
      error = problem(thrown);
    }
    results.push(result);
    errors.push(error);
  }
  return { step_results: results, step_errors: errors };
}

async function bodyOf(request: IncomingMessage) {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return JSON.parse(Buffer.concat(parts).toString()) as { baton?: string; requests: Request[] };
}

/** @param authToken what clients have to show */
export async function startLibsqlServer(authToken: string): Promise<RunningProgram> {
  const folder = await temporaryFolder('libsql');
  const streams = new Map<string, Stream>();
  const open = (): Stream => {
    const db = new DatabaseSync(join(folder, 'libsql.db'), { timeout: 0 });
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF');
    return { db, texts: new Map() };
  };

  function handle(stream: Stream, request: Request): { type: string; [key: string]: unknown } {
    switch (request.type) {
      case 'execute':
        return { type: 'execute', result: execute(stream, request.stmt!) };
      case 'batch':
        return { type: 'batch', result: runBatch(stream, request.batch!.steps) };
      case 'sequence':
        stream.db.exec(request.sql ?? stream.texts.get(request.sql_id!)!);
        return { type: 'sequence' };
      case 'store_sql':
        stream.texts.set(request.sql_id!, request.sql!);
        return { type: 'store_sql' };
      case 'close_sql':
        stream.texts.delete(request.sql_id!);
        return { type: 'close_sql' };
      case 'close':
        return { type: 'close' };
      default:
        throw new Error(`${request.type} is not served`);
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers.authorization !== `Bearer ${authToken}`) {
      response.writeHead(401).end(JSON.stringify({ message: 'unauthorised', code: 'AUTH' }));
      return;
    }
    if (request.url !== '/v2/pipeline') {
      response.writeHead(404).end();
      return;
    }
    const { baton, requests } = await bodyOf(request);
    const name = baton ?? crypto.randomUUID();
    const stream = streams.get(name) ?? open();
    streams.set(name, stream);
    const results = requests.map((it) => {
      try {
        return { type: 'ok', response: handle(stream, it) };
      } catch (thrown) {
        return { type: 'error', error: problem(thrown) };
      }
    });
    const isClosed = requests.some(({ type }) => type === 'close');
    if (isClosed) {
      stream.db.close();
      streams.delete(name);
    }
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ baton: isClosed ? null : name, base_url: null, results }));
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      for (const { db } of streams.values()) db.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
