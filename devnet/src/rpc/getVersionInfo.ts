// getVersionInfo: names this implementation; there is no captive core and no build to speak of.
import type { Network } from '../network/network.ts';
import { VERSION } from '../version.ts';

export function getVersionInfo(network: Network) {
  return {
    version: `latchkey-devnet ${VERSION}`,
    commitHash: '',
    buildTimestamp: '',
    captiveCoreVersion: `none; soroban-env-host ${network.ledger.protocolVersion}`,
    protocolVersion: network.ledger.protocolVersion,
  };
}
