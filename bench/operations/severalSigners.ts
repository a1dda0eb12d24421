// What it costs when others than one passkey sign: a passkey and a post-quantum key that need each other, a post-quantum
// key kept as a backup, two of three admins for a change, and another account.
import {
  accountPart,
  accountSignature,
  addressCredentials,
  authorizationPayload,
  encodeSignature,
  parseAddress,
  scBytes,
  walletCalls,
  withSignature,
} from '@latchkey/sdk/chain';
import {
  SorobanAddressCredentialsWithDelegates,
  SorobanAuthorizationEntry,
  SorobanCredentials,
  SorobanDelegateSignature,
} from '@stellar/stellar-sdk/xdr';
import { admin, credential, keypair, passkeyOf } from '../participants.ts';
import {
  mlDsa44Key,
  type PostQuantumKey,
  passkey,
  postQuantum,
  postQuantumSigner,
  slhDsa128sKey,
  unsignedEntry,
} from '../signing.ts';
import { type Cost, submit } from '../submitting.ts';
import { openGround } from './ground.ts';

/** A transfer that a passkey and a post-quantum key sign, neither of which may do anything without the other. */
async function hybridTransfer(verifier: string, key: PostQuantumKey): Promise<Cost> {
  const ground = await openGround();
  const owner = credential('passkey');
  const second = await postQuantumSigner(key, await ground.contract(verifier));
  const wallet = await ground.wallet([admin(passkeyOf(owner), 1), admin(second, 0)]);
  return ground.cost(ground.transfer(wallet), passkey(0, owner), postQuantum(1, key));
}

/** A transfer that a post-quantum key signs alone, in a wallet whose passkey is lost. */
async function backupTransfer(verifier: string, key: PostQuantumKey): Promise<Cost> {
  const ground = await openGround();
  const second = await postQuantumSigner(key, await ground.contract(verifier));
  const wallet = await ground.wallet([admin(passkeyOf(credential('passkey'))), admin(second)]);
  return ground.cost(ground.transfer(wallet), postQuantum(1, key));
}

export async function postQuantumOperations() {
  const [mlDsa44, slhDsa128s] = [mlDsa44Key('post-quantum'), slhDsa128sKey('post-quantum')];
  return {
    hybridMlDsa44Wasm: await hybridTransfer('ml_dsa_verifier', mlDsa44),
    hybridMlDsa44Host: await hybridTransfer('ml_dsa_host_verifier', mlDsa44),
    slhDsa128s: await backupTransfer('slh_dsa_verifier', slhDsa128s),
    hybridSlhDsa128s: await hybridTransfer('slh_dsa_verifier', slhDsa128s),
  };
}

/** A change of the wallet's own settings where any two of three passkeys have to sign it. */
export async function twoOfThreeOperations() {
  const ground = await openGround();
  const admins = ['passkey', 'second passkey', 'third passkey'].map(credential);
  const wallet = await ground.wallet(
    admins.map((it) => admin(passkeyOf(it))),
    2,
  );
  const recovery = keypair('guardian').publicKey();
  const change = walletCalls.configure(wallet, { adminThreshold: 2, recovery });
  const signers = admins.map((it, id) => passkey(id, it));
  return { twoOfThreeChange: await ground.cost(change, ...signers.slice(1)) };
}

/** A transfer that a classic account signs as the wallet's delegate (CAP-71). */
export async function accountSignerOperations() {
  const ground = await openGround();
  const { net } = ground;
  const friend = keypair('friend');
  net.fund(friend.publicKey());
  const wallet = await ground.wallet([
    admin(passkeyOf(credential('passkey'))),
    admin({ kind: 'account', address: friend.publicKey() }),
  ]);
  const call = ground.transfer(wallet);
  const entry = await unsignedEntry(net, call);
  const payload = await authorizationPayload(entry, net.passphrase);
  const signed = withSignature(entry, scBytes(encodeSignature([accountPart(1, 'delegate')])));
  const addressed = addressCredentials(signed);
  if (!addressed) throw new Error('the entry is not the wallet’s');
  const delegate = new SorobanDelegateSignature({
    address: parseAddress(friend.publicKey()),
    signature: accountSignature(friend.rawPublicKey(), friend.sign(Buffer.from(payload))),
    nestedDelegates: [],
  });
  const credentials = new SorobanAddressCredentialsWithDelegates({
    addressCredentials: addressed,
    delegates: [delegate],
  });
  const auth = new SorobanAuthorizationEntry({
    rootInvocation: entry.rootInvocation,
    credentials: SorobanCredentials.sorobanCredentialsAddressWithDelegates(credentials),
  });
  return { accountSigner: await submit(net, ground.sponsor, call, [auth]) };
}
