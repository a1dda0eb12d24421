// How much each API key has asked for, in steps of time, so that a quota is a sum over a few rows however many submissions
// there are. What is under way counts with its ceiling; once it is settled, with what was charged. Written in the
// transactions that insert and settle submissions (submissions.ts), so the sums are always those of the rows.
import { type Kysely, sql } from 'kysely';
import type { Db } from './database.ts';

/** A period counts from the start of the step in which it begins. */
const STEP_MS = 600_000;
/** Steps that nobody asks about any more. */
const KEPT_MS = 2 * 86_400_000;

const stepOf = (atMs: number) => atMs - (atMs % STEP_MS);

/** The migration that makes the table, with what is in the submissions already. */
export async function createKeyUsage(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('key_usage')
    .addColumn('api_key_id', 'text', (c) => c.notNull())
    .addColumn('starts_at', 'bigint', (c) => c.notNull())
    .addColumn('submissions', 'bigint', (c) => c.notNull())
    .addColumn('stroops', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('key_usage_key', ['api_key_id', 'starts_at'])
    .execute();
  const step = sql`created_at - created_at % ${sql.lit(STEP_MS)}`;
  await sql`insert into key_usage (api_key_id, starts_at, submissions, stroops)
    select api_key_id, ${step}, count(*), sum(cast(
      case when state in ('queued', 'sent') then max_fee_stroops else coalesce(fee_charged_stroops, '0') end as bigint))
    from submissions where api_key_id is not null group by api_key_id, ${step}`.execute(db);
}

export async function countSubmission(
  db: Db,
  apiKeyId: string,
  ceilingStroops: bigint,
  nowMs: number,
): Promise<void> {
  const stroops = sql<number>`cast(${String(ceilingStroops)} as bigint)`;
  const { submissions } = await db
    .insertInto('key_usage')
    .values({ api_key_id: apiKeyId, starts_at: stepOf(nowMs), submissions: 1, stroops })
    .onConflict((conflict) =>
      conflict.columns(['api_key_id', 'starts_at']).doUpdateSet({
        submissions: sql`key_usage.submissions + 1`,
        stroops: sql`key_usage.stroops + excluded.stroops`,
      }),
    )
    .returning('submissions')
    .executeTakeFirstOrThrow();
  if (Number(submissions) > 1) return;
  await db
    .deleteFrom('key_usage')
    .where('api_key_id', '=', apiKeyId)
    .where('starts_at', '<', nowMs - KEPT_MS)
    .execute();
}

/** Of what a submission that was made at `createdAt` might have cost, so much was not charged. */
export async function giveBack(
  db: Db,
  apiKeyId: string,
  savedStroops: bigint,
  createdAt: number,
): Promise<void> {
  await db
    .updateTable('key_usage')
    .set({ stroops: sql`stroops - cast(${String(savedStroops)} as bigint)` })
    .where('api_key_id', '=', apiKeyId)
    .where('starts_at', '=', stepOf(createdAt))
    .execute();
}

export async function keyUsage(
  db: Db,
  apiKeyId: string,
  sinceMs: number,
): Promise<{ submissions: number; stroops: bigint }> {
  const sum = await db
    .selectFrom('key_usage')
    .select([
      sql<number>`coalesce(sum(submissions), 0)`.as('submissions'),
      sql<string>`cast(coalesce(sum(stroops), 0) as text)`.as('stroops'),
    ])
    .where('api_key_id', '=', apiKeyId)
    .where('starts_at', '>=', stepOf(sinceMs))
    .executeTakeFirstOrThrow();
  return { submissions: Number(sum.submissions), stroops: BigInt(sum.stroops) };
}
