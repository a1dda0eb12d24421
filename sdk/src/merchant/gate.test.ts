import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { GateBody } from '../api/settlementSchema.ts';
import { gateChallenge, requireGate } from './gate.ts';

const subject = {
  type: 'latchkey settlement migration' as const,
  migrationId: '5f0c8f52-5e42-4d0e-9d43-3f6f5a0b3b11',
  fromAddress: 'GFROM',
  toAddress: 'CTO',
  balance: '125000000',
  networkPassphrase: 'Test SDF Network ; September 2015',
  nonce: 'bm9uY2U',
};
const { type: _, ...shown } = subject;
const gate = async (): Promise<GateBody> => ({
  ...shown,
  notBefore: null,
  expiresAt: 0,
  options_json: { challenge: await gateChallenge(subject) },
});
const expected = {
  fromAddress: 'GFROM',
  toAddress: 'CTO',
  networkPassphrase: 'Test SDF Network ; September 2015',
};

describe('the gate of a migration', () => {
  it('has for its challenge the hash of the subject as JSON, whatever the order of the keys', async () => {
    const challenge = createHash('sha256').update(JSON.stringify(subject)).digest('base64url');
    expect(await gateChallenge(subject)).toBe(challenge);
    expect(await gateChallenge({ ...shown, type: subject.type })).toBe(challenge);
  });

  it('is let through when the challenge stands for what is shown', async () => {
    await expect(requireGate(await gate(), expected)).resolves.toBeUndefined();
  });

  it.each(['balance', 'nonce', 'migrationId'] as const)(
    'is refused when another %s is shown than is signed',
    async (field) => {
      await expect(requireGate({ ...(await gate()), [field]: '1' }, expected)).rejects.toThrow(
        expect.objectContaining({ code: 'AUTHORIZATION_MISMATCH' }),
      );
    },
  );

  it.each(['fromAddress', 'toAddress', 'networkPassphrase'] as const)(
    'is refused for another %s than the merchant knows',
    async (field) => {
      const other = { ...subject, [field]: 'other' };
      const body = {
        ...(await gate()),
        [field]: 'other',
        options_json: { challenge: await gateChallenge(other) },
      };
      await expect(requireGate(body, expected)).rejects.toThrow(
        expect.objectContaining({ details: { what: field } }),
      );
    },
  );
});
