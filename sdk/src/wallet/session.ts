// The signed-in session of this tab. Kept in sessionStorage where there is one (gone with the tab, never shared with
// other sites), in memory elsewhere. An expired session counts as none.
import type { SessionBody } from '../api/schema.ts';

const STORAGE_KEY = 'latchkey.session';

export type Session = { email: string; walletAddress: string; expiresAt: number };

export type SessionStore = {
  current(): Session | null;
  token(): string | null;
  save(body: SessionBody): Session;
  clear(): void;
};

function parseStored(text: string | null): SessionBody | null {
  if (text === null) return null;
  try {
    const body = JSON.parse(text) as SessionBody;
    return typeof body.token === 'string' && typeof body.expiresAt === 'number' ? body : null;
  } catch {
    return null;
  }
}

export function createSessionStore(storage: Storage | null, nowMs: () => number = Date.now): SessionStore {
  let body = parseStored(storage?.getItem(STORAGE_KEY) ?? null);
  const live = () => (body && body.expiresAt > nowMs() ? body : null);
  const view = ({ email, walletAddress, expiresAt }: SessionBody): Session => ({
    email,
    walletAddress,
    expiresAt,
  });
  return {
    current() {
      const session = live();
      return session && view(session);
    },
    token: () => live()?.token ?? null,
    save(next) {
      body = next;
      storage?.setItem(STORAGE_KEY, JSON.stringify(next));
      return view(next);
    },
    clear() {
      body = null;
      storage?.removeItem(STORAGE_KEY);
    },
  };
}
