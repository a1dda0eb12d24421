import fc from 'fast-check';
import { encode } from 'uqr';
import { describe, expect, it } from 'vitest';
import { qrPath } from './qrPath.ts';

const address = 'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC';

/** Paints the path's rectangles back into a matrix of modules. */
function painted(size: number, path: string): boolean[][] {
  const matrix = Array.from({ length: size }, () => new Array<boolean>(size).fill(false));
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let column = 0; column < Number(width); column++) matrix[Number(y)]![Number(x) + column] = true;
  }
  return matrix;
}

describe('qrPath', () => {
  it('paints exactly the modules of the encoded symbol', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 80 }), (text) => {
        const { size, path } = qrPath(text);
        expect(painted(size, path)).toEqual(encode(text, { ecc: 'M', border: 4 }).data);
      }),
      { numRuns: 25 },
    );
  });

  it('leaves a quiet zone of four modules on each side', () => {
    const { size, path } = qrPath(address);
    const matrix = painted(size, path);
    const dark = (x: number, y: number) => matrix[y]![x]!;
    for (let i = 0; i < size; i++) {
      for (let edge = 0; edge < 4; edge++) {
        expect([
          dark(i, edge),
          dark(i, size - 1 - edge),
          dark(edge, i),
          dark(size - 1 - edge, i),
        ]).not.toContain(true);
      }
    }
    expect(dark(4, 4)).toBe(true);
  });

  it('fits an address into a version 3 symbol, 29 modules wide', () => {
    expect(qrPath(address).size).toBe(29 + 8);
  });
});
