// What a database refused, in one vocabulary: the drivers of libSQL and PostgreSQL tell it by different codes. What is not
// recognised here is none of these, so that a new kind of failure is never taken for one that waiting mends.

/** SQLSTATE 23505. */
const POSTGRES_UNIQUE_VIOLATION = '23505';
/** character_not_in_repertoire: NUL, which libSQL stores and PostgreSQL does not. */
const POSTGRES_BAD_CHARACTER = '22021';
/** Extended result codes 1555 and 2067, and 5, as a replica passes on what its primary said. */
const REPLICA_UNIQUE_VIOLATION = /^RemoteSqliteFailure\(\d+, (1555|2067),/;
const REPLICA_BUSY = /^RemoteSqliteFailure\(\d+, 5,/;
/** Of a replica whose primary does not answer. */
const PRIMARY_AWAY = /^WriteDelegation\(status: (Unavailable|DeadlineExceeded|Cancelled)/;
const LIBSQL_UNIQUE_VIOLATIONS = ['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY'];

/** Whether another row has this key already. On PostgreSQL the transaction in which it happened is lost. */
export function isUniqueViolation(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, extendedCode, message } = error as Error & { code?: string; extendedCode?: string };
  return (
    code === POSTGRES_UNIQUE_VIOLATION ||
    LIBSQL_UNIQUE_VIOLATIONS.includes(extendedCode ?? '') ||
    LIBSQL_UNIQUE_VIOLATIONS.includes(code ?? '') ||
    // Over the network libSQL gives only the general code, with the kind in its text.
    (code === 'SQLITE_CONSTRAINT' && /UNIQUE constraint failed/.test(message)) ||
    REPLICA_UNIQUE_VIOLATION.test(message)
  );
}

/** Whether a value holds a character that this database cannot store, and therefore no row has it. */
export function isUnstorableText(error: unknown): boolean {
  return error instanceof Error && (error as Error & { code?: string }).code === POSTGRES_BAD_CHARACTER;
}

/** Classes of SQLSTATE: connection exception, insufficient resources, operator intervention; then two timeouts. */
const POSTGRES_AWAY = /^(08|53|57)|^25P0[34]$/;
const SOCKET_AWAY = /^(ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/;
const FETCH_AWAY = /^(ECONN|ENOTFOUND|EAI_AGAIN|EPIPE|ETIMEDOUT|UND_ERR_)/;
/** What node-postgres says without a code. */
const CLIENT_AWAY = /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered)/;

/** Whether the database could not be reached or was busy, so that the same may succeed later. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code = '', message, cause } = error as Error & { code?: string };
  // libSQL by network speaks HTTP, whose client tells of a broken connection by a cause.
  const { code: causeCode = '' } = (cause ?? {}) as { code?: string };
  return (
    POSTGRES_AWAY.test(code) ||
    SOCKET_AWAY.test(code) ||
    (message === 'fetch failed' && FETCH_AWAY.test(causeCode)) ||
    code === 'SQLITE_BUSY' ||
    REPLICA_BUSY.test(message) ||
    PRIMARY_AWAY.test(message) ||
    (code === '' && CLIENT_AWAY.test(message))
  );
}
