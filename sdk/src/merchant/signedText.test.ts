import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../api/canonicalJson.ts';
import { detailsHash, requireSignedText } from './signedText.ts';

const challengeOf = (text: string) => createHash('sha256').update(text).digest('base64url');
const answerOf = (signedText: string, challenge = challengeOf(signedText)) => ({
  signedText,
  options_json: { challenge },
});
const text = JSON.stringify({ type: 'latchkey step-up', action: 'withdraw', nonce: 'x' });
const expected = { type: 'latchkey step-up', action: 'withdraw' };
const mismatch = expect.objectContaining({ code: 'AUTHORIZATION_MISMATCH' });

describe('a text that a passkey signs', () => {
  it('is let through when the challenge is its hash and it says what it is for', async () => {
    const answer = answerOf(text);
    await expect(requireSignedText(answer, expected)).resolves.toBe(answer.options_json);
  });

  it.each([
    ['a challenge that is the hash of something else', answerOf(text, challengeOf('the XDR of a payment'))],
    ['another action', answerOf(JSON.stringify({ ...expected, action: 'upgrade' }))],
    ['another type', answerOf(JSON.stringify({ ...expected, type: 'latchkey settlement migration' }))],
    ['no JSON', answerOf('\u0000\u0000\u0000\u0009')],
    ['JSON that is no object', answerOf('"latchkey step-up"')],
    ['an empty text', answerOf('')],
  ])('is refused with %s', async (_, answer) => {
    await expect(requireSignedText(answer, expected)).rejects.toThrow(mismatch);
  });

  it('names the request it is for by a hash that does not depend on the order of members', async () => {
    const one = await detailsHash({ amount: '1', destination: 'G', memo: undefined });
    expect(one).toBe(await detailsHash({ destination: 'G', amount: '1' }));
    expect(one).not.toBe(await detailsHash({ destination: 'G', amount: '2' }));
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true })).toBe(
      '{"a":true,"b":[1,{"c":"x","d":null}]}',
    );
  });
});
