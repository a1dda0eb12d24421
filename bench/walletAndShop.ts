// Somebody to pay and somebody to be paid, at a running server: a wallet with its authenticator, funded by friendbot,
// and a classic account that exists.
import { createLatchkey } from '@latchkey/sdk';
import { createRpc } from '@latchkey/sdk/chain';
import { createSoftwareAuthenticator } from '@latchkey/sdk/testing';
import { Keypair } from '@stellar/stellar-sdk/base';

/** @param server.origin the origin the server expects in client data; its host is "localhost" */
export async function walletAndShop(server: { apiUrl: string; origin: string; rpcUrl: string }) {
  const authenticator = createSoftwareAuthenticator({ origin: server.origin, rpId: 'localhost' });
  const latchkey = createLatchkey({ baseUrl: server.apiUrl, passkeys: authenticator, storage: null });
  const { walletAddress } = await latchkey.createWallet({ email: 'bench@example.org' });
  const shop = Keypair.random().publicKey();
  const { friendbotUrl } = await createRpc(server.rpcUrl).call('getNetwork');
  const funded = await fetch(`${friendbotUrl}?addr=${shop}`);
  if (!funded.ok) throw new Error(`friendbot answered ${funded.status}`);
  return { authenticator, latchkey, walletAddress, shop };
}
