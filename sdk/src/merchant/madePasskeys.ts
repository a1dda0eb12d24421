// The public parts of passkeys that this browser has made and that no wallet knows yet, so that an addition that was left
// half-way can be finished after a reload and still be compared with the key that was really made here. Nothing secret.
import { base64UrlToBytes, bytesToBase64Url } from '../chain/bytes.ts';
import type { Passkey } from '../chain/signer.ts';

const STORAGE_KEY = 'latchkey.madePasskeys';
/** The oldest are forgotten first. */
const MAX_KEPT = 10;

type Kept = { credentialId: string; publicKey: string; rpIdHash: string; origin: string };

export type MadePasskeys = {
  add(passkey: Passkey): void;
  /** @returns null for a passkey that was made elsewhere, or too long ago */
  find(credentialId: string): Passkey | null;
};

function parseKept(text: string | null): Kept[] {
  try {
    const parsed: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(parsed) ? (parsed as Kept[]) : [];
  } catch {
    return [];
  }
}

export function createMadePasskeys(storage: Storage | null): MadePasskeys {
  let kept = parseKept(storage?.getItem(STORAGE_KEY) ?? null);
  return {
    add({ credentialId, publicKey, rpIdHash, origin }) {
      const made: Kept = {
        credentialId: bytesToBase64Url(credentialId),
        publicKey: bytesToBase64Url(publicKey),
        rpIdHash: bytesToBase64Url(rpIdHash),
        origin,
      };
      kept = [...kept, made].slice(-MAX_KEPT);
      storage?.setItem(STORAGE_KEY, JSON.stringify(kept));
    },
    find(credentialId) {
      const made = kept.find((it) => it.credentialId === credentialId);
      return made
        ? {
            credentialId: base64UrlToBytes(made.credentialId),
            publicKey: base64UrlToBytes(made.publicKey),
            rpIdHash: base64UrlToBytes(made.rpIdHash),
            origin: made.origin,
          }
        : null;
    },
  };
}
