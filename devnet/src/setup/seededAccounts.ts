// Accounts whose keys everybody knows, for development: derived from one phrase as wallets do it (SEP-5: the seed of
// BIP-39, keys by SLIP-10 at m/44'/148'/i'), so that the phrase can be put into a wallet and finds them. Any text serves
// as a phrase; its words and checksum are not looked at. Never use one of these keys where money is real.
import { hmac } from '@noble/hashes/hmac.js';
import { pbkdf2 } from '@noble/hashes/pbkdf2.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes } from '../bytes.ts';
import { accountIdOf } from '../ledger/account.ts';
import { type Ed25519Signer, ed25519Signer } from '../ledger/ed25519.ts';
import { secretKeyText } from './secretKey.ts';

/** The phrase that Ethereum's development networks use too. */
export const DEFAULT_SEED_PHRASE = 'test test test test test test test test test test test junk';
export const DEFAULT_ACCOUNTS = 10;
export const MAX_ACCOUNTS = 100;

export type SeededAccount = { readonly publicKey: string; readonly secretKey: string };
export type AccountKey = SeededAccount & { readonly signer: Ed25519Signer };

const HARDENED = 0x8000_0000;
const PURPOSE = 44;
const STELLAR_COIN_TYPE = 148;

/** @throws RangeError */
export function seededAccounts(count: number, phrase = DEFAULT_SEED_PHRASE): AccountKey[] {
  if (!Number.isInteger(count) || count < 0 || count > MAX_ACCOUNTS) {
    throw new RangeError(`accounts: a whole number from 0 to ${MAX_ACCOUNTS}`);
  }
  if (count === 0) return [];
  const text = (part: string) => new TextEncoder().encode(part.normalize('NFKD'));
  const seed = pbkdf2(sha512, text(phrase), text('mnemonic'), { c: 2_048, dkLen: 64 });
  const master = hmac(sha512, new TextEncoder().encode('ed25519 seed'), seed);
  const purpose = child(child(master, PURPOSE), STELLAR_COIN_TYPE);
  return Array.from({ length: count }, (_, index) => accountKeyOf(child(purpose, index).slice(0, 32)));
}

export function accountKeyOf(seed: Uint8Array): AccountKey {
  const signer = ed25519Signer(seed);
  return {
    publicKey: String(accountIdOf(signer.publicKey).toJson()),
    secretKey: secretKeyText(seed),
    signer,
  };
}

/** SLIP-10 for ed25519: hardened children only; a node is key and chain code. */
function child(node: Uint8Array, index: number): Uint8Array {
  const serial = new Uint8Array(4);
  new DataView(serial.buffer).setUint32(0, HARDENED + index);
  return hmac(sha512, node.subarray(32), concatBytes(new Uint8Array([0]), node.subarray(0, 32), serial));
}
