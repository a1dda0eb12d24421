// Cuts a decimal amount into groups of three digits for display.
// Guarantees: joining the pieces gives the input back, so what a person copies stays a plain decimal.
// It does not check that the text is a number: amounts come from the SDK's formatAmount.

/** One piece of a decimal: the sign, a group of up to three integer digits, or the fraction with its point. */
export interface DecimalPiece {
  kind: 'sign' | 'group' | 'fraction';
  text: string;
}

/** Splits e.g. `-1234567.05` into `-`, `1`, `234`, `567`, `.05`. */
export function decimalGroups(decimal: string): DecimalPiece[] {
  const pieces: DecimalPiece[] = [];
  const sign = /^[-+\u2212]/.exec(decimal)?.[0] ?? '';
  if (sign !== '') pieces.push({ kind: 'sign', text: sign });
  const unsigned = decimal.slice(sign.length);
  const point = unsigned.indexOf('.');
  const whole = point === -1 ? unsigned : unsigned.slice(0, point);
  for (let start = 0, end = whole.length % 3 || 3; start < whole.length; start = end, end += 3) {
    pieces.push({ kind: 'group', text: whole.slice(start, end) });
  }
  if (point !== -1) pieces.push({ kind: 'fraction', text: unsigned.slice(point) });
  return pieces;
}
