// Look-ups in a server's index: which wallets a key belongs to, what signers a wallet has and had, what happened to it.
// Answers are as of the ledger that they name. Pages are fetched as they are wanted. Nothing here is a secret, and
// nothing here is to be believed more than the server that says it: what a key may do the wallet's contract decides.
import { createApiClient } from './client.ts';
import { LatchkeyError } from './errors.ts';
import type {
  HistoryBody,
  IndexedWalletBody,
  IndexerStatsBody,
  LookupBody,
  WalletEventBody,
} from './lookupSchema.ts';

/** Pages of one question; so many that a server which never ends does not keep a program busy for ever. */
const MAX_PAGES = 10_000;

export type WalletRef = LookupBody['wallets'][number];

export type Lookups = {
  /** Null where no wallet is known. */
  wallet(address: string): Promise<IndexedWalletBody | null>;
  /** @param credentialId base64url, as WebAuthn gives it */
  byCredentialId(credentialId: string): AsyncIterable<WalletRef>;
  /** @param publicKey of a passkey (65 bytes) or an ed25519 key (32) */
  byPublicKey(publicKey: Uint8Array): AsyncIterable<WalletRef>;
  /** @param address of an ed25519 key or an account, G… or C… */
  byAddress(address: string): AsyncIterable<WalletRef>;
  /** Newest first. @throws LatchkeyError WALLET_NOT_FOUND */
  history(address: string): AsyncIterable<WalletEventBody>;
  stats(): Promise<IndexerStatsBody>;
};

const hexOf = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

function bytesOfBase64Url(text: string): Uint8Array {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

async function* pages<Page extends { cursor: string | null }, Item>(
  read: (cursor: string | undefined) => Promise<Page>,
  itemsOf: (page: Page) => Item[],
): AsyncGenerator<Item> {
  let cursor: string | undefined;
  for (let count = 0; count < MAX_PAGES; count++) {
    const page = await read(cursor);
    yield* itemsOf(page);
    if (page.cursor === null) return;
    cursor = page.cursor;
  }
}

/** @param baseUrl of the server, without `/api` */
export function createLookups(baseUrl: string, options: { fetch?: typeof fetch } = {}): Lookups {
  const api = createApiClient({
    baseUrl: baseUrl.replace(/\/+$/, ''),
    sessionToken: () => null,
    ...options,
  });
  const wallets = (path: string) =>
    pages(
      (cursor) => api.get<LookupBody>(`/api/lookup/${path}`, { cursor }),
      (page) => page.wallets,
    );
  return {
    async wallet(address) {
      try {
        return await api.get<IndexedWalletBody>(`/api/wallet/${encodeURIComponent(address)}`);
      } catch (error) {
        if (error instanceof LatchkeyError && error.code === 'WALLET_NOT_FOUND') return null;
        throw error;
      }
    },
    byCredentialId: (credentialId) => wallets(hexOf(bytesOfBase64Url(credentialId))),
    byPublicKey: (publicKey) => wallets(`public-key/${hexOf(publicKey)}`),
    byAddress: (address) => wallets(`address/${encodeURIComponent(address)}`),
    history: (address) =>
      pages(
        (cursor) => api.get<HistoryBody>(`/api/wallet/${encodeURIComponent(address)}/history`, { cursor }),
        (page) => page.items,
      ),
    stats: () => api.get<IndexerStatsBody>('/api/stats'),
  };
}
