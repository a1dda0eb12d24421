// Events that move amounts: SEP-41's, in the form that CAP-67 gave them and in the one before, where an administrator
// stood before the holder. Null for everything else. A token's contract says what it likes in its events: whether the
// asset that it names is its own is for whoever knows the network to check.
import type { ScVal } from '@stellar/stellar-sdk/xdr';
import { scValToAddress } from './address.ts';
import { bytesToHex } from './bytes.ts';
import { scValToI128, structField } from './values.ts';

export type TokenEvent = {
  kind: 'transfer' | 'mint' | 'burn' | 'clawback';
  /** null for what is minted */
  from: string | null;
  /** null for what is burned or clawed back */
  to: string | null;
  amount: bigint;
  /** SEP-11 name, such as "native" or "USDC:G…", that the event gives; null without one */
  asset: string | null;
  /** of the receiver, as CAP-67 carries it (a number, text or hex bytes); null without one */
  memo: string | null;
};

export const tokenEventNames = ['transfer', 'mint', 'burn', 'clawback'] as const;

const MAX_MEMO_CHARS = 64;
/** Whoever pays writes what they like into a memo; some databases take no NUL, and no page a line break in a row. */
const CONTROL_CHARACTERS = /\p{Cc}/gu;

export function readTokenEvent(topics: ScVal[], value: ScVal): TokenEvent | null {
  const [name, ...others] = topics;
  if (name?.type !== 'scvSymbol') return null;
  const kind = tokenEventNames.find((it) => it === String(name.value));
  const amount = scValToI128(value) ?? scValToI128(structField(value, 'amount'));
  if (kind === undefined || amount === null || amount < 0n) return null;
  const last = others.at(-1);
  const asset = last?.type === 'scvString' ? String(last.value) : null;
  const holders = (asset === null ? others : others.slice(0, -1)).map(scValToAddress);
  if (holders.some((it) => it === null)) return null;
  const parts = partiesOf(kind, holders as string[]);
  return parts && { kind, ...parts, amount, asset, memo: memoOf(structField(value, 'to_muxed_id')) };
}

function partiesOf(
  kind: TokenEvent['kind'],
  holders: string[],
): { from: string | null; to: string | null } | null {
  const [first, second] = holders;
  if (first === undefined || holders.length > 2) return null;
  if (kind === 'transfer') return second === undefined ? null : { from: first, to: second };
  if (kind === 'burn') return second === undefined ? { from: first, to: null } : null;
  // Before CAP-67 the administrator came first.
  const holder = second ?? first;
  return kind === 'mint' ? { from: null, to: holder } : { from: holder, to: null };
}

function memoOf(value: ScVal | undefined): string | null {
  if (value?.type === 'scvU64') return String(value.value);
  if (value?.type === 'scvString') {
    const text = String(value.value).replaceAll(CONTROL_CHARACTERS, '\uFFFD');
    return text.slice(0, MAX_MEMO_CHARS).toWellFormed();
  }
  if (value?.type !== 'scvBytes') return null;
  return bytesToHex(value.value.value).slice(0, MAX_MEMO_CHARS);
}
