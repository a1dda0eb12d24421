// A wallet as its owner sees it: address, balances as the network holds them now, and a recovery that is under way.
import type { WalletViewBody } from '@latchkey/sdk/api';
import type { Rpc } from '@latchkey/sdk/chain';
import type { Account, Wallet } from '../db/accounts.ts';
import type { Database } from '../db/database.ts';
import { openRotation } from '../db/rotations.ts';
import type { Friendbot } from './friendbot.ts';
import { pendingRotation } from './onChainRotation.ts';
import type { Tokens } from './tokens.ts';

const NETWORK_NAMES: Record<string, string> = {
  'Public Global Stellar Network ; September 2015': 'Stellar',
  'Test SDF Network ; September 2015': 'Stellar testnet',
  'Test SDF Future Network ; October 2022': 'Stellar futurenet',
  'Standalone Network ; February 2017': 'Local network',
};

export type WalletViews = { view(owner: { account: Account; wallet: Wallet }): Promise<WalletViewBody> };

export function createWalletViews(deps: {
  db: Database;
  rpc: Rpc;
  tokens: Tokens;
  friendbot: Friendbot;
  networkPassphrase: string;
}): WalletViews {
  const { db, rpc, tokens, networkPassphrase: passphrase } = deps;

  async function rotationOf(account: Account, wallet: Wallet): Promise<WalletViewBody['pendingRotation']> {
    const pending = wallet.state === 'active' ? await pendingRotation(rpc, wallet.address) : null;
    if (!pending) return null;
    const ours = await openRotation(db, account.id);
    return {
      executableAt: pending.executableAtMs,
      initiatedByOwner: ours?.credential_id === pending.credentialId,
    };
  }

  return {
    async view({ account, wallet }) {
      const native = await tokens.describe(tokens.nativeTokenId);
      return {
        email: account.email,
        walletAddress: wallet.address,
        network: {
          name: NETWORK_NAMES[passphrase] ?? 'Private network',
          passphrase,
          friendbot: await deps.friendbot.available(),
        },
        balances: [{ ...native, amount: String(await tokens.balance(native.token, wallet.address)) }],
        pendingRotation: await rotationOf(account, wallet),
      };
    },
  };
}
