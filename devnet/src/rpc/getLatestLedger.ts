// getLatestLedger: the header and metadata of the ledger that closed last, always base64.
import { toBase64, toHex } from '../bytes.ts';
import { ledgerCloseMetaXdr } from '../ledger/ledgerCloseMeta.ts';
import type { Network } from '../network/network.ts';

export function getLatestLedger(network: Network) {
  const { latest } = network;
  return {
    id: toHex(latest.hash),
    protocolVersion: network.ledger.protocolVersion,
    sequence: latest.sequence,
    closeTime: String(latest.closeTimeSeconds),
    headerXdr: toBase64(latest.headerXdr),
    metadataXdr: toBase64(ledgerCloseMetaXdr(latest)),
  };
}
