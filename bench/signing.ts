// Signs the authorization of a wallet with any of its signers. Everything is deterministic, post-quantum signatures
// included: those are made without the randomness that FIPS 204 and 205 recommend, which is for keys worth something.
import {
  addressCredentials,
  authorizationPayload,
  bytesToBase64Url,
  bytesToHex,
  concatBytes,
  ed25519Part,
  encodeSignature,
  POST_QUANTUM_CONTEXT,
  type PostQuantumScheme,
  passkeyPart,
  postQuantumPart,
  type SignaturePart,
  type SignerKey,
  scBytes,
  sha256,
  simulate,
  withExpiration,
  withSignature,
} from '@latchkey/sdk/chain';
import { createSoftwareAuthenticator, type SoftwareCredential } from '@latchkey/sdk/testing';
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';
import { slh_dsa_sha2_128s } from '@noble/post-quantum/slh-dsa.js';
import type { Keypair } from '@stellar/stellar-sdk/base';
import type { HostFunction, SorobanAuthorizationEntry } from '@stellar/stellar-sdk/xdr';
import type { MeteredNetwork } from './meteredNetwork.ts';
import { APPROVAL_LEDGERS, bytes32, ORIGIN, RP_ID } from './participants.ts';

/** One signer's part in a signature of the payload. */
export type Sign = (payload: Uint8Array) => Promise<SignaturePart> | SignaturePart;

/** The one entry that the call needs, to be signed. */
export async function unsignedEntry(
  net: Pick<MeteredNetwork, 'rpc'>,
  hostFunction: HostFunction,
  approvalLedgers = APPROVAL_LEDGERS,
): Promise<SorobanAuthorizationEntry> {
  const { auth, latestLedger } = await simulate(net.rpc, { hostFunction });
  const [entry, ...others] = auth;
  if (!entry || others.length > 0 || !addressCredentials(entry)) {
    throw new Error('the call needs more than the approval of one wallet');
  }
  return withExpiration(entry, latestLedger + approvalLedgers);
}

export async function signedBy(
  net: MeteredNetwork,
  hostFunction: HostFunction,
  ...signers: Sign[]
): Promise<SorobanAuthorizationEntry[]> {
  const entry = await unsignedEntry(net, hostFunction);
  const payload = await authorizationPayload(entry, net.passphrase);
  const parts = await Promise.all(signers.map((sign) => sign(payload)));
  return [withSignature(entry, scBytes(encodeSignature(parts)))];
}

/** @param clientDataTail what the browser writes after the origin, where that is not the usual */
export const passkey =
  (signerId: number, credential: SoftwareCredential, clientDataTail?: string): Sign =>
  async (payload) => {
    const authenticator = createSoftwareAuthenticator({ origin: ORIGIN, rpId: RP_ID });
    authenticator.credentials.push(credential);
    if (clientDataTail !== undefined) authenticator.quirks = { clientDataTail };
    const challenge = bytesToBase64Url(payload);
    const { response } = await authenticator.authenticate({ challenge, rpId: RP_ID });
    return passkeyPart(signerId, response, ORIGIN, payload);
  };

export const ed25519 =
  (signerId: number, keypair: Keypair): Sign =>
  (payload) =>
    ed25519Part(signerId, keypair.sign(Buffer.from(payload)));

export type PostQuantumKey = {
  scheme: PostQuantumScheme;
  publicKey: Uint8Array;
  sign(payload: Uint8Array): Uint8Array;
};

const options = { context: new TextEncoder().encode(POST_QUANTUM_CONTEXT), extraEntropy: false } as const;

export function mlDsa44Key(name: string): PostQuantumKey {
  const { publicKey, secretKey } = ml_dsa44.keygen(bytes32(name));
  return { scheme: 'MlDsa44', publicKey, sign: (payload) => ml_dsa44.sign(payload, secretKey, options) };
}

const SLH_DSA_SEED_BYTES = 48;
/** By key and payload, in hex: one takes three seconds to make, and is the same every time. */
const slhDsaSignatures = new Map<string, Uint8Array>();

export function slhDsa128sKey(name: string): PostQuantumKey {
  const seed = concatBytes(bytes32(name), bytes32(`${name}, continued`)).subarray(0, SLH_DSA_SEED_BYTES);
  const { publicKey, secretKey } = slh_dsa_sha2_128s.keygen(seed);
  return {
    scheme: 'SlhDsaSha2128s',
    publicKey,
    sign(payload) {
      const made = bytesToHex(concatBytes(publicKey, payload));
      const signature = slhDsaSignatures.get(made) ?? slh_dsa_sha2_128s.sign(payload, secretKey, options);
      slhDsaSignatures.set(made, signature);
      return signature;
    },
  };
}

export async function postQuantumSigner(key: PostQuantumKey, verifier: string): Promise<SignerKey> {
  const publicKeyHash = await sha256(key.publicKey);
  return { kind: 'post-quantum', scheme: key.scheme, publicKeyHash, verifier };
}

export const postQuantum =
  (signerId: number, key: PostQuantumKey): Sign =>
  (payload) =>
    postQuantumPart(signerId, key.scheme, key.publicKey, key.sign(payload));
