// getHealth: always "healthy". A public server calls itself unhealthy when its last ledger is older than 30 seconds,
// because it has then lost touch with the network. Here every call first closes the ledgers that are due, so the ledger is
// never behind; where none is due, because ledgers are closed by hand or the idle interval is 0, its age is what the
// developer asked for, and clients that wait for health at their start must not be held up by it.
import { MAX_LEDGERS } from '../ledger/history.ts';
import type { Network } from '../network/network.ts';

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
