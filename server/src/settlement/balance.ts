// What an address holds of a network's USDC, read from the ledger: an account's trust line, or a contract's balance. Zero
// where there is neither. Whether the address may move it (authorization, limits) is not looked at.
import { LatchkeyError } from '@latchkey/sdk/api';
import { scValToI128, simulate, tokenCalls } from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import {
  AlphaNum4,
  AlphaNum12,
  LedgerEntryData,
  LedgerKey,
  LedgerKeyTrustLine,
  TrustLineAsset,
  type TrustLineEntry,
} from '@stellar/stellar-sdk/xdr';
import type { SettlementNetwork, Usdc } from './network.ts';

const SHORT_CODE_BYTES = 4;
const LONG_CODE_BYTES = 12;

export function trustLineAsset({ code, issuer }: Pick<Usdc, 'code' | 'issuer'>): TrustLineAsset {
  const issuerId = Keypair.fromPublicKey(issuer).xdrAccountId();
  const isShort = code.length <= SHORT_CODE_BYTES;
  const assetCode = new Uint8Array(isShort ? SHORT_CODE_BYTES : LONG_CODE_BYTES);
  assetCode.set(new TextEncoder().encode(code));
  return isShort
    ? TrustLineAsset.assetTypeCreditAlphanum4(new AlphaNum4({ assetCode, issuer: issuerId }))
    : TrustLineAsset.assetTypeCreditAlphanum12(new AlphaNum12({ assetCode, issuer: issuerId }));
}

/** Null when the account does not exist or has no trust line. @throws LatchkeyError NETWORK_UNAVAILABLE */
export async function readUsdcTrustLine(
  network: Pick<SettlementNetwork, 'rpc' | 'usdc'>,
  account: string,
): Promise<TrustLineEntry | null> {
  const accountId = Keypair.fromPublicKey(account).xdrAccountId();
  const key = LedgerKey.trustline(new LedgerKeyTrustLine({ accountId, asset: trustLineAsset(network.usdc) }));
  const { entries } = await network.rpc.call('getLedgerEntries', { keys: [key.toXdr('base64')] });
  const data = entries[0] && LedgerEntryData.fromXdr(entries[0].xdr, 'base64');
  return data?.type === 'trustline' ? data.value : null;
}

/** @throws LatchkeyError NETWORK_UNAVAILABLE */
export async function usdcBalance(
  network: Pick<SettlementNetwork, 'rpc' | 'usdc'>,
  address: string,
): Promise<bigint> {
  if (address.startsWith('G')) return (await readUsdcTrustLine(network, address))?.balance ?? 0n;
  try {
    const hostFunction = tokenCalls.balance(network.usdc.contractId, address);
    return scValToI128((await simulate(network.rpc, { hostFunction })).returnValue) ?? 0n;
  } catch (error) {
    if (error instanceof LatchkeyError && error.code === 'SIMULATION_FAILED') return 0n;
    throw error;
  }
}
