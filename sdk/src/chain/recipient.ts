// Where a payment may go: an account (G…), an account with a number that tells its customers apart (M…, SEP-23 and
// CAP-27), or a contract (C…). Reads and makes them, checksums included. Whether the recipient exists, and can hold the
// asset, is not known here.
import { MuxedAccount, MuxedAccountMed25519, ScAddress, ScVal } from '@stellar/stellar-sdk/xdr';
import { LatchkeyError } from '../api/errors.ts';
import { parseAddress } from './address.ts';

const MUXED = /^M[A-Z2-7]{68}$/;
const MAX_MUXED_ID = 2n ** 64n - 1n;

export type Recipient =
  | { kind: 'account'; address: string; account: string }
  | { kind: 'muxed'; address: string; account: string; id: bigint }
  | { kind: 'contract'; address: string };

function muxedParts(text: string): { account: string; id: bigint } | null {
  try {
    const muxed = MuxedAccount.fromJson(text);
    if (muxed.type !== 'keyTypeMuxedEd25519') return null;
    const { id, ed25519 } = muxed.med25519;
    return { account: String(MuxedAccount.keyTypeEd25519(ed25519).toJson()), id };
  } catch {
    return null;
  }
}

/** @throws LatchkeyError INVALID_ADDRESS naming `field` */
export function parseRecipient(text: string, field = 'destination'): Recipient {
  const refuse = (message: string) => new LatchkeyError('INVALID_ADDRESS', { message, details: { field } });
  if (MUXED.test(text)) {
    const parts = muxedParts(text);
    if (!parts) throw refuse('This address has a typing error: its checksum does not match.');
    return { kind: 'muxed', address: text, ...parts };
  }
  if (!/^[GC][A-Z2-7]{55}$/.test(text)) {
    throw refuse('Enter a Stellar address: 56 characters that start with G or C, or 69 that start with M.');
  }
  parseAddress(text, field);
  return text.startsWith('G')
    ? { kind: 'account', address: text, account: text }
    : { kind: 'contract', address: text };
}

/** The M… address of an account's customer with this number. @throws RangeError for a number of over 64 bits */
export function muxedAddress(account: string, id: bigint): string {
  if (id < 0n || id > MAX_MUXED_ID) throw new RangeError('the number of a muxed address has 64 bits');
  const plain = MuxedAccount.fromJson(account);
  if (plain.type !== 'keyTypeEd25519') throw new TypeError('only an account can be given a number');
  const numbered = new MuxedAccountMed25519({ id, ed25519: plain.ed25519 });
  return String(MuxedAccount.keyTypeMuxedEd25519(numbered).toJson());
}

export function recipientToScVal(address: string): ScVal {
  return ScVal.scvAddress(ScAddress.fromJson(parseRecipient(address).address));
}
