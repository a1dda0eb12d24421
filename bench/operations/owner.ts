// What the server does for the owner of a wallet with one passkey, by the relayer's own steps: deploying it, paying a
// contract, paying an account, and replacing the passkey. A payment goes to somebody who already has a balance: the
// rent of a first balance is the recipient's, not the transfer's.
import { factoryCalls, scValToAddress, simulate, tokenCalls, walletCalls } from '@latchkey/sdk/chain';
import { SorobanAuthorizationEntry } from '@stellar/stellar-sdk/xdr';
import type { Engine } from '../../devnet/src/engine/engine.ts';
import { deployContracts } from '../../server/src/deployment/deployContracts.ts';
import { createGuardian } from '../../server/src/wallets/guardian.ts';
import { OWNER_SIGNER_ID } from '../../server/src/wallets/ownerSigner.ts';
import { openMeteredNetwork } from '../meteredNetwork.ts';
import {
  AMOUNT_STROOPS,
  admin,
  bytes32,
  credential,
  keypair,
  passkeyOf,
  RECIPIENT,
} from '../participants.ts';
import { passkey, signedBy } from '../signing.ts';
import { fundedSponsor, relay, relayerOf } from '../submitting.ts';

/** What browsers add where the wallet is an iframe on another site (WebAuthn Level 3, §5.8.1.1). */
const EMBEDDED_TAIL = ',"crossOrigin":true,"topOrigin":"https://shop.example"}';

/** @param engine what the network runs on, where that is not the default */
export async function ownerOperations(engine?: Engine) {
  const net = await openMeteredNetwork(engine);
  const { rpc, passphrase } = net;
  const sponsor = fundedSponsor(net);
  const [guardianKey, shop] = [keypair('guardian'), keypair('shop')];
  for (const account of [guardianKey, shop]) net.fund(account.publicKey());
  const guardian = createGuardian({ rpc, secretKey: guardianKey.secret(), networkPassphrase: passphrase });
  const { factoryId, nativeTokenId } = await deployContracts({ rpc, sponsor, recovery: null });
  const relayer = relayerOf(net, sponsor, factoryId);

  const owner = credential('passkey');
  const deployment = factoryCalls.deploy(factoryId, bytes32('salt'), {
    signers: [admin(passkeyOf(owner))],
    adminThreshold: 1,
    recovery: guardian.address,
  });
  const wallet = scValToAddress((await simulate(rpc, { hostFunction: deployment })).returnValue);
  if (wallet === null) throw new Error('the factory gave no address');
  const deploy = await relay(net, relayer, 'deploy', deployment);

  for (const address of [wallet, RECIPIENT]) net.fund(address);
  const transfer = async (to: string, clientDataTail?: string) => {
    const call = tokenCalls.transfer(nativeTokenId, wallet, to, AMOUNT_STROOPS);
    const auth = await signedBy(net, call, passkey(OWNER_SIGNER_ID, owner, clientDataTail));
    return relay(net, relayer, 'transfer', call, auth);
  };
  const passkeyTransfer = await transfer(RECIPIENT);
  const transferToAccount = await transfer(shop.publicKey());
  const explicitTransfer = await transfer(RECIPIENT, EMBEDDED_TAIL);

  const rotation = walletCalls.rotateSigner(wallet, OWNER_SIGNER_ID, passkeyOf(credential('next passkey')));
  const { authXdr } = await guardian.authorize(rotation);
  const auth = authXdr.map((xdr) => SorobanAuthorizationEntry.fromXdr(xdr, 'base64'));
  const rotate = await relay(net, relayer, 'rotate', rotation, auth);

  return { deploy, passkeyTransfer, transferToAccount, explicitTransfer, rotate };
}
