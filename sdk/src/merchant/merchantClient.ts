// A merchant's side of the service, for the dashboard and for a platform's own programs: sign-up and sign-in, the settlement
// wallet and its upgrade, withdrawals, devices, payments. Holds no key and no secret but the session (or the API key it was
// given); whatever a passkey signs was compared here with what was asked for.
import { createApiClient } from '../api/client.ts';
import { LatchkeyError } from '../api/errors.ts';
import type { MerchantBody, MerchantSessionBody, SignedTextOptionsBody } from '../api/settlementSchema.ts';
import { createTokenStore } from '../api/tokenStore.ts';
import { browserPasskeys, type PasskeyCeremonies } from '../signers/passkey.ts';
import { accessCalls } from './access.ts';
import { createConnection, MERCHANT_PATH } from './connection.ts';
import { deviceCalls } from './devices.ts';
import { createMadePasskeys } from './madePasskeys.ts';
import { type Merchant, merchantOf } from './merchantTypes.ts';
import { requireSignedText } from './signedText.ts';
import { statementCalls } from './statement.ts';
import { upgradeCalls } from './upgrade.ts';
import { withdrawalCalls } from './withdrawals.ts';

const STORAGE_KEY = 'latchkey.merchant';

export type MerchantClientOptions = {
  /** '' for the page's own origin, or "https://dashboard.example" */
  baseUrl: string;
  fetch?: typeof fetch;
  passkeys?: PasskeyCeremonies;
  storage?: Storage | null;
  /** of a platform's program, in place of a session */
  apiKey?: string;
};

export type MerchantSession = { email: string; expiresAt: number };

export type MerchantClient = ReturnType<typeof createMerchantClient>;

type StoredSession = { token: string; expiresAt: number; email: string };

export function createMerchantClient(options: MerchantClientOptions) {
  const { baseUrl, apiKey } = options;
  const passkeys = options.passkeys ?? browserPasskeys;
  const doFetch = options.fetch ?? globalThis.fetch.bind(globalThis);
  const storage = options.storage === undefined ? (globalThis.sessionStorage ?? null) : options.storage;
  const sessions = createTokenStore<StoredSession>(storage, STORAGE_KEY);
  const token = () => apiKey ?? sessions.token();
  const api = createApiClient({ baseUrl, sessionToken: token, fetch: doFetch });
  const keepSession = ({ token, expiresAt, merchant }: MerchantSessionBody) =>
    sessions.save({ token, expiresAt, email: merchant.email });
  const connection = createConnection({ api, passkeys, token, forgetSession: sessions.clear, keepSession });
  const { signedIn } = connection;

  function begin(body: MerchantSessionBody): Merchant {
    keepSession(body);
    return merchantOf(body.merchant);
  }

  return {
    session(): MerchantSession | null {
      const session = sessions.current();
      return session && { email: session.email, expiresAt: session.expiresAt };
    },
    signOut: () => sessions.clear(),

    async requestCode(email: string): Promise<void> {
      await api.post<unknown>('/v1/merchants/email-codes', { email });
    },

    signUp: async (ask: { email: string; code: string; name: string }): Promise<Merchant> =>
      begin(await api.post<MerchantSessionBody>('/v1/merchants', ask)),

    /** `totp` once an authenticator app was set up; without it the answer is TOTP_REQUIRED. */
    signInByCode: async (ask: { email: string; code: string; totp?: string }): Promise<Merchant> =>
      begin(await api.post<MerchantSessionBody>('/v1/merchants/sign-in', ask)),

    async signInByPasskey(email: string): Promise<Merchant> {
      const answer = await api.post<SignedTextOptionsBody>('/v1/merchants/sign-in/passkey-options', {
        email,
      });
      const options = await requireSignedText(answer, { type: 'latchkey merchant sign-in' });
      const authenticationResponseJSON = await passkeys.authenticate(options);
      return begin(
        await api.post<MerchantSessionBody>('/v1/merchants/sign-in/passkey', {
          email,
          authenticationResponseJSON,
        }),
      );
    },

    me: (): Promise<Merchant> =>
      signedIn(async () => {
        if (token() === null) throw new LatchkeyError('SESSION_EXPIRED');
        return merchantOf(await api.get<MerchantBody>(MERCHANT_PATH));
      }),

    ...accessCalls(connection),
    ...upgradeCalls(connection),
    ...withdrawalCalls(connection),
    ...deviceCalls(connection, createMadePasskeys(storage)),
    ...statementCalls(connection, { doFetch, baseUrl, token }),
  };
}
