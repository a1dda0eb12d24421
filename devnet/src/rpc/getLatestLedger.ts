// getLatestLedger: the header and metadata of the ledger that closed last, always base64.
import { ledgerCloseMeta } from '../ledger/closedLedger.ts';
import type { Network } from '../network.ts';

export function getLatestLedger(network: Network) {
  const { latest } = network;
  return {
    id: Buffer.from(latest.hash).toString('hex'),
    protocolVersion: network.ledger.protocolVersion,
    sequence: latest.sequence,
    closeTime: String(latest.closeTimeSeconds),
    headerXdr: Buffer.from(latest.headerXdr).toString('base64'),
    metadataXdr: ledgerCloseMeta(latest).toXdr('base64'),
  };
}
