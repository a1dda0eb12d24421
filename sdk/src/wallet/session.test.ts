import { describe, expect, it } from 'vitest';
import { createSessionStore } from './session.ts';

const body = { token: 'jwt', email: 'a@b.co', walletAddress: 'C', expiresAt: 1000 };

function storage(initial: string | null = null) {
  let kept = initial;
  return {
    getItem: () => kept,
    setItem: (_: string, value: string) => {
      kept = value;
    },
    removeItem: () => {
      kept = null;
    },
  } as unknown as Storage;
}

describe('a session', () => {
  it('is found again in the same tab, and does not show its token', () => {
    const tab = storage();
    createSessionStore(tab, () => 0).save(body);
    const again = createSessionStore(tab, () => 0);
    expect(again.current()).toEqual({ email: 'a@b.co', walletAddress: 'C', expiresAt: 1000 });
    expect(again.token()).toBe('jwt');
  });

  it('is none once it has expired or was cleared', () => {
    let now = 999;
    const store = createSessionStore(storage(JSON.stringify(body)), () => now);
    expect(store.token()).toBe('jwt');
    now = 1000;
    expect([store.current(), store.token()]).toEqual([null, null]);
    const tab = storage(JSON.stringify(body));
    createSessionStore(tab, () => 0).clear();
    expect(createSessionStore(tab, () => 0).current()).toBeNull();
  });

  it.each(['', '{', 'null', '[]', '{"token":1}'])('is none when what was stored is "%s"', (text) => {
    expect(createSessionStore(storage(text), () => 0).current()).toBeNull();
  });
});
