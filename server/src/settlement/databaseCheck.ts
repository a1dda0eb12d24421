// Whether the merchants in the database belong to this network: of the oldest that the service holds an account for, one has
// to be found there. All of a database that are on a network were made on it, so one is enough; several are looked at,
// because an account can vanish for reasons of its own. Where all have smart wallets it is only said when none is found:
// a contract that nobody has used for months is archived, and not every node answers for what is.
import { contractInstanceKey, type Rpc } from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import type { LedgerKey } from '@stellar/stellar-sdk/xdr';
import type { Logger } from 'pino';
import { type Database, UnusableDatabase } from '../db/database.ts';
import type { SettlementStatus } from '../db/settlementTables.ts';
import { accountKey } from '../relayer/sponsor.ts';
import type { SettlementNetwork } from './network.ts';

const LOOKED_AT = 20;
/** While the wallet is in one of these, the managed account is on the network. */
const HAS_ACCOUNT: SettlementStatus[] = ['managed', 'upgrading'];

async function isOneThere(rpc: Rpc, keys: LedgerKey[]): Promise<boolean> {
  const { entries } = await rpc.call('getLedgerEntries', { keys: keys.map((key) => key.toXdr('base64')) });
  return entries.length > 0;
}

/** @throws UnusableDatabase, or LatchkeyError NETWORK_UNAVAILABLE while the node does not answer */
export async function requireMerchantsOf(
  db: Database,
  { rpc, name }: Pick<SettlementNetwork, 'rpc' | 'name'>,
  log: Logger,
): Promise<void> {
  const oldest = db
    .selectFrom('merchant_settlement_keys')
    .select(['address', 'smart_wallet_address'])
    .where('network', '=', name)
    .orderBy('created_at')
    .limit(LOOKED_AT);
  const managed = await oldest.where('status', 'in', HAS_ACCOUNT).execute();
  if (managed.length > 0) {
    if (
      await isOneThere(
        rpc,
        managed.map(({ address }) => accountKey(Keypair.fromPublicKey(address))),
      )
    )
      return;
    throw new UnusableDatabase(
      'The database (DATABASE_URL) holds merchants whose settlement addresses do not exist on this network: it belongs to another one, or the network was reset.',
    );
  }
  const own = await oldest.where('status', '=', 'self-custody').execute();
  const contracts = own.flatMap(({ smart_wallet_address: address }) => address ?? []);
  if (contracts.length === 0 || (await isOneThere(rpc, contracts.map(contractInstanceKey)))) return;
  log.warn(
    { network: name },
    'of the merchants with wallets of their own none is found on the network: they are archived, the database belongs to another network, or the network was reset',
  );
}
