// Endpoints that are told of wallets' events, and the events they have not taken yet. An event is claimed before it is
// sent: its row and the endpoint's position move together, so that a crash sends it again, and two processes do not.
import type { Database, Db } from './database.ts';
import type { WebhookEndpointsTable, WebhookRetriesTable } from './indexerSchema.ts';
import { type EventPosition, eventsAfter } from './lookups.ts';

export type WebhookEndpoint = WebhookEndpointsTable;
export type WebhookRetry = WebhookRetriesTable;

const BATCH = 20;
const DEAD_LETTERS = 100;

export async function insertEndpoint(
  db: Db,
  endpoint: Pick<WebhookEndpoint, 'id' | 'url' | 'scheme' | 'wallet' | 'secret'>,
  position: EventPosition,
  nowMs: number,
): Promise<WebhookEndpoint> {
  const row = {
    ...endpoint,
    secret_version: 1,
    former_secret: null,
    disabled_at: null,
    position: position.id,
    position_wallet: position.wallet,
    created_at: nowMs,
  };
  await db.insertInto('webhook_endpoints').values(row).execute();
  return row;
}

export function endpoints(db: Db): Promise<WebhookEndpoint[]> {
  return db.selectFrom('webhook_endpoints').selectAll().orderBy('created_at').orderBy('id').execute();
}

export function endpointById(db: Db, id: string): Promise<WebhookEndpoint | undefined> {
  return db.selectFrom('webhook_endpoints').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function removeEndpoint(db: Database, id: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx.deleteFrom('webhook_retries').where('endpoint_id', '=', id).execute();
    await trx.deleteFrom('webhook_endpoints').where('id', '=', id).execute();
  });
}

export async function updateEndpoint(
  db: Db,
  id: string,
  change: Partial<
    Pick<WebhookEndpoint, 'position' | 'position_wallet' | 'secret' | 'former_secret' | 'disabled_at'>
  >,
): Promise<void> {
  await db.updateTable('webhook_endpoints').set(change).where('id', '=', id).execute();
}

/** Turns it off, if it is on. */
export async function disableEndpoint(db: Db, id: string, nowMs: number): Promise<void> {
  await db
    .updateTable('webhook_endpoints')
    .set({ disabled_at: nowMs })
    .where('id', '=', id)
    .where('disabled_at', 'is', null)
    .execute();
}

/** The next events of an endpoint, as rows that are this caller's until `leaseUntilMs`; none when another was faster. */
export function claimNewEvents(
  db: Database,
  { id, wallet }: WebhookEndpoint,
  leaseUntilMs: number,
): Promise<WebhookRetry[]> {
  return db.transaction().execute(async (trx) => {
    const endpoint = await endpointById(trx, id);
    if (!endpoint || endpoint.disabled_at !== null) return [];
    const { position, position_wallet } = endpoint;
    const events = await eventsAfter(trx, { id: position, wallet: position_wallet }, wallet, BATCH);
    const last = events.at(-1);
    if (!last) return [];
    const moved = await trx
      .updateTable('webhook_endpoints')
      .set({ position: last.id, position_wallet: last.wallet })
      .where('id', '=', id)
      .where('position', '=', position)
      .where('position_wallet', '=', position_wallet)
      .executeTakeFirst();
    if (moved.numUpdatedRows !== 1n) return [];
    const rows = events.map((event) => ({
      endpoint_id: id,
      wallet: event.wallet,
      event_id: event.id,
      state: 'retrying' as const,
      tries: 0,
      not_before: leaseUntilMs,
      last_answer: '',
    }));
    // One that is replayed while it waits to be sent again is only sent sooner.
    await trx
      .insertInto('webhook_retries')
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(['endpoint_id', 'event_id', 'wallet'])
          .doUpdateSet({ state: 'retrying', tries: 0, not_before: leaseUntilMs }),
      )
      .execute();
    return rows;
  });
}

export function dueRetries(db: Db, nowMs: number): Promise<WebhookRetry[]> {
  return db
    .selectFrom('webhook_retries')
    .selectAll()
    .where('state', '=', 'retrying')
    .where('not_before', '<=', nowMs)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('webhook_endpoints')
            .select('id')
            .whereRef('id', '=', 'webhook_retries.endpoint_id')
            .where('disabled_at', 'is not', null),
        ),
      ),
    )
    .orderBy('not_before')
    .limit(BATCH)
    .execute();
}

/** Tries at once what an endpoint has not taken. */
export async function hastenRetries(db: Db, endpointId: string): Promise<void> {
  await db
    .updateTable('webhook_retries')
    .set({ not_before: 0 })
    .where('endpoint_id', '=', endpointId)
    .where('state', '=', 'retrying')
    .execute();
}

const isRow = (row: WebhookRetry) => ({
  endpoint_id: row.endpoint_id,
  event_id: row.event_id,
  wallet: row.wallet,
});

/** False when another process has it. */
export async function claimRetry(db: Db, row: WebhookRetry, leaseUntilMs: number): Promise<boolean> {
  const result = await db
    .updateTable('webhook_retries')
    .set({ not_before: leaseUntilMs })
    .where((eb) => eb.and(isRow(row)))
    .where('not_before', '=', row.not_before)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export async function removeRetry(db: Db, row: WebhookRetry): Promise<void> {
  await db
    .deleteFrom('webhook_retries')
    .where((eb) => eb.and(isRow(row)))
    .execute();
}

export async function putOffRetry(
  db: Db,
  row: WebhookRetry,
  change: Pick<WebhookRetry, 'state' | 'tries' | 'not_before' | 'last_answer'>,
): Promise<void> {
  await db
    .updateTable('webhook_retries')
    .set(change)
    .where((eb) => eb.and(isRow(row)))
    .execute();
}

export function deadLetters(db: Db, endpointId: string): Promise<WebhookRetry[]> {
  return db
    .selectFrom('webhook_retries')
    .selectAll()
    .where('endpoint_id', '=', endpointId)
    .where('state', '=', 'dead')
    .orderBy('event_id')
    .limit(DEAD_LETTERS)
    .execute();
}

/** How many there were. */
export async function reviveDeadLetters(db: Db, endpointId: string): Promise<number> {
  const result = await db
    .updateTable('webhook_retries')
    .set({ state: 'retrying', tries: 0, not_before: 0 })
    .where('endpoint_id', '=', endpointId)
    .where('state', '=', 'dead')
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}
