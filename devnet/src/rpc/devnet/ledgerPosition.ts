// What devnet_* methods that move the network answer: the latest ledger afterwards.
import type { Network } from '../../network/network.ts';

export function ledgerPosition({ latest }: Network) {
  return { latestLedger: latest.sequence, latestLedgerCloseTime: String(latest.closeTimeSeconds) };
}
