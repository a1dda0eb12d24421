// The one signer that this service gives a wallet: its owner's passkey, an admin without co-signers. A rotation replaces
// the key and keeps the id. Signers that an owner adds by other means are not known here.
import { base64UrlToBytes, type Signer, type SignerKey, sha256 } from '@latchkey/sdk/chain';
import type { NewCredential, RelyingParty } from '../auth/ceremonies.ts';

/** A wallet counts its signers from here. */
export const OWNER_SIGNER_ID = 0;

/** A credential as the contract stores it. */
export async function passkeyOf(rp: RelyingParty, credential: NewCredential): Promise<SignerKey> {
  return {
    kind: 'passkey',
    passkey: {
      publicKey: credential.point,
      credentialId: base64UrlToBytes(credential.id),
      rpIdHash: await sha256(new TextEncoder().encode(rp.id)),
      origin: rp.origin,
    },
  };
}

export async function ownerSigner(rp: RelyingParty, credential: NewCredential): Promise<Signer> {
  return { key: await passkeyOf(rp, credential), role: { kind: 'admin' }, coSigners: null };
}
