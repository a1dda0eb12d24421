// Test money on networks that give it away: a new wallet is funded once, now or, if the process dies first, by whichever
// runs next; of several servers one at a time asks for it. Real networks have no friendbot, and there nothing is due. A friendbot that refuses is logged and costs
// nobody their wallet.
import type { Rpc } from '@latchkey/sdk/chain';
import type { Logger } from 'pino';
import { claimWalletToFund, fundingDone } from '../db/accounts.ts';
import type { Database } from '../db/database.ts';
import type { Tokens } from './tokens.ts';

const TIMEOUT_MS = 15_000;
/** Longer than asking takes; what failed is asked for again after it. */
const CLAIM_MS = 20_000;
const MAX_WALLETS = 100;

export type Friendbot = {
  available(): Promise<boolean>;
  /** Funds every wallet that is due, or the one at `address`. Never throws: what failed is due still. */
  fundDue(address?: string): Promise<void>;
};

export function createFriendbot(deps: {
  db: Database;
  rpc: Rpc;
  tokens: Tokens;
  log: Logger;
  nowMs: () => number;
}): Friendbot {
  const { db, rpc, tokens, log, nowMs } = deps;
  const friendbotUrl = async () => (await rpc.call('getNetwork')).friendbotUrl ?? null;

  /** Whether nothing remains to be done; a friendbot that is busy or broken is asked again later. */
  async function fund(url: string, address: string): Promise<boolean> {
    if ((await tokens.balance(tokens.nativeTokenId, address)) > 0n) return true;
    const request = new URL(url);
    request.searchParams.set('addr', address);
    const response = await fetch(request, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) log.warn({ status: response.status }, 'friendbot did not fund the wallet');
    return response.ok || (response.status < 500 && response.status !== 429);
  }

  async function fundAll(address: string | undefined): Promise<void> {
    try {
      for (let i = 0; i < MAX_WALLETS; i++) {
        const claim = { nowMs: nowMs(), untilMs: nowMs() + CLAIM_MS };
        const wallet = await claimWalletToFund(db, claim, address);
        if (!wallet) return;
        const url = await friendbotUrl();
        if (!url || (await fund(url, wallet.address))) await fundingDone(db, wallet.address);
      }
    } catch (error) {
      log.warn({ err: error }, 'friendbot could not be reached');
    }
  }

  // One round after another: two at once would both find the wallet empty.
  let lastRound = Promise.resolve();
  return {
    available: async () => (await friendbotUrl()) !== null,
    fundDue(address) {
      lastRound = lastRound.then(() => fundAll(address));
      return lastRound;
    },
  };
}
