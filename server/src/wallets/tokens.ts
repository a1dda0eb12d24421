// SEP-41 tokens as the network describes them: symbol and decimals (cached: they do not change), and balances.
import { LatchkeyError } from '@latchkey/sdk/api';
import { type Rpc, scValToI128, simulate, tokenCalls } from '@latchkey/sdk/chain';

const MAX_CACHED_TOKENS = 1_000;
const MAX_DECIMALS = 38;
const MAX_SYMBOL_CHARS = 32;

export type Token = { token: string; symbol: string; decimals: number };

export type Tokens = {
  readonly nativeTokenId: string;
  /** @throws LatchkeyError UNKNOWN_TOKEN when no contract there answers as a token */
  describe(token: string): Promise<Token>;
  /** In the token's smallest unit. */
  balance(token: string, address: string): Promise<bigint>;
};

export function createTokens(deps: { rpc: Rpc; nativeTokenId: string }): Tokens {
  const { rpc, nativeTokenId } = deps;
  const known = new Map<string, Token>();

  async function ask(token: string): Promise<Token> {
    const unknown = (cause?: unknown) =>
      new LatchkeyError('UNKNOWN_TOKEN', { details: { field: 'token' }, cause });
    try {
      const [decimals, symbol] = await Promise.all([
        simulate(rpc, { hostFunction: tokenCalls.decimals(token) }),
        simulate(rpc, { hostFunction: tokenCalls.symbol(token) }),
      ]);
      const [d, s] = [decimals.returnValue, symbol.returnValue];
      if (d.type !== 'scvU32' || d.value > MAX_DECIMALS || s.type !== 'scvString') throw unknown();
      const text = String(s.value).slice(0, MAX_SYMBOL_CHARS);
      return { token, decimals: d.value, symbol: token === nativeTokenId ? 'XLM' : text };
    } catch (error) {
      if (error instanceof LatchkeyError && error.code === 'SIMULATION_FAILED') throw unknown(error);
      throw error;
    }
  }

  return {
    nativeTokenId,
    async describe(token) {
      const cached = known.get(token);
      if (cached) return cached;
      const described = await ask(token);
      if (known.size < MAX_CACHED_TOKENS) known.set(token, described);
      return described;
    },
    async balance(token, address) {
      const { returnValue } = await simulate(rpc, { hostFunction: tokenCalls.balance(token, address) });
      return scValToI128(returnValue) ?? 0n;
    },
  };
}
