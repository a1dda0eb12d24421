import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differingFiles, formatSums, parseSums, sumsOf } from './sums.ts';

const sha256OfAbc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

describe('sums', () => {
  it('sums files by SHA-256 (FIPS 180-4 example "abc")', () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-sums-'));
    try {
      writeFileSync(join(folder, 'a.wasm'), 'abc');
      expect(sumsOf(folder, ['a.wasm'], 'rustc 1.0.0')).toEqual({
        toolchain: 'rustc 1.0.0',
        files: { 'a.wasm': sha256OfAbc },
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('reads back what it writes', () => {
    const hexDigit = fc.constantFrom(...'0123456789abcdef');
    const sum = fc.array(hexDigit, { minLength: 64, maxLength: 64 }).map((digits) => digits.join(''));
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}\.wasm$/);
    const toolchain = fc.stringMatching(/^[ -~]{0,80}$/);
    fc.assert(
      fc.property(toolchain, fc.dictionary(name, sum, { noNullPrototype: true }), (toolchain, files) => {
        expect(parseSums(formatSums({ toolchain, files }))).toEqual({ toolchain, files });
      }),
    );
  });

  it('knows no toolchain where the file names none', () => {
    expect(parseSums(`# made by hand\n${sha256OfAbc}  a.wasm\n`)).toEqual({
      toolchain: '',
      files: { 'a.wasm': sha256OfAbc },
    });
  });

  it('refuses a line that is no sum', () => {
    expect(() => parseSums('abc  a.wasm\n')).toThrow('not a sum: "abc  a.wasm"');
  });

  it('names files that differ or are missing on either side', () => {
    const of = (files: Record<string, string>) => ({ toolchain: '', files });
    expect(differingFiles(of({ a: '1', b: '2', c: '3' }), of({ a: '1', b: '4', d: '5' }))).toEqual([
      'b',
      'c',
      'd',
    ]);
    expect(differingFiles(of({ a: '1' }), of({ a: '1' }))).toEqual([]);
  });
});
