// What is known of one wallet, and which wallets have a key: one statement for each, so that an answer is of one ledger.
// Both are built and compiled once: that takes longer than answering them. Rows below a wallet come as one JSON value,
// because each column of a result costs on libSQL.
import type { Compilable, Expression, ExpressionBuilder, RawBuilder } from 'kysely';
import { jsonArrayFrom as jsonOfPostgres } from 'kysely/helpers/postgres';
import { jsonArrayFrom as jsonOfSqlite } from 'kysely/helpers/sqlite';
import { isPostgres } from './claim.ts';
import type { Database } from './database.ts';
import type { IndexedSigner, IndexedWallet, PendingRecovery, WalletBalance } from './indexedWallets.ts';
import { CURSOR_ID } from './indexerCursor.ts';
import type { Tables } from './schema.ts';

export type KeyColumn = 'credential_id' | 'public_key' | 'address';

class Placeholder {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** Stands for a text that is known when the statement is run. */
const placeholder = (name: string) => new Placeholder(name) as unknown as string;

function compileOnce<V extends Record<string, string>, R>(
  db: Database,
  query: Compilable<R>,
): (values: V) => Promise<R[]> {
  const compiled = query.compile();
  const filled = (parameter: unknown, values: V) =>
    parameter instanceof Placeholder ? values[parameter.name] : parameter;
  return async (values) => {
    const parameters = compiled.parameters.map((parameter) => filled(parameter, values));
    return (await db.executeQuery<R>({ ...compiled, parameters })).rows;
  };
}

/** libSQL has JSON as text. */
type JsonRows<O> = string | O[];

const readRows = <O>(rows: JsonRows<O>): O[] => (typeof rows === 'string' ? (JSON.parse(rows) as O[]) : rows);

/** Rows of a subquery as one value. */
function rowsOf<O>(db: Database, query: Expression<O>): RawBuilder<JsonRows<O>> {
  const jsonOf = (isPostgres(db) ? jsonOfPostgres : jsonOfSqlite) as (
    query: Expression<O>,
  ) => RawBuilder<unknown>;
  return jsonOf(query).$castTo<JsonRows<O>>();
}

const nextLedger = (eb: ExpressionBuilder<Tables, 'indexed_wallets'>) =>
  eb.selectFrom('indexer_cursor').select('next_ledger').where('id', '=', CURSOR_ID).as('next_ledger');

export type WalletWithKey = Pick<IndexedWallet, 'address' | 'deployed_at_ledger' | 'changed_at_ledger'> & {
  /** null before the first ledger was read */
  next_ledger: number | null;
  /** those that were not removed, by id; of the key columns they have the one that was asked for */
  signers: (Pick<IndexedSigner, 'signer_id' | 'kind' | 'expires_at_ledger' | 'changed_at_ledger'> &
    Partial<Pick<IndexedSigner, KeyColumn>>)[];
};

/** Wallets of which `value` is a signer that was not removed, by address, after `afterWallet`. */
export type WalletsWithKey = (value: string, afterWallet: string) => Promise<WalletWithKey[]>;

export function walletsWithKey(db: Database, column: KeyColumn, limit: number): WalletsWithKey {
  const found = db
    .selectFrom('indexed_signers')
    .select('wallet')
    .distinct()
    .where(column, '=', placeholder('value'))
    .where('removed_at_ledger', 'is', null)
    .where('wallet', '>', placeholder('afterWallet'))
    .orderBy('wallet')
    .limit(limit);
  const query = db
    .selectFrom(found.as('found'))
    .innerJoin('indexed_wallets', 'indexed_wallets.address', 'found.wallet')
    .select(['address', 'deployed_at_ledger', 'changed_at_ledger'])
    .select((eb) => [
      nextLedger(eb),
      rowsOf(
        db,
        eb
          .selectFrom('indexed_signers')
          .select(['signer_id', 'kind', 'expires_at_ledger', 'changed_at_ledger', column])
          .whereRef('indexed_signers.wallet', '=', 'indexed_wallets.address')
          .where('removed_at_ledger', 'is', null)
          .orderBy('signer_id'),
      ).as('signers'),
    ])
    .orderBy('found.wallet');
  const run = compileOnce(db, query);
  return async (value, afterWallet) =>
    (await run({ value, afterWallet })).map((row) => ({ ...row, signers: readRows(row.signers) }));
}

const SIGNER_COLUMNS = [
  'signer_id',
  'kind',
  'credential_id',
  'public_key',
  'address',
  'expires_at_ledger',
  'signer_xdr',
  'policies',
  'added_at_ledger',
  'changed_at_ledger',
  'removed_at_ledger',
] as const;

const RECOVERY_COLUMNS = [
  'recovery_contract',
  'signer_id',
  'key_xdr',
  'credential_id',
  'executable_at_seconds',
  'proposed_at_ledger',
] as const;

export type KnownSigner = Pick<IndexedSigner, (typeof SIGNER_COLUMNS)[number]>;

export type KnownWallet = IndexedWallet & {
  /** null before the first ledger was read */
  next_ledger: number | null;
  last_gap_ledger: number | null;
  signers: KnownSigner[];
  recoveries: Pick<PendingRecovery, (typeof RECOVERY_COLUMNS)[number]>[];
  balances: Pick<WalletBalance, 'token' | 'amount' | 'changed_at_ledger'>[];
};

export function knownWallet(db: Database): (address: string) => Promise<KnownWallet | undefined> {
  const wallet = placeholder('address');
  const query = db
    .selectFrom('indexed_wallets')
    .selectAll()
    .select((eb) => [
      nextLedger(eb),
      eb
        .selectFrom('indexer_gaps')
        .select((gap) => gap.fn.max<number | null>('to_ledger').as('last'))
        .as('last_gap_ledger'),
      rowsOf(
        db,
        eb
          .selectFrom('indexed_signers')
          .select(SIGNER_COLUMNS)
          .where('wallet', '=', wallet)
          .orderBy('signer_id'),
      ).as('signers'),
      rowsOf(
        db,
        eb
          .selectFrom('pending_recoveries')
          .select(RECOVERY_COLUMNS)
          .where('wallet', '=', wallet)
          .orderBy('recovery_contract'),
      ).as('recoveries'),
      rowsOf(
        db,
        eb
          .selectFrom('wallet_balances')
          .select(['token', 'amount', 'changed_at_ledger'])
          .where('wallet', '=', wallet)
          .orderBy('token'),
      ).as('balances'),
    ])
    .where('address', '=', wallet);
  const run = compileOnce(db, query);
  return async (address) => {
    const [row] = await run({ address });
    if (!row) return undefined;
    return {
      ...row,
      signers: readRows(row.signers),
      recoveries: readRows(row.recoveries),
      balances: readRows(row.balances),
    };
  };
}
