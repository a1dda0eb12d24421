// Puts XDR into a reply in the format the caller asked for: `<name>Xdr` in base64 or `<name>Json` as SEP-51 JSON.
import type * as xdr from '@stellar/stellar-sdk/xdr';
import { toBase64 } from '../bytes.ts';

export type XdrFormat = 'base64' | 'json';
type Decoder = { fromXdr(input: Uint8Array): xdr.XdrValue };

/** A field named for its format. `xdrName` overrides the base64 name where stellar-rpc departs from the rule. */
export function xdrField(
  name: string,
  decoder: Decoder,
  bytes: Uint8Array,
  format: XdrFormat,
  xdrName = `${name}Xdr`,
): Record<string, unknown> {
  return format === 'json'
    ? { [`${name}Json`]: decoder.fromXdr(bytes).toJson() }
    : { [xdrName]: toBase64(bytes) };
}

export function xdrListField(
  name: string,
  values: readonly xdr.XdrValue[],
  format: XdrFormat,
): Record<string, unknown> {
  return format === 'json'
    ? { [`${name}Json`]: values.map((value) => value.toJson()) }
    : { [`${name}Xdr`]: values.map((value) => value.toXdr('base64')) };
}
