// Fills what is missing with ledgers from a node that keeps them longer: goes back to before the first gap and reads from
// there on, so that the tables become what they would have been without one. Restartable anywhere: what is half filled
// says so, others leave it alone, and filling again goes on. Ends at the node's latest ledger, or earlier where asked.
import type { Rpc } from '@latchkey/sdk/chain';
import type { Database } from '../db/database.ts';
import { goBackBeforeGaps } from '../db/indexedBefore.ts';
import { beginFilling, endFilling, indexerCursor, indexerGaps } from '../db/indexerCursor.ts';
import type { Ingest } from './ingest.ts';

const FILLING =
  'A gap is being filled by npm run indexer -- fill. If that has ended, run it again: it goes on.';

/** What stands in the way, in a sentence for whoever asked. */
export class CannotFill extends Error {
  override readonly name = 'CannotFill';
}

export type Filled = { fromLedger: number; toLedger: number };

/**
 * @returns null when nothing is missing
 * @throws CannotFill, IndexerStopped, LatchkeyError NETWORK_UNAVAILABLE
 */
export async function fillGaps(
  { db, rpc, ingest }: { db: Database; rpc: Rpc; ingest: Ingest },
  toLedger: number | null,
): Promise<Filled | null> {
  const cursor = await indexerCursor(db);
  if (!cursor)
    throw new CannotFill('Nothing was read yet. Start the server once with STELLAR_RPC_URL at this node.');
  const gaps = await indexerGaps(db);
  const isStopped = cursor.status === 'gap' || cursor.status === 'filling';
  const fromLedger = gaps[0]?.from_ledger ?? (isStopped ? cursor.next_ledger : null);
  if (fromLedger === null) return null;
  const { oldestLedger, latestLedger } = await rpc.call('getHealth');
  const lastLedger = Math.min(toLedger ?? latestLedger, latestLedger);
  if (cursor.status === 'filling' && fromLedger > lastLedger) {
    // It broke off after the last ledger.
    await endFilling(db);
    return { fromLedger, toLedger: lastLedger };
  }
  const lastMissing = gaps.at(-1)?.to_ledger ?? fromLedger;
  if (fromLedger < oldestLedger || lastMissing > lastLedger) {
    throw new CannotFill(
      `Ledgers ${fromLedger} to ${lastMissing} are missing, and would be read from ${oldestLedger} to ${lastLedger}.`,
    );
  }
  await ingest.confirmNode();
  if (gaps.length > 0) await db.transaction().execute((trx) => goBackBeforeGaps(trx, FILLING));
  else await beginFilling(db, fromLedger, FILLING);
  await ingest.fill(lastLedger);
  await endFilling(db);
  return { fromLedger, toLedger: lastLedger };
}
