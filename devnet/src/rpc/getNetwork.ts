// getNetwork: passphrase, protocol and, when served over HTTP, where friendbot is.
import type { Network } from '../network/network.ts';

export function getNetwork(network: Network) {
  return {
    ...(network.friendbotUrl === null ? {} : { friendbotUrl: network.friendbotUrl }),
    passphrase: network.passphrase,
    protocolVersion: network.ledger.protocolVersion,
  };
}
