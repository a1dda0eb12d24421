// Kysely over PostgreSQL (node-postgres), with a bounded pool. Values read the same as on libSQL: bigint columns and counts
// come back as numbers, and one that a number cannot hold exactly is an error, never a rounded value. A server that
// vanished in the middle of a transaction stops blocking others after a while; a lost connection is replaced by the pool.
import { type Dialect, PostgresDialect } from 'kysely';
import pg from 'pg';

const MAX_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000;
/** PostgreSQL's number for bigint, which is the type of count(*) too. */
const BIGINT_OID = 20;

function exactNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('a stored integer is beyond 2^53');
  return value;
}

/**
 * @param work `queries` are bounded in time; `migration` is not, nor is waiting for another server's
 * @param onLostConnection told of connections that broke
 */
export function postgresDialect(
  url: string,
  work: 'queries' | 'migration',
  onLostConnection: (error: Error) => void,
): Dialect {
  const pool = new pg.Pool({
    connectionString: url,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: work === 'queries' ? STATEMENT_TIMEOUT_MS : false,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    // No statement here runs as long as compiling one takes; before tables are analysed, estimates say otherwise.
    onConnect: (client) => client.query('set jit = off'),
    types: {
      getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
        oid === BIGINT_OID && format !== 'binary'
          ? exactNumber
          : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
    },
  });
  // Without listeners such errors end the process: the pool's are for its idle connections, and a connection's own for
  // the time between two statements of a transaction.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', onLostConnection));
  return new PostgresDialect({ pool });
}
