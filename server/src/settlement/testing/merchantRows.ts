// Merchants as rows, for tests of what reads them.
import { Keypair } from '@stellar/stellar-sdk/base';
import type { Database } from '../../db/database.ts';
import { insertMerchant, setSettlementAddress } from '../../db/merchants.ts';
import { insertSettlementKey, updateSettlementKey } from '../../db/settlementKeys.ts';
import type { NetworkName } from '../../db/settlementTables.ts';

/** A merchant whose managed account is on the network; `smartWallet` where it was upgraded. */
export async function insertMerchantRow(
  db: Database,
  id: string,
  { network = 'testnet' as NetworkName, smartWallet = null as string | null } = {},
): Promise<{ accountId: string; address: string }> {
  const address = Keypair.random().publicKey();
  await insertMerchant(db, { account_id: id, email: `${id}@shop.example`, name: id, network, created_at: 1 });
  const sealed = { ciphertext: 'sealed', kekVersion: 1 };
  await insertSettlementKey(db, { account_id: id, network, address }, sealed, 1);
  await updateSettlementKey(
    db,
    { account_id: id, network, status: 'provisioning' },
    { status: 'managed', smart_wallet_address: smartWallet },
    1,
  );
  await setSettlementAddress(db, { account_id: id, network }, address);
  return { accountId: id, address };
}
