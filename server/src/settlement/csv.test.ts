import { describe, expect, it } from 'vitest';
import { csvField, csvLine } from './csv.ts';

describe('a line of CSV', () => {
  it('ends in CRLF and quotes what RFC 4180 says has to be quoted', () => {
    expect(csvLine(['a', 'b,c', 'say "x"', 'two\r\nlines', ''])).toBe(
      'a,"b,c","say ""x""","two\r\nlines",\r\n',
    );
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', '"=1', '|calc', '%0A', '＝1'])(
    'is no formula where a memo is %j',
    (memo) => {
      expect(csvField(memo)).toMatch(/^"'/);
    },
  );

  it('leaves what is no formula alone', () => {
    for (const plain of ['invoice 7', 'a=b', '12.5', 'Grüße', '2026-11-21T00:00:00.000Z'])
      expect(csvField(plain)).toBe(plain);
  });
});
