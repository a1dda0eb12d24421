// The built verifiers on ledger protocol 30: published vectors, signatures of an independent signer (Node's OpenSSL),
// agreement of the two that verify ML-DSA, and what each costs in a transaction.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { type PublishedVector, publishedVectors } from './publishedVectors.ts';
import { openVerifierNetwork, type Verdict, type VerifierNetwork } from './verifierNetwork.ts';

const SOROBAN_AUTH_CONTEXT = Buffer.from('latchkey/soroban-auth/1');
const MAX_CONTEXT_BYTES = 255;

const lengths = {
  'ml-dsa-44': { publicKey: 1312, signature: 2420 },
  'ml-dsa-65': { publicKey: 1952, signature: 3309 },
  'ml-dsa-87': { publicKey: 2592, signature: 4627 },
  'slh-dsa-sha2-128s': { publicKey: 32, signature: 7856 },
} as const;
type Scheme = keyof typeof lengths;

type Signed = Omit<PublishedVector, 'id' | 'isValid' | 'comment'>;

let net: VerifierNetwork;
let mlDsa: string;
let mlDsaHost: string;
let slhDsa: string;

beforeAll(async () => {
  net = await openVerifierNetwork();
  mlDsa = await net.deploy('ml_dsa_verifier');
  mlDsaHost = await net.deploy('ml_dsa_host_verifier');
  slhDsa = await net.deploy('slh_dsa_verifier');
});

const withContext = (contract: string, it: Signed) => ({
  contract,
  name: 'verify_with_context',
  arguments: [it.publicKey, it.message, it.context, it.signature],
});
const verdict = (contract: string, it: Signed) => net.verdict(withContext(contract, it));
const accountVerdict = (contract: string, { publicKey, message, signature }: Signed) =>
  net.verdict({ contract, name: 'verify', arguments: [publicKey, message, signature] });

/** The host's function ends the invocation for a signature that does not verify; lengths are judged before. */
function hostVerdict(scheme: Scheme, it: Signed, isValid: boolean): Verdict {
  if (isValid) return true;
  const { publicKey, signature } = lengths[scheme];
  const isRightLength = it.publicKey.length === publicKey && it.signature.length === signature;
  return isRightLength && it.context.length <= MAX_CONTEXT_BYTES ? 'trap' : false;
}

const mlDsaVectors = (scheme: Scheme) => [
  ...publishedVectors(`acvp-${scheme}`),
  ...publishedVectors(`wycheproof-${scheme}`),
];

describe('published vectors', () => {
  it.each([
    ['ml-dsa-44', 80],
    ['ml-dsa-65', 82],
  ] as const)(
    'get the same verdicts from both verifiers of %s',
    { timeout: 90_000 },
    async (scheme, valid) => {
      const vectors = mlDsaVectors(scheme);
      for (const vector of vectors) {
        const where = `${vector.id} ${vector.comment}`;
        expect(await verdict(mlDsa, vector), where).toBe(vector.isValid);
        expect(await verdict(mlDsaHost, vector), where).toBe(hostVerdict(scheme, vector, vector.isValid));
      }
      expect(vectors.filter(({ isValid }) => isValid)).toHaveLength(valid);
    },
  );

  it('get their verdicts from the host for ml-dsa-87', { timeout: 90_000 }, async () => {
    const vectors = mlDsaVectors('ml-dsa-87');
    for (const vector of vectors) {
      const expected = hostVerdict('ml-dsa-87', vector, vector.isValid);
      expect(await verdict(mlDsaHost, vector), `${vector.id} ${vector.comment}`).toBe(expected);
    }
    expect(vectors.filter(({ isValid }) => isValid)).toHaveLength(74);
  });

  it('get their verdicts for slh-dsa-sha2-128s', { timeout: 90_000 }, async () => {
    const vectors = publishedVectors('acvp-slh-dsa-sha2-128s');
    for (const vector of vectors) {
      expect(await verdict(slhDsa, vector), `${vector.id} ${vector.comment}`).toBe(vector.isValid);
    }
    expect(vectors.filter(({ isValid }) => isValid)).toHaveLength(16);
  });
});

function newKey(scheme: Scheme): { privateKey: KeyObject; publicKey: Uint8Array } {
  // The types do not know every scheme that OpenSSL has.
  const pair = generateKeyPairSync(scheme as 'ed25519');
  const spki = pair.publicKey.export({ type: 'spki', format: 'der' });
  return { privateKey: pair.privateKey, publicKey: spki.subarray(-lengths[scheme].publicKey) };
}

function signed(scheme: Scheme, context: Uint8Array): Signed {
  const { privateKey, publicKey } = newKey(scheme);
  const message = crypto.getRandomValues(new Uint8Array(32));
  const options = { key: privateKey, context };
  return { publicKey, message, context, signature: sign(null, message, options) };
}

/** A copy with one bit changed, at a place that follows from `position` between 0 and 1. */
function flipped(bytes: Uint8Array, position: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  const bit = Math.floor(position * bytes.length * 8);
  changed[bit >> 3]! ^= 1 << (bit & 7);
  return changed;
}

describe('signatures of an independent signer', () => {
  const verifiers: [Scheme, string, () => string][] = [
    ['ml-dsa-44', 'in wasm', () => mlDsa],
    ['ml-dsa-65', 'in wasm', () => mlDsa],
    ['ml-dsa-44', 'by the host', () => mlDsaHost],
    ['ml-dsa-65', 'by the host', () => mlDsaHost],
    ['ml-dsa-87', 'by the host', () => mlDsaHost],
    ['slh-dsa-sha2-128s', 'in wasm', () => slhDsa],
  ];

  it.each(verifiers)(
    'of %s, verified %s, count with the account context alone',
    async (scheme, _, contract) => {
      const forAccounts = signed(scheme, SOROBAN_AUTH_CONTEXT);
      expect(await accountVerdict(contract(), forAccounts)).toBe(true);
      expect(await verdict(contract(), forAccounts)).toBe(true);
      expect(await verdict(contract(), { ...forAccounts, context: new Uint8Array() })).not.toBe(true);
      const forOthers = signed(scheme, new Uint8Array());
      expect(await verdict(contract(), forOthers)).toBe(true);
      expect(await accountVerdict(contract(), forOthers)).not.toBe(true);
    },
  );

  it.each(verifiers)('of %s, verified %s, are refused with any bit changed', async (scheme, _, contract) => {
    const original = signed(scheme, SOROBAN_AUTH_CONTEXT);
    for (let i = 0; i < 24; i++) {
      const position = (i + Math.random()) / 24;
      for (const field of ['publicKey', 'message', 'signature'] as const) {
        const changed = { ...original, [field]: flipped(original[field], position) };
        expect(await accountVerdict(contract(), changed), `${field} at ${position}`).not.toBe(true);
      }
    }
  });
});

describe('costs, whole invocation of a verifier alone', () => {
  /** Above today's figures by what another compiler may add, and no more. */
  const limits = {
    'ml-dsa-44 in wasm': 7_000_000,
    'ml-dsa-65 in wasm': 11_200_000,
    'ml-dsa-44 by the host': 2_000_000,
    'ml-dsa-65 by the host': 3_000_000,
    'ml-dsa-87 by the host': 4_800_000,
    'slh-dsa-sha2-128s in wasm': 36_000_000,
  };

  async function mostOf(contract: string, vectors: PublishedVector[]): Promise<number> {
    let most = 0;
    for (const vector of vectors)
      most = Math.max(most, await net.instructions(withContext(contract, vector)));
    return most;
  }
  const someValid = (scheme: Scheme) =>
    publishedVectors(`wycheproof-${scheme}`)
      .filter(({ isValid }) => isValid)
      .slice(0, 5);

  it('stay within their limits', { timeout: 90_000 }, async () => {
    const slhDsaVectors = publishedVectors('acvp-slh-dsa-sha2-128s').filter(({ isValid }) => isValid);
    const costs: Record<keyof typeof limits, number> = {
      'ml-dsa-44 in wasm': await mostOf(mlDsa, someValid('ml-dsa-44')),
      'ml-dsa-65 in wasm': await mostOf(mlDsa, someValid('ml-dsa-65')),
      'ml-dsa-44 by the host': await mostOf(mlDsaHost, someValid('ml-dsa-44')),
      'ml-dsa-65 by the host': await mostOf(mlDsaHost, someValid('ml-dsa-65')),
      'ml-dsa-87 by the host': await mostOf(mlDsaHost, someValid('ml-dsa-87')),
      'slh-dsa-sha2-128s in wasm': await mostOf(slhDsa, slhDsaVectors),
    };
    for (const [name, instructions] of Object.entries(costs)) {
      console.log(`${name}: ${instructions} instructions`);
      expect(instructions, name).toBeLessThanOrEqual(limits[name as keyof typeof limits]);
    }
  });
});
