// Whether the wallets in the database are ones that this server can work with: they exist on its network, and their
// contracts speak the interface that their owners' signatures are made for. The oldest one is asked; all of a database
// were made on one network, and later ones by newer code.
import { LatchkeyError } from '@latchkey/sdk/api';
import {
  contractInstanceKey,
  ledgerEntryExists,
  type Rpc,
  readSettings,
  simulate,
  walletCalls,
} from '@latchkey/sdk/chain';
import { type Database, UnusableDatabase } from '../db/database.ts';

async function speaksOurInterface(rpc: Rpc, walletAddress: string): Promise<boolean> {
  try {
    readSettings((await simulate(rpc, { hostFunction: walletCalls.settings(walletAddress) })).returnValue);
    return true;
  } catch (error) {
    if (error instanceof LatchkeyError && error.code === 'SIMULATION_FAILED') return false;
    throw error;
  }
}

/** @throws UnusableDatabase, or LatchkeyError NETWORK_UNAVAILABLE while the node does not answer */
export async function requireUsableDatabase(db: Database, rpc: Rpc): Promise<void> {
  const wallet = await db
    .selectFrom('wallets')
    .select('address')
    .where('state', '=', 'active')
    .orderBy('created_at')
    .executeTakeFirst();
  if (!wallet) return;
  if (!(await ledgerEntryExists(rpc, contractInstanceKey(wallet.address)))) {
    throw new UnusableDatabase(
      'The database (DATABASE_URL) holds wallets that do not exist on this network: it belongs to another one, or the network was reset.',
    );
  }
  if (!(await speaksOurInterface(rpc, wallet.address))) {
    throw new UnusableDatabase(
      "The database (DATABASE_URL) holds wallets of a former release's contracts, which this release cannot sign for: see CHANGELOG.md.",
    );
  }
}
