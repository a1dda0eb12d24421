// An amount of a token. The text is the plain decimal and the symbol ("1250.5 XLM"); groups of three are set apart
// by CSS alone, so that copying, searching and screen readers get the decimal as it is. Figures are tabular.
import { formatAmount } from '@latchkey/sdk';
import { decimalGroups } from './decimalGroups.ts';

interface AmountProps {
  /** In the token's smallest unit. */
  amount: bigint;
  decimals: number;
  symbol: string;
  sign?: '+' | '\u2212';
}

export function Amount({ amount, decimals, symbol, sign }: AmountProps) {
  const pieces = decimalGroups(formatAmount(amount, decimals));
  return (
    <span className="amount">
      {sign}
      {pieces.map((piece, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the position is the piece's identity.
        <span key={index} className={`amount-${piece.kind}`}>
          {piece.text}
        </span>
      ))}{' '}
      <span className="amount-symbol">{symbol}</span>
    </span>
  );
}
