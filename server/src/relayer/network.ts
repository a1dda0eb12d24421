// Whether the node serves the network that is configured. Payloads and hashes are bound to a passphrase: with a wrong one
// every signature would be worthless, so nothing is prepared before this is known. Asked until answered, then remembered.
import type { Rpc } from '@latchkey/sdk/chain';

/** The node answered, and it serves another network: a mistake in the settings that waiting does not mend. */
export class WrongNetwork extends Error {
  override readonly name = 'WrongNetwork';
}

/** @throws WrongNetwork, or LatchkeyError NETWORK_UNAVAILABLE while the node does not answer */
export function createNetworkCheck(rpc: Rpc, networkPassphrase: string): () => Promise<void> {
  let confirmed = false;
  return async () => {
    if (confirmed) return;
    const { passphrase } = await rpc.call('getNetwork');
    if (passphrase !== networkPassphrase) {
      throw new WrongNetwork(
        `STELLAR_NETWORK_PASSPHRASE is "${networkPassphrase}", but the node at STELLAR_RPC_URL serves "${passphrase}".`,
      );
    }
    confirmed = true;
  };
}
