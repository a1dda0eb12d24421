// A passkey wallet without a service behind it: the page makes the passkey, has the factory deploy the wallet, and signs
// transfers. The challenge that the passkey signs is the authorization payload; the contract verifies it.
import { browserPasskeys, LatchkeyError } from '@latchkey/sdk';
import {
  authorizationPayload,
  authorizesOnly,
  base64UrlToBytes,
  bytesToBase64Url,
  encodeSignature,
  factoryCalls,
  passkeyPart,
  readAddress,
  scBytes,
  scValToI128,
  sha256,
  simulate,
  tokenCalls,
  withExpiration,
  withSignature,
} from '@latchkey/sdk/chain';
import type { LocalNetwork } from './localNetwork.ts';

const SIGNER_ID = 0;
const SIGNATURE_LEDGERS = 60;
const ES256 = -7;
const P256_POINT_BYTES = 65;
const PROMPT_TIMEOUT_MS = 300_000;
/** One for all visits: an authenticator that keeps passkeys then replaces the last visit's. */
const USER_ID = new TextEncoder().encode('latchkey-demo');

export type DemoWallet = { readonly address: string; readonly credentialId: string };
/** What the passkey signed and what the chain got, for people to look at. */
export type Transfer = { hash: string; challenge: string; signatureBytes: number };

/** @throws LatchkeyError when the person or the authenticator refuses */
export async function createDemoWallet(network: LocalNetwork): Promise<DemoWallet> {
  const { id, response } = await browserPasskeys.register({
    rp: { id: location.hostname, name: 'Latchkey demo' },
    user: { id: bytesToBase64Url(USER_ID), name: 'demo wallet', displayName: 'Demo wallet' },
    challenge: bytesToBase64Url(crypto.getRandomValues(new Uint8Array(32))),
    pubKeyCredParams: [{ type: 'public-key', alg: ES256 }],
    authenticatorSelection: { residentKey: 'discouraged', userVerification: 'required' },
    attestation: 'none',
    timeout: PROMPT_TIMEOUT_MS,
  });
  const { publicKey } = response as { publicKey?: string };
  // SubjectPublicKeyInfo ends with the point (RFC 5480).
  const point = base64UrlToBytes(publicKey ?? '').slice(-P256_POINT_BYTES);
  if (point.length !== P256_POINT_BYTES) throw new LatchkeyError('PASSKEY_FAILED');
  const passkey = {
    publicKey: point,
    credentialId: base64UrlToBytes(id),
    rpIdHash: await sha256(new TextEncoder().encode(location.hostname)),
    origin: location.origin,
  };
  const salt = await sha256(point);
  const signers = [{ key: { kind: 'passkey', passkey }, role: { kind: 'admin' }, coSigners: null } as const];
  const deployment = factoryCalls.deploy(network.factoryId, salt, {
    signers: [...signers],
    adminThreshold: 1,
    recovery: null,
  });
  const { returnValue } = await network.payer.submit(deployment);
  return { address: readAddress(returnValue), credentialId: id };
}

export async function balanceOf(network: LocalNetwork, address: string): Promise<bigint> {
  const { returnValue } = await simulate(network.rpc, {
    hostFunction: tokenCalls.balance(network.tokenId, address),
  });
  return scValToI128(returnValue) ?? 0n;
}

/** @throws LatchkeyError, also when the network refuses the signature */
export async function transfer(
  network: LocalNetwork,
  wallet: DemoWallet,
  to: string,
  amountStroops: bigint,
): Promise<Transfer> {
  const hostFunction = tokenCalls.transfer(network.tokenId, wallet.address, to, amountStroops);
  const { auth, latestLedger } = await simulate(network.rpc, { hostFunction });
  const [unsigned] = auth;
  if (!unsigned || auth.length > 1 || !authorizesOnly(unsigned, hostFunction)) {
    throw new LatchkeyError('AUTHORIZATION_MISMATCH');
  }
  const entry = withExpiration(unsigned, latestLedger + SIGNATURE_LEDGERS);
  const payload = await authorizationPayload(entry, network.passphrase);
  const challenge = bytesToBase64Url(payload);
  const { response } = await browserPasskeys.authenticate({
    challenge,
    rpId: location.hostname,
    allowCredentials: [{ id: wallet.credentialId, type: 'public-key' }],
    userVerification: 'required',
    timeout: PROMPT_TIMEOUT_MS,
  });
  const signature = encodeSignature([passkeyPart(SIGNER_ID, response, location.origin, payload)]);
  const { hash } = await network.payer.submit(hostFunction, [withSignature(entry, scBytes(signature))]);
  return { hash, challenge, signatureBytes: signature.length };
}
