// A QR code as one SVG path: dark modules only, runs of a row merged, one unit a module.
// Guarantees: the path covers exactly the dark modules of the encoded symbol, quiet zone of four modules
// included in `size` (ISO/IEC 18004 section 6.3.8), so a caller cannot forget it.
import { encode } from 'uqr';

const QUIET_ZONE_MODULES = 4;

export interface QrPath {
  /** Side of the square in modules, quiet zone included: the SVG viewBox is `0 0 size size`. */
  size: number;
  /** Path data for `<path d>`. */
  path: string;
}

/** Encodes `text` with error correction level M. Throws when the text does not fit a version-40 symbol. */
export function qrPath(text: string): QrPath {
  const symbol = encode(text, { ecc: 'M', border: QUIET_ZONE_MODULES });
  let path = '';
  symbol.data.forEach((row, y) => {
    for (let x = 0; x < row.length; x++) {
      if (!row[x]) continue;
      const start = x;
      while (row[x + 1]) x++;
      path += `M${start} ${y}h${x - start + 1}v1h-${x - start + 1}z`;
    }
  });
  return { size: symbol.size, path };
}
