// getHealth: the network lives in this process, so whoever gets an answer gets "healthy".
import { MAX_LEDGERS } from '../ledger/history.ts';
import type { Network } from '../network.ts';

export function getHealth(network: Network) {
  const { latest } = network;
  const { oldest } = network.ledger.history;
  return {
    status: 'healthy',
    latestLedger: latest.sequence,
    latestLedgerCloseTime: String(latest.closeTimeSeconds),
    oldestLedger: oldest.sequence,
    oldestLedgerCloseTime: String(oldest.closeTimeSeconds),
    ledgerRetentionWindow: MAX_LEDGERS,
  };
}
