// Test money on networks that give it away: an empty new wallet is funded once. Real networks have no friendbot and
// this does nothing there. A friendbot that refuses is logged and costs nobody their wallet.
import type { Rpc } from '@latchkey/sdk/chain';
import type { Logger } from 'pino';
import type { Tokens } from './tokens.ts';

const TIMEOUT_MS = 15_000;

export type Friendbot = {
  available(): Promise<boolean>;
  fundIfEmpty(address: string): Promise<void>;
};

export function createFriendbot(deps: { rpc: Rpc; tokens: Tokens; log: Logger }): Friendbot {
  const { rpc, tokens, log } = deps;
  const url = async () => (await rpc.call('getNetwork')).friendbotUrl ?? null;
  return {
    available: async () => (await url()) !== null,
    async fundIfEmpty(address) {
      try {
        const friendbotUrl = await url();
        if (!friendbotUrl || (await tokens.balance(tokens.nativeTokenId, address)) > 0n) return;
        const request = new URL(friendbotUrl);
        request.searchParams.set('addr', address);
        const response = await fetch(request, { signal: AbortSignal.timeout(TIMEOUT_MS) });
        if (!response.ok) log.warn({ status: response.status }, 'friendbot did not fund the wallet');
      } catch (error) {
        log.warn({ err: error }, 'friendbot could not be reached');
      }
    },
  };
}
