import { describe, expect, it } from 'vitest';
import { createMadePasskeys } from './madePasskeys.ts';

const passkey = (id: number) => ({
  credentialId: new Uint8Array([id]),
  publicKey: new Uint8Array(65).fill(id),
  rpIdHash: new Uint8Array(32).fill(id),
  origin: 'https://dashboard.example',
});

function storage(initial: string | null = null) {
  let kept = initial;
  return {
    getItem: () => kept,
    setItem: (_: string, value: string) => {
      kept = value;
    },
  } as unknown as Storage;
}

describe('passkeys made here', () => {
  it('are found again after a reload', () => {
    const tab = storage();
    createMadePasskeys(tab).add(passkey(1));
    expect(createMadePasskeys(tab).find('AQ')).toEqual(passkey(1));
    expect(createMadePasskeys(tab).find('Ag')).toBeNull();
  });

  it('are forgotten from the oldest on, ten are kept', () => {
    const made = createMadePasskeys(null);
    for (let id = 0; id < 11; id++) made.add(passkey(id));
    expect(made.find('AA')).toBeNull();
    expect(made.find('AQ')).not.toBeNull();
  });

  it.each(['{', '{}', 'null'])('are none when what was stored is %s', (text) => {
    expect(createMadePasskeys(storage(text)).find('AQ')).toBeNull();
  });
});
