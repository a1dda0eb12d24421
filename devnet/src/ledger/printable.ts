// What names in the ledger may be made of: ASCII characters that can be printed. Lengths are the XDR's business.
import type * as xdr from '@stellar/stellar-sdk/xdr';

export function isPrintable(text: xdr.XdrString): boolean {
  return text.bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
}
