import { LatchkeyError } from '@latchkey/sdk';
import { errorCodes } from '@latchkey/sdk/api';
import { describe, expect, it } from 'vitest';
import { merchantFailureOf, sentenceOf } from './failure.ts';

describe('a failure in the dashboard', () => {
  it.each(errorCodes)('has a whole sentence for %s', (code) => {
    expect(merchantFailureOf(new LatchkeyError(code)).sentence).toMatch(/^[A-Z].{10,}\.$/);
  });

  it('names the field it is about', () => {
    const error = new LatchkeyError('MEMO_REQUIRED', { details: { field: 'memo' } });
    expect(merchantFailureOf(error)).toMatchObject({ field: 'memo', code: 'MEMO_REQUIRED' });
  });

  it('that the service stored keeps its message where the code says nothing more', () => {
    expect(sentenceOf({ code: 'LAST_DEVICE', message: 'm' })).toContain('only device');
    expect(sentenceOf({ code: 'TRUSTLINE_CLOSED', message: 'The trust line is closed.' })).toBe(
      'The trust line is closed.',
    );
  });
});
