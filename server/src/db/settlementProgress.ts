// How far everything is that moves a merchant's money or wallet, each as a text that changes whenever it does. Read only,
// from other files' tables, for many merchants at once; of withdrawals the recent ones, because older ones do not change any
// more.
import type { Db } from './database.ts';
import type { NetworkName } from './settlementTables.ts';

export type MovingPart = {
  name: 'withdrawal' | 'migration';
  accountId: string;
  network: NetworkName;
  id: string;
  state: string;
  /** another one whenever something about it has changed */
  version: string;
};

export async function movingPartsOf(
  db: Db,
  accountIds: string[],
  withdrawalsSinceMs: number,
): Promise<MovingPart[]> {
  const withdrawals = await db
    .selectFrom('withdrawals')
    .select(['account_id', 'network', 'id', 'state'])
    .where('account_id', 'in', accountIds)
    .where('created_at', '>', withdrawalsSinceMs)
    .execute();
  const migrations = await db
    .selectFrom('settlement_migrations')
    .select(['account_id', 'network', 'id', 'state', 'version'])
    .where('account_id', 'in', accountIds)
    .execute();
  const wallets = await db
    .selectFrom('merchant_settlement_keys')
    .select(['account_id', 'network', 'status', 'updated_at'])
    .where('account_id', 'in', accountIds)
    .execute();
  return [
    ...withdrawals.map(({ account_id: accountId, network, id, state }) => ({
      ...{ name: 'withdrawal' as const, accountId, network, id, state },
      version: state,
    })),
    ...migrations.map(({ account_id: accountId, network, id, state, version }) => ({
      ...{ name: 'migration' as const, accountId, network, id, state },
      version: String(version),
    })),
    // The wallet itself: provisioned, upgrading. For the page it is one story with the migration.
    ...wallets.map(({ account_id: accountId, network, status, updated_at }) => ({
      ...{ name: 'migration' as const, accountId, network, id: 'wallet', state: status },
      version: `${status} ${updated_at}`,
    })),
  ];
}
