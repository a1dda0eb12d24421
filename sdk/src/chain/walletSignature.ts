// The signature that a wallet takes in an authorization entry: a part for each signer, in ascending order of id, each
// the id with one flag in three bytes and a proof of the signer's kind (contracts/wallet/src/authorization.rs). Nothing
// is verified here, and which signers are enough the wallet decides.
import { LatchkeyError } from '../api/errors.ts';
import { concatBytes } from './bytes.ts';
import { type Assertion, passkeyProof } from './passkeySignature.ts';
import { type PostQuantumScheme, postQuantumSchemes } from './signer.ts';

const FLAG = 1 << 23;
/** The wallet's cap on signers in one authorization. */
export const MAX_SIGNATURE_PARTS = 8;
const ED25519_SIGNATURE_BYTES = 64;
/** What Latchkey's verifiers demand as the context of a post-quantum signature (FIPS 204 and 205, ctx), in ASCII. */
export const POST_QUANTUM_CONTEXT = 'latchkey/soroban-auth/1';

export type SignaturePart = {
  signerId: number;
  /** what it says depends on the signer's kind */
  isFlagged: boolean;
  proof: Uint8Array;
};

function invalid(message: string): LatchkeyError {
  return new LatchkeyError('SIGNATURE_INVALID', { message });
}

function requireLength(bytes: Uint8Array, length: number, what: string): void {
  if (bytes.length !== length) throw invalid(`${what} has ${bytes.length} bytes, not ${length}.`);
}

/** @throws what `passkeyProof` throws */
export function passkeyPart(
  signerId: number,
  assertion: Assertion,
  origin: string,
  payload: Uint8Array,
): SignaturePart {
  const { isExplicit, bytes } = passkeyProof(assertion, origin, payload);
  return { signerId, isFlagged: isExplicit, proof: bytes };
}

/** `signature` is of the 32 bytes of the payload. @throws LatchkeyError SIGNATURE_INVALID for a wrong length */
export function ed25519Part(signerId: number, signature: Uint8Array): SignaturePart {
  requireLength(signature, ED25519_SIGNATURE_BYTES, 'The ed25519 signature');
  return { signerId, isFlagged: false, proof: signature };
}

/** An account signs elsewhere: as a delegate in this entry's credentials (CAP-71), or in an entry of its own. */
export function accountPart(signerId: number, signsAs: 'delegate' | 'own-entry'): SignaturePart {
  return { signerId, isFlagged: signsAs === 'delegate', proof: new Uint8Array() };
}

/**
 * `signature` is of the 32 bytes of the payload, in the context that the signer's verifier demands.
 * @throws LatchkeyError SIGNATURE_INVALID for a wrong length
 */
export function postQuantumPart(
  signerId: number,
  scheme: PostQuantumScheme,
  publicKey: Uint8Array,
  signature: Uint8Array,
): SignaturePart {
  const { publicKeyBytes, signatureBytes } = postQuantumSchemes[scheme];
  requireLength(publicKey, publicKeyBytes, 'The public key');
  requireLength(signature, signatureBytes, 'The signature');
  return { signerId, isFlagged: false, proof: concatBytes(publicKey, signature) };
}

/**
 * The bytes of the signature, whatever the order of `parts`.
 * @throws LatchkeyError SIGNATURE_INVALID when there is no part, more than 8, two of one signer, or an id of no signer
 */
export function encodeSignature(parts: SignaturePart[]): Uint8Array<ArrayBuffer> {
  if (parts.length === 0 || parts.length > MAX_SIGNATURE_PARTS) {
    throw invalid(`A wallet takes 1 to ${MAX_SIGNATURE_PARTS} signatures, not ${parts.length}.`);
  }
  const inOrder = [...parts].sort((a, b) => a.signerId - b.signerId);
  return concatBytes(
    ...inOrder.flatMap(({ signerId, isFlagged, proof }, at) => {
      if (!Number.isInteger(signerId) || signerId < 0 || signerId >= FLAG) {
        throw invalid(`${signerId} is the id of no signer.`);
      }
      if (inOrder[at - 1]?.signerId === signerId) throw invalid(`Signer ${signerId} signs twice.`);
      const header = isFlagged ? signerId | FLAG : signerId;
      return [Uint8Array.of(header >> 16, (header >> 8) & 0xff, header & 0xff), proof];
    }),
  );
}
