// Total order ids (SEP-35): ledger, transaction and operation packed into one sortable 64-bit number.

export type Toid = { readonly ledger: number; readonly transaction: number; readonly operation: number };

const TRANSACTION_BITS = 20n;
const OPERATION_BITS = 12n;

export function encodeToid({ ledger, transaction, operation }: Toid): bigint {
  return (
    (BigInt(ledger) << (TRANSACTION_BITS + OPERATION_BITS)) |
    (BigInt(transaction) << OPERATION_BITS) |
    BigInt(operation)
  );
}

export function decodeToid(value: bigint): Toid {
  return {
    ledger: Number(value >> (TRANSACTION_BITS + OPERATION_BITS)),
    transaction: Number((value >> OPERATION_BITS) & ((1n << TRANSACTION_BITS) - 1n)),
    operation: Number(value & ((1n << OPERATION_BITS) - 1n)),
  };
}

/** A total order id in decimal digits, or null when the text is none. */
export function parseToid(text: string): bigint | null {
  const MAX_TOID = 2n ** 63n - 1n;
  if (!/^\d{1,19}$/.test(text)) return null;
  const toid = BigInt(text);
  return toid <= MAX_TOID ? toid : null;
}
