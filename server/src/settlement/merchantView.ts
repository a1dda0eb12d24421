// What a merchant sees of itself: its settlement wallet, where payments go, what it holds, a migration if there is one.
// Read from the tables; only the balance is asked of the network, and is left open while that does not answer.
import { isErrorCode, LatchkeyError, type settlementSchema } from '@latchkey/sdk/api';
import type { Db } from '../db/database.ts';
import { signingPasskeysOf } from '../db/merchantPasskeys.ts';
import { type Merchant, merchantById } from '../db/merchants.ts';
import { settlementKeyOf } from '../db/settlementKeys.ts';
import type { SettlementMigrationsTable } from '../db/settlementTables.ts';
import { submissionById } from '../db/submissions.ts';
import { usdcBalance } from './balance.ts';
import type { SettlementNetwork, SettlementNetworks } from './network.ts';

type MerchantBody = settlementSchema.MerchantBody;
type MigrationBody = settlementSchema.MigrationBody;

export type MerchantView = (accountId: string) => Promise<MerchantBody>;

export async function migrationBody(db: Db, row: SettlementMigrationsTable): Promise<MigrationBody> {
  const submission = row.submission_id === null ? undefined : await submissionById(db, row.submission_id);
  return {
    id: row.id,
    state: row.state,
    round: row.round,
    fromAddress: row.from_address,
    toAddress: row.to_address,
    movedAmount: row.moved_amount,
    error:
      row.error_code === null
        ? null
        : {
            code: isErrorCode(row.error_code) ? row.error_code : 'INTERNAL',
            message: row.error_message ?? '',
          },
    transactionHash: submission?.hash ?? null,
    notBefore: row.state === 'confirmed' && row.not_before > 0 ? row.not_before : null,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

async function balanceOrNull(network: SettlementNetwork, address: string): Promise<string | null> {
  try {
    return String(await usdcBalance(network, address));
  } catch (error) {
    if (error instanceof LatchkeyError && error.code === 'NETWORK_UNAVAILABLE') return null;
    throw error;
  }
}

async function viewOf(db: Db, networks: SettlementNetworks, merchant: Merchant): Promise<MerchantBody> {
  const network = networks.of(merchant.network);
  const key = await settlementKeyOf(db, merchant.account_id, merchant.network);
  const passkeys = await signingPasskeysOf(db, merchant.account_id);
  const migration = await db
    .selectFrom('settlement_migrations')
    .selectAll()
    .where('account_id', '=', merchant.account_id)
    .where('network', '=', merchant.network)
    .executeTakeFirst();
  const { settlement_address: address } = merchant;
  return {
    id: merchant.account_id,
    email: merchant.email,
    name: merchant.name,
    network: merchant.network,
    networkPassphrase: network.networkPassphrase,
    settlementAddress: address,
    settlement: {
      status: key?.status ?? 'provisioning',
      managed: key?.managed !== 0,
      managedAddress: key?.address ?? null,
      smartWalletAddress: key?.smart_wallet_address ?? null,
      deviceCount: passkeys.length,
      balance: address === null ? '0' : await balanceOrNull(network, address),
    },
    usdc: { ...network.usdc, decimals: 7 },
    totpConfirmed: merchant.totp_confirmed_at !== null,
    hasPasskey: passkeys.length > 0,
    migration: migration ? await migrationBody(db, migration) : null,
    createdAt: merchant.created_at,
  };
}

export function createMerchantView(db: Db, networks: SettlementNetworks): MerchantView {
  return async (accountId) => {
    const merchant = await merchantById(db, accountId);
    if (!merchant) throw new LatchkeyError('MERCHANT_NOT_FOUND');
    return viewOf(db, networks, merchant);
  };
}
