// What addresses hold in USDC by one look at the ledger: trust lines of accounts, balance entries of contracts. One look,
// because the sum of several would be of several ledgers. What does not exist holds nothing; what an issuer froze is
// still held.
import { addressToScVal, parseAddress, scSymbol, scValToI128, scVec, structField } from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import {
  ContractDataDurability,
  LedgerEntryData,
  LedgerKey,
  LedgerKeyContractData,
  LedgerKeyTrustLine,
} from '@stellar/stellar-sdk/xdr';
import { trustLineAsset } from './balance.ts';
import type { SettlementNetwork, Usdc } from './network.ts';

export type BalancesAtLedger = {
  /** in the order of the addresses, in the smallest unit */
  amounts: bigint[];
  /** the ledger after which it was so */
  ledger: number;
};

function holdingKey(usdc: Usdc, address: string): LedgerKey {
  if (address.startsWith('C')) {
    return LedgerKey.contractData(
      new LedgerKeyContractData({
        contract: parseAddress(usdc.contractId, 'contractId'),
        key: scVec([scSymbol('Balance'), addressToScVal(address)]),
        durability: ContractDataDurability.persistent,
      }),
    );
  }
  return LedgerKey.trustline(
    new LedgerKeyTrustLine({
      accountId: Keypair.fromPublicKey(address).xdrAccountId(),
      asset: trustLineAsset(usdc),
    }),
  );
}

function amountIn(entryXdr: string | undefined): bigint {
  const data = entryXdr === undefined ? undefined : LedgerEntryData.fromXdr(entryXdr, 'base64');
  if (data?.type === 'trustline') return data.value.balance;
  if (data?.type === 'contractData') return scValToI128(structField(data.value.val, 'amount')) ?? 0n;
  return 0n;
}

/** @throws LatchkeyError NETWORK_UNAVAILABLE */
export async function balancesAtLedger(
  { rpc, usdc }: Pick<SettlementNetwork, 'rpc' | 'usdc'>,
  addresses: string[],
): Promise<BalancesAtLedger> {
  const keys = addresses.map((address) => holdingKey(usdc, address).toXdr('base64'));
  const { entries, latestLedger } = await rpc.call('getLedgerEntries', { keys });
  const byKey = new Map(entries.map(({ key, xdr }) => [key, xdr]));
  return { amounts: keys.map((key) => amountIn(byKey.get(key))), ledger: latestLedger };
}
