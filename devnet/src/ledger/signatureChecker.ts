// Decides whether a transaction's signatures reach an account's threshold, and remembers which were used.
// Follows stellar-core: pre-authorized hashes first, then hash(x), ed25519 keys and signed payloads (CAP-40); each
// signer counts once, a weight counts at most 255, and a threshold of 0 still needs one valid signature. However often
// a signature is looked at, it is verified once for each key; a check may look at 1,000, then ed25519 fails.
import type * as xdr from '@stellar/stellar-sdk/xdr';
import { equalBytes, toLatin1 } from '../bytes.ts';
import { sha256 } from '../sha256.ts';
import { accountIdOf } from './account.ts';
import { ED25519_SIGNATURE_BYTES, verifyEd25519 } from './ed25519.ts';

const MAX_SIGNER_WEIGHT = 255;
const MAX_VERIFICATIONS = 1_000;

export type ThresholdLevel = 'low' | 'medium' | 'high';
const THRESHOLD_INDEX = { low: 1, medium: 2, high: 3 } as const;

type WeightedKey =
  | { readonly kind: 'preAuth' | 'hashX' | 'ed25519'; readonly key: Uint8Array; readonly weight: number }
  | {
      readonly kind: 'payload';
      readonly key: Uint8Array;
      readonly payload: Uint8Array;
      readonly weight: number;
    };

const CHECK_ORDER = ['hashX', 'ed25519', 'payload'] as const;

/** Which keys made a signature over which message; remembered as long as the decoded transaction is. */
const verified = new WeakMap<xdr.DecoratedSignature, Map<string, boolean>>();

export class SignatureChecker {
  readonly #hash: Uint8Array;
  readonly #signatures: readonly xdr.DecoratedSignature[];
  readonly #used: boolean[];
  readonly #impersonated: ReadonlySet<string>;
  #verifications = 0;
  #hasImpersonated = false;

  /** @param impersonated accounts (G…) that count as having signed; beside them any signature is welcome */
  constructor(
    hash: Uint8Array,
    signatures: readonly xdr.DecoratedSignature[],
    impersonated: ReadonlySet<string> = new Set(),
  ) {
    this.#hash = hash;
    this.#signatures = signatures;
    this.#impersonated = impersonated;
    this.#used = signatures.map(() => false);
  }

  account(account: xdr.AccountEntry, level: ThresholdLevel): boolean {
    const thresholds = account.thresholds.toBytes();
    const signers = account.signers.map((signer) => weighted(signer.key, signer.weight));
    const masterWeight = thresholds[0] ?? 0;
    if (masterWeight > 0) {
      signers.push({ kind: 'ed25519', key: account.accountId.value.toBytes(), weight: masterWeight });
    }
    const isSigned = this.#reaches(signers, thresholds[THRESHOLD_INDEX[level]] ?? 0);
    return isSigned || this.#isImpersonated(account.accountId);
  }

  /** For an account that does not exist yet: its own key must have signed. */
  masterKey(publicKey: Uint8Array): boolean {
    const isSigned = this.#reaches([{ kind: 'ed25519', key: publicKey, weight: 1 }], 0);
    return isSigned || this.#isImpersonated(accountIdOf(publicKey));
  }

  extraSigner(key: xdr.SignerKey): boolean {
    return this.#reaches([weighted(key, 1)], 0);
  }

  allUsed(): boolean {
    return this.#hasImpersonated || this.#used.every(Boolean);
  }

  #isImpersonated(accountId: xdr.AccountId): boolean {
    if (this.#impersonated.size === 0) return false;
    const isFound = this.#impersonated.has(String(accountId.toJson()));
    this.#hasImpersonated ||= isFound;
    return isFound;
  }

  #reaches(signers: readonly WeightedKey[], threshold: number): boolean {
    let total = 0;
    for (const signer of signers) {
      if (signer.kind !== 'preAuth' || !equalBytes(signer.key, this.#hash)) continue;
      total += Math.min(signer.weight, MAX_SIGNER_WEIGHT);
      if (total >= threshold) return true;
    }
    for (const kind of CHECK_ORDER) {
      const candidates = signers.filter((signer) => signer.kind === kind);
      for (const [index, signature] of this.#signatures.entries()) {
        const match = candidates.findIndex((signer) => this.#verifies(signer, signature));
        const signer = candidates[match];
        if (!signer) continue;
        this.#used[index] = true;
        total += Math.min(signer.weight, MAX_SIGNER_WEIGHT);
        if (total >= threshold) return true;
        candidates.splice(match, 1);
      }
    }
    return false;
  }

  #verifies(signer: WeightedKey, signature: xdr.DecoratedSignature): boolean {
    const hint = signature.hint.toBytes();
    if (signer.kind === 'payload') {
      const isMeant = equalBytes(hint, payloadHint(signer.key, signer.payload));
      return isMeant && this.#isSignedBy(signer.key, signer.payload, signature);
    }
    if (!equalBytes(hint, signer.key.subarray(-4))) return false;
    if (signer.kind === 'hashX') return equalBytes(sha256(signature.signature.toBytes()), signer.key);
    return this.#isSignedBy(signer.key, this.#hash, signature);
  }

  #isSignedBy(key: Uint8Array, message: Uint8Array, signature: xdr.DecoratedSignature): boolean {
    const bytes = signature.signature.toBytes();
    if (bytes.length !== ED25519_SIGNATURE_BYTES || this.#verifications >= MAX_VERIFICATIONS) return false;
    this.#verifications++;
    const results = verified.get(signature) ?? new Map<string, boolean>();
    verified.set(signature, results);
    const subject = toLatin1(key) + toLatin1(message);
    const known = results.get(subject);
    if (known !== undefined) return known;
    const isValid = verifyEd25519(key, message, bytes);
    results.set(subject, isValid);
    return isValid;
  }
}

function weighted(key: xdr.SignerKey, weight: number): WeightedKey {
  switch (key.type) {
    case 'signerKeyTypeEd25519':
      return { kind: 'ed25519', key: key.ed25519.toBytes(), weight };
    case 'signerKeyTypePreAuthTx':
      return { kind: 'preAuth', key: key.preAuthTx.toBytes(), weight };
    case 'signerKeyTypeHashX':
      return { kind: 'hashX', key: key.hashX.toBytes(), weight };
    case 'signerKeyTypeEd25519SignedPayload': {
      const { ed25519, payload } = key.ed25519SignedPayload;
      return { kind: 'payload', key: ed25519.toBytes(), payload, weight };
    }
  }
}

/** CAP-40: the key's last four bytes, XORed with the payload's last four (zero-padded at the end). */
function payloadHint(key: Uint8Array, payload: Uint8Array): Uint8Array {
  const tail = new Uint8Array(4);
  tail.set(payload.subarray(-4));
  return key.subarray(-4).map((byte, index) => byte ^ tail[index]!);
}
