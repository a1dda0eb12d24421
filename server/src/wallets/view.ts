// A wallet as its owner sees it: address, balances as the network holds them now, and a recovery that is under way.
import type { WalletViewBody } from '@latchkey/sdk/api';
import { bytesToBase64Url, type Rpc, simulate, structField, walletCalls } from '@latchkey/sdk/chain';
import type { Account, Wallet } from '../db/accounts.ts';
import type { Database } from '../db/database.ts';
import { openRotation } from '../db/rotations.ts';
import type { Friendbot } from './friendbot.ts';
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

  /** Asked of the chain, so that a proposal made behind this service's back is seen too. */
  async function pendingRotation(
    account: Account,
    wallet: Wallet,
  ): Promise<WalletViewBody['pendingRotation']> {
    if (wallet.state !== 'active') return null;
    const { returnValue } = await simulate(rpc, {
      hostFunction: walletCalls.pendingRotation(wallet.address),
    });
    const executableAt = structField(returnValue, 'executable_at');
    if (executableAt?.type !== 'scvU64') return null;
    const signer = structField(returnValue, 'signer');
    const credentialId = signer && structField(signer, 'credential_id');
    const ours = await openRotation(db, account.id);
    const proposed = credentialId?.type === 'scvBytes' ? bytesToBase64Url(credentialId.value.value) : null;
    return {
      executableAt: Number(executableAt.value) * 1000,
      initiatedByOwner: ours?.credential_id === proposed,
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
        pendingRotation: await pendingRotation(account, wallet),
      };
    },
  };
}
