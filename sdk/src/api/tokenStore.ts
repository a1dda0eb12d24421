// A bearer token of this tab with what came along with it. Kept in sessionStorage where there is one (gone with the tab,
// never shared with other sites), in memory elsewhere. An expired one counts as none.

export type BearerToken = { token: string; expiresAt: number };

export type TokenStore<Body extends BearerToken> = {
  current(): Body | null;
  token(): string | null;
  save(body: Body): void;
  clear(): void;
};

function parseStored<Body extends BearerToken>(text: string | null): Body | null {
  if (text === null) return null;
  try {
    const body = JSON.parse(text) as Body;
    return typeof body.token === 'string' && typeof body.expiresAt === 'number' ? body : null;
  } catch {
    return null;
  }
}

export function createTokenStore<Body extends BearerToken>(
  storage: Storage | null,
  key: string,
  nowMs: () => number = Date.now,
): TokenStore<Body> {
  let body = parseStored<Body>(storage?.getItem(key) ?? null);
  const current = () => (body && body.expiresAt > nowMs() ? body : null);
  return {
    current,
    token: () => current()?.token ?? null,
    save(next) {
      body = next;
      storage?.setItem(key, JSON.stringify(next));
    },
    clear() {
      body = null;
      storage?.removeItem(key);
    },
  };
}
