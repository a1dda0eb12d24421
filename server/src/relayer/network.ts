// Whether the node serves the network that is configured. Payloads and hashes are bound to a passphrase: with a wrong one
// every signature would be worthless, so nothing is prepared before this is known. Asked until answered, then remembered.
import { LatchkeyError } from '@latchkey/sdk/api';
import type { Rpc } from '@latchkey/sdk/chain';

/** The node answered, and it serves another network: a mistake in the settings that waiting does not mend. */
export class WrongNetwork extends Error {
  override readonly name = 'WrongNetwork';
}

export type NetworkGate = {
  /** @throws WrongNetwork, or LatchkeyError NETWORK_UNAVAILABLE: the node does not answer, or the gate is shut */
  confirm(): Promise<void>;
  /** From now on nothing is prepared for this network. */
  shut(): void;
};

/** For a server that goes on with its other network when this one is not the one that the database was made on. */
export function createNetworkGate(confirm: () => Promise<void>): NetworkGate {
  let isShut = false;
  return {
    async confirm() {
      if (isShut) throw new LatchkeyError('NETWORK_UNAVAILABLE');
      await confirm();
    },
    shut() {
      isShut = true;
    },
  };
}

/**
 * @param prefix what the names of the network's settings begin with
 * @throws WrongNetwork, or LatchkeyError NETWORK_UNAVAILABLE while the node does not answer
 */
export function createNetworkCheck(rpc: Rpc, networkPassphrase: string, prefix = ''): () => Promise<void> {
  let confirmed = false;
  return async () => {
    if (confirmed) return;
    const { passphrase } = await rpc.call('getNetwork');
    if (passphrase !== networkPassphrase) {
      throw new WrongNetwork(
        `${prefix}STELLAR_NETWORK_PASSPHRASE is "${networkPassphrase}", but the node at ${prefix}STELLAR_RPC_URL serves "${passphrase}".`,
      );
    }
    confirmed = true;
  };
}
