// Standard Webhooks 1.0.0: what is signed, with which key, in which headers; symmetric (v1, HMAC-SHA256) and asymmetric
// (v1a, Ed25519). A secret is 32 bytes that the caller keeps; what is in a payload is the caller's business too.
import { createHmac, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';

export type WebhookScheme = 'hmac' | 'ed25519';

export type WebhookKey =
  | { scheme: 'hmac'; secret: Buffer }
  | { scheme: 'ed25519'; privateKey: KeyObject; publicKey: Buffer };

export type WebhookMessage = { id: string; timestampSeconds: number; body: string };

/** PKCS #8 around a 32-byte seed (RFC 8410). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');
const ED25519_KEY_BYTES = 32;

/** @param seed 32 bytes */
export function webhookKeyOf(scheme: WebhookScheme, seed: Buffer): WebhookKey {
  if (scheme === 'hmac') return { scheme, secret: seed };
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8_ED25519, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { scheme, privateKey, publicKey: spki.subarray(-ED25519_KEY_BYTES) };
}

/** What the receiver verifies with: the shared secret, or the public key. */
export function verificationKey(key: WebhookKey): string {
  return key.scheme === 'hmac'
    ? `whsec_${key.secret.toString('base64')}`
    : `whpk_${key.publicKey.toString('base64')}`;
}

function signature(key: WebhookKey, signed: Buffer): string {
  return key.scheme === 'hmac'
    ? `v1,${createHmac('sha256', key.secret).update(signed).digest('base64')}`
    : `v1a,${sign(null, signed, key.privateKey).toString('base64')}`;
}

/** @param keys the present one, and while it is being replaced the one before */
export function webhookHeaders(keys: WebhookKey[], message: WebhookMessage): Record<string, string> {
  const { id, timestampSeconds, body } = message;
  const signed = Buffer.from(`${id}.${timestampSeconds}.${body}`);
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': keys.map((key) => signature(key, signed)).join(' '),
  };
}
