import fc from 'fast-check';
import addressparser from 'nodemailer/lib/addressparser';
import { describe, expect, it } from 'vitest';
import { normaliseEmail } from './accounts.ts';

/** What was accepted, or null where the address was refused with its code and field. */
function accepted(text: string): string | null {
  try {
    return normaliseEmail(text);
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_EMAIL', details: { field: 'email' } });
    return null;
  }
}

describe('an e-mail address', () => {
  it.each([
    ['upper case', 'ANA@Example.ORG'],
    ['white space around it', '\t ana@example.org\n'],
    ['a no-break space around it', '\u00a0ana@example.org\u00a0'],
    ['full-width letters', 'ａｎａ＠ｅｘａｍｐｌｅ．ｏｒｇ'],
    ['mathematical letters', '𝒶𝓃𝒶@example.org'],
    ['ligatures and circled letters', 'ⓐna@example.org'],
  ])('is the same with %s', (_, text) => {
    expect(normaliseEmail(text)).toBe('ana@example.org');
  });

  it('is the same with letters composed or decomposed, and with the Kelvin sign for a K', () => {
    expect(normaliseEmail('rene\u0301@example.org')).toBe(normaliseEmail('ren\u00e9@example.org'));
    expect(normaliseEmail('\u212aim@example.org')).toBe('kim@example.org');
  });

  it.each([
    'a@example.org',
    'ana.maria+wallet@mail.example.org',
    "o'neill_{1}~x@example.org",
    'иван@пример.испытание',
    'ana@bücher.example',
    'ana@xn--bcher-kva.example',
    `${'a'.repeat(64)}@example.org`,
    `a@${'b'.repeat(63)}.example.org`,
  ])('like "%s" is accepted as it is', (text) => {
    expect(normaliseEmail(text)).toBe(text);
  });

  it('of another script stays another address', () => {
    expect(normaliseEmail('аna@example.org')).not.toBe('ana@example.org');
  });

  it.each([
    ['a list', 'ana@example.org,eve@example.org'],
    ['a list with a full-width comma', 'ana@example.org，eve@example.org'],
    ['a list with semicolons', 'ana@example.org;eve@example.org'],
    ['a Greek question mark, which is a semicolon', 'ana\u037eeve@example.org'],
    ['a display name', 'Ana <ana@example.org>'],
    ['angle brackets', '<ana@example.org>'],
    ['a quoted local part', '"ana"@example.org'],
    ['an apostrophe list', "'ana@example.org',"],
    ['a comment', 'ana(eve)@example.org'],
    ['a group', 'ana:eve@example.org'],
    ['a NUL', 'ana\0@example.org'],
    ['a NUL at the end', 'ana@example.org\0'],
    ['a newline', 'ana\n@example.org'],
    ['a header', 'ana@example.org\r\nBcc: eve@example.org'],
    ['a line separator', 'ana\u2028eve@example.org'],
    ['a zero-width space', 'ana\u200b@example.org'],
    ['a right-to-left override', '\u202eana@example.org'],
    ['a space', 'ana maria@example.org'],
    ['a backslash', 'ana\\@example.org'],
    ['two @', 'ana@eve@example.org'],
    ['two @, one of them full-width', 'ana＠eve@example.org'],
    ['a source route', '@relay.example:ana@example.org'],
    ['a percent-encoded @', 'ana%40example.org'],
    ['no top-level domain', 'ana@example'],
    ['a top-level domain of one letter', 'ana@example.o'],
    ['an empty label', 'ana@example..org'],
    ['a dot at the end of the domain', 'ana@example.org.'],
    ['a label that starts with a hyphen', 'ana@-example.org'],
    ['a label that ends with a hyphen', 'ana@example-.org'],
    ['a label of 64 characters', `ana@${'b'.repeat(64)}.org`],
    ['an address literal', 'ana@[127.0.0.1]'],
    ['a dot at the start', '.ana@example.org'],
    ['a dot before the @', 'ana.@example.org'],
    ['two dots in a row', 'ana..maria@example.org'],
    ['65 characters before the @', `${'a'.repeat(65)}@example.org`],
    ['255 characters', `a@${'b.'.repeat(125)}org`],
    ['nothing', ''],
  ])('with %s is refused', (_, text) => {
    expect(accepted(text)).toBeNull();
  });

  it('of 254 characters is accepted', () => {
    const text = `a@${'b.'.repeat(124)}orgs`;
    expect(text).toHaveLength(254);
    expect(normaliseEmail(text)).toBe(text);
  });

  const character = fc.oneof(
    fc.constantFrom(...'abz09.-_+@@,;<>"()[]\\: \t\r\n\0\'`ａ＠，ß\u037e\u00a0İς'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  );
  const nearlyAddresses = fc
    .tuple(
      fc.array(character, { maxLength: 4 }),
      fc.constantFrom('@', '@', '＠', ''),
      fc.array(character, { maxLength: 2 }),
    )
    .map(([local, at, domain]) => `ana${local.join('')}${at}example${domain.join('')}.org`);

  it('that is accepted has exactly one @ and nothing that separates, quotes or comments', () => {
    fc.assert(
      fc.property(fc.oneof(nearlyAddresses, fc.string({ unit: 'binary' })), (text) => {
        const email = accepted(text);
        if (email === null) return;
        expect(email.split('@')).toHaveLength(2);
        expect(email).not.toMatch(/[\s,;<>"()\\\0]/);
      }),
      { numRuns: 3_000 },
    );
  });

  it('that is accepted is normal already, and one recipient to the mailer', () => {
    let addresses = 0;
    fc.assert(
      fc.property(nearlyAddresses, (text) => {
        const email = accepted(text);
        if (email === null) return;
        addresses++;
        expect(normaliseEmail(email)).toBe(email);
        expect(addressparser(email, { flatten: true })).toEqual([{ address: email, name: '' }]);
      }),
      { numRuns: 3_000 },
    );
    expect(addresses).toBeGreaterThan(100);
  });
});
