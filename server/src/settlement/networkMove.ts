// Moving a merchant from the test network to the real one, by whoever runs the service: never by itself, never back. On the
// other network the merchant begins anew: a managed account there, the upgrade to do again, the old wallet's passkeys
// signing for nothing here any more, every session ended. Nothing of the former network is deleted, its sealed seed least
// of all; while money is on its way or left there the move is refused, unless whoever asks says to leave it. What is paid
// to the old address afterwards is read and kept, but not shown.
import { LatchkeyError, type settlementSchema } from '@latchkey/sdk/api';
import type { Database, Db } from '../db/database.ts';
import { type Merchant, merchantById, moveMerchantToNetwork } from '../db/merchants.ts';
import { recordAudit } from '../db/settlementAudit.ts';
import { insertSettlementKey, settlementKeyOf } from '../db/settlementKeys.ts';
import { migrationOf } from '../db/settlementMigrations.ts';
import { addressesOf } from '../db/settlementPayments.ts';
import type { NetworkName } from '../db/settlementTables.ts';
import { lockSettlement, pendingWithdrawals } from '../db/withdrawals.ts';
import { balancesAtLedger } from './balancesAtLedger.ts';
import type { ManagedSeeds } from './managedSeed.ts';
import type { SettlementNetworks } from './network.ts';
import type { Provisioning } from './provisioning.ts';

export type NetworkMoves = {
  /**
   * Asking again for the network that the merchant is on changes nothing.
   * @throws LatchkeyError MERCHANT_NOT_FOUND, NETWORK_NOT_OFFERED, MIGRATION_IN_PROGRESS, SETTLEMENT_NOT_READY,
   *   FUNDS_LEFT_BEHIND, NETWORK_UNAVAILABLE
   */
  move(
    accountId: string,
    request: { network: NetworkName; leaveFunds: boolean },
  ): Promise<settlementSchema.MerchantNetworkBody>;
};

export function createNetworkMoves(deps: {
  db: Database;
  networks: SettlementNetworks;
  seeds: ManagedSeeds;
  provisioning: Provisioning;
  nowMs: () => number;
}): NetworkMoves {
  const { db, networks, seeds, provisioning, nowMs } = deps;

  async function known(accountId: string): Promise<Merchant> {
    const merchant = await merchantById(db, accountId);
    if (!merchant) throw new LatchkeyError('MERCHANT_NOT_FOUND');
    return merchant;
  }

  /** And keeps withdrawals and migrations from beginning until the transaction ends. */
  async function requireAtRest(trx: Db, { account_id: accountId, network }: Merchant): Promise<void> {
    const key = await lockSettlement(trx, accountId, network);
    const migration = await migrationOf(trx, accountId, network);
    if (migration && migration.state !== 'done') throw new LatchkeyError('MIGRATION_IN_PROGRESS');
    const isAtRest = key?.status === 'managed' || key?.status === 'self-custody';
    if (!isAtRest || (await pendingWithdrawals(trx, accountId, network)) > 0)
      throw new LatchkeyError('SETTLEMENT_NOT_READY', {
        message: 'The wallet is being made, or a withdrawal is on its way. Try again in a moment.',
      });
  }

  async function requireNoFunds({ account_id, network }: Merchant): Promise<void> {
    const addresses = [...(await addressesOf(db, account_id, network))];
    const { amounts } = await balancesAtLedger(networks.of(network), addresses);
    if (amounts.some((amount) => amount > 0n)) throw new LatchkeyError('FUNDS_LEFT_BEHIND');
  }

  const bodyOf = ({ account_id, network, settlement_address }: Merchant) => ({
    id: account_id,
    network,
    settlementAddress: settlement_address,
  });

  return {
    async move(accountId, { network, leaveFunds }) {
      const merchant = await known(accountId);
      if (merchant.network === network) return bodyOf(merchant);
      const target = networks.of(network);
      if (network !== 'mainnet') {
        throw new LatchkeyError('NETWORK_NOT_OFFERED', {
          message: 'A merchant on the real network stays there.',
        });
      }
      if (!leaveFunds) await requireNoFunds(merchant);
      const { address, sealed } = await seeds.create(accountId);
      await db.transaction().execute(async (trx) => {
        await requireAtRest(trx, merchant);
        // Of two at once the second waited for the lock, and finds the merchant moved.
        if (!(await moveMerchantToNetwork(trx, merchant, network))) return;
        await insertSettlementKey(trx, { account_id: accountId, network, address }, sealed, nowMs());
        await provisioning.ask(trx, (await settlementKeyOf(trx, accountId, network))!);
        const detail = { from: merchant.network, to: network, address, leaveFunds };
        await recordAudit(trx, accountId, 'merchant.network-changed', detail, nowMs());
      });
      target.relayer.wake();
      return bodyOf(await known(accountId));
    },
  };
}
