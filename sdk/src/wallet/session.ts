// The signed-in session of a person's wallet in this tab; the token itself is shown to nobody but the API client.
import type { SessionBody } from '../api/schema.ts';
import { createTokenStore } from '../api/tokenStore.ts';

const STORAGE_KEY = 'latchkey.session';

export type Session = { email: string; walletAddress: string; expiresAt: number };

export type SessionStore = {
  current(): Session | null;
  token(): string | null;
  save(body: SessionBody): Session;
  clear(): void;
};

export function createSessionStore(storage: Storage | null, nowMs: () => number = Date.now): SessionStore {
  const store = createTokenStore<SessionBody>(storage, STORAGE_KEY, nowMs);
  const view = ({ email, walletAddress, expiresAt }: SessionBody): Session => ({
    email,
    walletAddress,
    expiresAt,
  });
  return {
    current() {
      const session = store.current();
      return session && view(session);
    },
    token: store.token,
    save(body) {
      store.save(body);
      return view(body);
    },
    clear: store.clear,
  };
}
