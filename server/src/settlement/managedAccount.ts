// A managed account as the ledger has it: whether it is there, and what could be moved out of it. Read in one answer of the
// node, which says as of which ledger; whether that ledger is recent enough is for the caller to judge.
import type { Rpc } from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import {
  type AccountEntry,
  ChangeTrustAsset,
  ChangeTrustOp,
  LedgerEntryData,
  LedgerKey,
  LedgerKeyTrustLine,
  MuxedAccount,
  Operation,
  OperationBody,
} from '@stellar/stellar-sdk/xdr';
import { accountKey } from '../relayer/sponsor.ts';
import { trustLineAsset } from './balance.ts';
import type { SettlementNetwork, Usdc } from './network.ts';

/** Base reserves that an account stands for besides those of its entries. */
const RESERVES_OF_AN_ACCOUNT = 2;

export type ManagedAccount = {
  isThere: boolean;
  /** in the smallest unit */
  usdc: bigint;
  hasTrustLine: boolean;
  /** XLM that may leave while the account stays: all of it when its reserves are sponsored, none otherwise */
  movableStroops: bigint;
  asOfLedger: number;
};

function reservesAreSponsored(account: AccountEntry): boolean {
  const { numSubEntries, ext } = account;
  if (ext.type !== 'v1' || ext.value.ext.type !== 'v2') return false;
  const { numSponsoring, numSponsored } = ext.value.ext.value;
  return RESERVES_OF_AN_ACCOUNT + numSubEntries + numSponsoring - numSponsored <= 0;
}

export async function readManagedAccount(rpc: Rpc, address: string, usdc: Usdc): Promise<ManagedAccount> {
  const keypair = Keypair.fromPublicKey(address);
  const asset = trustLineAsset(usdc);
  const line = LedgerKey.trustline(new LedgerKeyTrustLine({ accountId: keypair.xdrAccountId(), asset }));
  const keys = [accountKey(keypair), line].map((it) => it.toXdr('base64'));
  const { entries, latestLedger } = await rpc.call('getLedgerEntries', { keys });
  const found: ManagedAccount = {
    isThere: false,
    usdc: 0n,
    hasTrustLine: false,
    movableStroops: 0n,
    asOfLedger: latestLedger,
  };
  for (const { xdr } of entries) {
    const data = LedgerEntryData.fromXdr(xdr, 'base64');
    if (data.type === 'account') {
      found.isThere = true;
      if (reservesAreSponsored(data.value)) found.movableStroops = data.value.balance;
    } else if (data.type === 'trustline') {
      found.hasTrustLine = true;
      found.usdc = data.value.balance;
    }
  }
  return found;
}

/**
 * What ends the account in one transaction: its trust line and itself, with whatever XLM it holds, back to the sponsor.
 * Refused as a whole when a payment arrived in between, because a trust line with a balance cannot be removed.
 */
export function closingOperations(
  address: string,
  { sponsor, usdc }: Pick<SettlementNetwork, 'sponsor' | 'usdc'>,
  account: ManagedAccount,
): string[] {
  const sourceAccount = MuxedAccount.fromJson(address);
  const line = ChangeTrustAsset.fromXdr(trustLineAsset(usdc).toXdr());
  const untrust = OperationBody.changeTrust(new ChangeTrustOp({ line, limit: 0n }));
  const merge = OperationBody.accountMerge(MuxedAccount.fromJson(sponsor.address));
  const bodies = account.hasTrustLine ? [untrust, merge] : [merge];
  return bodies.map((body) => new Operation({ sourceAccount, body }).toXdr('base64'));
}
