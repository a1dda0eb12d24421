import { LatchkeyError } from '@latchkey/sdk';
import { errorCodes } from '@latchkey/sdk/api';
import { describe, expect, it } from 'vitest';
import { failureOf, mayHaveBeenTaken } from './failure.ts';

const sentenceOf = (code: (typeof errorCodes)[number]) => failureOf(new LatchkeyError(code)).sentence;

describe('failureOf', () => {
  it.each(errorCodes)('has a whole sentence for %s', (code) => {
    expect(sentenceOf(code)).toMatch(/^[A-Z].{10,}\.$/);
  });

  it.each(errorCodes.filter((code) => code.startsWith('PASSKEY_')))('says what to do about %s', (code) => {
    expect(sentenceOf(code)).toMatch(/try again|sign in|open the wallet/i);
    expect(sentenceOf(code)).not.toBe(new LatchkeyError(code).message);
  });

  it('gives no two passkey failures the same sentence', () => {
    const sentences = errorCodes.filter((code) => code.startsWith('PASSKEY_')).map(sentenceOf);
    expect(new Set(sentences).size).toBe(sentences.length);
  });

  it('keeps the SDK\u2019s more exact sentence where it has one', () => {
    const error = new LatchkeyError('INVALID_AMOUNT', { message: 'XLM has 7 decimals at most.' });
    expect(failureOf(error).sentence).toBe('XLM has 7 decimals at most.');
  });

  it('names the field the error is about', () => {
    const error = new LatchkeyError('INVALID_ADDRESS', { details: { field: 'toWalletAddress' } });
    expect(failureOf(error).field).toBe('toWalletAddress');
    expect(failureOf(new LatchkeyError('INTERNAL')).field).toBeNull();
  });

  it('shows nothing of an error that is not the SDK\u2019s', () => {
    const failure = failureOf(new TypeError('undefined is not a function'));
    expect(failure.code).toBe('UNEXPECTED');
    expect(failure.sentence).not.toContain('undefined');
    expect(failureOf('text thrown').code).toBe('UNEXPECTED');
  });
});

describe('mayHaveBeenTaken', () => {
  it('is true when the answer was lost', () => {
    expect(mayHaveBeenTaken(failureOf(new LatchkeyError('NETWORK_UNREACHABLE')))).toBe(true);
  });

  it('is false when the passkey never signed or the service refused', () => {
    for (const code of ['PASSKEY_CANCELLED', 'INSUFFICIENT_BALANCE', 'SIGNATURE_INVALID'] as const) {
      expect(mayHaveBeenTaken(failureOf(new LatchkeyError(code)))).toBe(false);
    }
  });
});
