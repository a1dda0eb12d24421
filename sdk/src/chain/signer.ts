// What a wallet registers about a signer: its key, its role, its co-signers. Written as the wallet contract takes it and
// read as it answers; contracts.test.ts holds both to the contract's own specification. Lengths, points and expiries
// are the contract's to check.
import { ScVal } from '@stellar/stellar-sdk/xdr';
import { addressToScVal } from './address.ts';
import {
  readAddress,
  readBytes,
  readField,
  readString,
  readU32,
  readVariant,
  readVec,
  scBytes,
  scStruct,
  scU32,
  scVariant,
  scVec,
  unexpectedValue,
} from './values.ts';

export type Passkey = {
  /** 65 bytes, uncompressed SEC1 point on P-256 */
  publicKey: Uint8Array;
  credentialId: Uint8Array;
  /** sha256 of the relying party id */
  rpIdHash: Uint8Array;
  origin: string;
};

/** FIPS 204 and 205, by the names of the contract: number, and lengths of an encoded public key and signature. */
export const postQuantumSchemes = {
  MlDsa44: { number: 44, publicKeyBytes: 1312, signatureBytes: 2420 },
  MlDsa65: { number: 65, publicKeyBytes: 1952, signatureBytes: 3309 },
  SlhDsaSha2128s: { number: 128, publicKeyBytes: 32, signatureBytes: 7856 },
} as const;
export type PostQuantumScheme = keyof typeof postQuantumSchemes;

export type SignerKey =
  | { kind: 'passkey'; passkey: Passkey }
  | { kind: 'ed25519'; publicKey: Uint8Array }
  /** another account or contract, which authorizes by its own rules */
  | { kind: 'account'; address: string }
  | {
      kind: 'post-quantum';
      scheme: PostQuantumScheme;
      /** sha256 of the encoded public key, which travels with each signature */
      publicKeyHash: Uint8Array;
      /** contract that verifies */
      verifier: string;
    };

export type Role =
  | { kind: 'admin' }
  /** calls these contracts, up to and including this ledger */
  | { kind: 'session'; contracts: string[]; expiresAtLedger: number };

/** Signers of the same role, of whom at least `threshold` have to sign too. */
export type CoSigners = { signerIds: number[]; threshold: number };

export type Signer = { key: SignerKey; role: Role; coSigners: CoSigners | null };

export type RegisteredSigner = { id: number; signer: Signer; policies: string[] };

function passkeyToScVal(passkey: Passkey): ScVal {
  return scStruct({
    public_key: scBytes(passkey.publicKey),
    credential_id: scBytes(passkey.credentialId),
    rp_id_hash: scBytes(passkey.rpIdHash),
    origin: ScVal.scvString(passkey.origin),
  });
}

export function signerKeyToScVal(key: SignerKey): ScVal {
  switch (key.kind) {
    case 'passkey':
      return scVariant('Passkey', passkeyToScVal(key.passkey));
    case 'ed25519':
      return scVariant('Ed25519', scBytes(key.publicKey));
    case 'account':
      return scVariant('Account', addressToScVal(key.address));
    case 'post-quantum':
      return scVariant(
        'PostQuantum',
        scStruct({
          public_key_hash: scBytes(key.publicKeyHash),
          scheme: scU32(postQuantumSchemes[key.scheme].number),
          verifier: addressToScVal(key.verifier),
        }),
      );
  }
}

export function roleToScVal(role: Role): ScVal {
  if (role.kind === 'admin') return scVariant('Admin');
  return scVariant(
    'Session',
    scStruct({
      contracts: scVec(role.contracts.map(addressToScVal)),
      expires_at_ledger: scU32(role.expiresAtLedger),
    }),
  );
}

/** Ids and threshold, as the contract keeps them apart: no ids and 0 when there are none. */
export function coSignersToScVals(coSigners: CoSigners | null): [ids: ScVal, threshold: ScVal] {
  return [scVec((coSigners?.signerIds ?? []).map(scU32)), scU32(coSigners?.threshold ?? 0)];
}

export function signerToScVal({ key, role, coSigners }: Signer): ScVal {
  const [ids, threshold] = coSignersToScVals(coSigners);
  return scStruct({
    co_signers: ids,
    key: signerKeyToScVal(key),
    role: roleToScVal(role),
    threshold,
  });
}

function readPasskey(value: ScVal): Passkey {
  return {
    publicKey: readBytes(readField(value, 'public_key')),
    credentialId: readBytes(readField(value, 'credential_id')),
    rpIdHash: readBytes(readField(value, 'rp_id_hash')),
    origin: readString(readField(value, 'origin')),
  };
}

function readScheme(value: ScVal): PostQuantumScheme {
  const number = readU32(value);
  const scheme = Object.entries(postQuantumSchemes).find(([, it]) => it.number === number)?.[0];
  if (scheme === undefined) throw unexpectedValue('scheme');
  return scheme as PostQuantumScheme;
}

/** @throws LatchkeyError SIMULATION_FAILED when the value is no key, like all of the readers */
export function readSignerKey(value: ScVal): SignerKey {
  const { name, value: key } = readVariant(value);
  if (key === undefined) throw unexpectedValue('key');
  switch (name) {
    case 'Passkey':
      return { kind: 'passkey', passkey: readPasskey(key) };
    case 'Ed25519':
      return { kind: 'ed25519', publicKey: readBytes(key) };
    case 'Account':
      return { kind: 'account', address: readAddress(key) };
    case 'PostQuantum':
      return {
        kind: 'post-quantum',
        scheme: readScheme(readField(key, 'scheme')),
        publicKeyHash: readBytes(readField(key, 'public_key_hash')),
        verifier: readAddress(readField(key, 'verifier')),
      };
    default:
      throw unexpectedValue('key');
  }
}

function readRole(value: ScVal): Role {
  const { name, value: session } = readVariant(value);
  if (name === 'Admin' && session === undefined) return { kind: 'admin' };
  if (name !== 'Session' || session === undefined) throw unexpectedValue('role');
  return {
    kind: 'session',
    contracts: readVec(readField(session, 'contracts'), readAddress),
    expiresAtLedger: readU32(readField(session, 'expires_at_ledger')),
  };
}

export function readSigner(value: ScVal): Signer {
  const signerIds = readVec(readField(value, 'co_signers'), readU32);
  const threshold = readU32(readField(value, 'threshold'));
  return {
    key: readSignerKey(readField(value, 'key')),
    role: readRole(readField(value, 'role')),
    coSigners: signerIds.length === 0 ? null : { signerIds, threshold },
  };
}

export function readRegisteredSigner(value: ScVal): RegisteredSigner {
  return {
    id: readU32(readField(value, 'id')),
    signer: readSigner(readField(value, 'signer')),
    policies: readVec(readField(value, 'policies'), readAddress),
  };
}
