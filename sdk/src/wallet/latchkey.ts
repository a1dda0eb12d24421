// The wallet as an application sees it: create, sign in, look, transfer, recover. Holds no key and no secret but the
// session; every signature is made by the passkey, over an authorization entry that was checked here first.
import { parseAmount } from '../api/amount.ts';
import { createApiClient } from '../api/client.ts';
import { LatchkeyError } from '../api/errors.ts';
import type {
  ActivityBody,
  CancelRecoveryOptionsBody,
  CreateWalletBody,
  RecoverWalletBody,
  SessionBody,
  TransferOptionsBody,
  TransferReceiptBody,
  WalletViewBody,
} from '../api/schema.ts';
import { nativeTokenId, parseAddress } from '../chain/address.ts';
import { browserPasskeys, type PasskeyCeremonies } from '../signers/passkey.ts';
import { requireCancelRotation, requireTransfer } from './review.ts';
import { createSessionStore, type Session } from './session.ts';

export type Balance = { token: string; symbol: string; decimals: number; amount: bigint };

export type WalletView = Omit<WalletViewBody, 'balances'> & { balances: Balance[] };

export type ActivityItem = Omit<ActivityBody['items'][number], 'amount'> & { amount: bigint | null };

export type TransferReceipt = Omit<TransferReceiptBody, 'error'> & {
  error?: { code: string; message: string };
};

export type TransferReview = {
  function: 'transfer';
  from: string;
  to: string;
  amount: bigint;
  token: string;
  symbol: string;
  decimals: number;
  networkPassphrase: string;
  expiresAt: number;
  expiresAtLedger: number;
  maxFeeStroops: bigint;
};

export type TransferAsk = {
  toWalletAddress: string;
  amount: string;
  /** a token other than the native asset */
  token?: { address: string; decimals: number };
};

export type PreparedTransfer = {
  /** Read from the very authorization entry that `approve` signs. */
  review: TransferReview;
  approve(): Promise<TransferReceipt>;
};

export type RecoveryResult = {
  status: 'rotated' | 'pending';
  walletAddress: string;
  executableAt: number | null;
  session: Session | null;
};

const NATIVE_DECIMALS = 7;
const NATIVE_SYMBOL = 'XLM';

export type LatchkeyOptions = {
  /** '' for the page's own origin, or "https://wallet.example" */
  baseUrl: string;
  fetch?: typeof fetch;
  /** When given, nothing is signed for any other network. */
  networkPassphrase?: string;
  passkeys?: PasskeyCeremonies;
  storage?: Storage | null;
};

export type Latchkey = ReturnType<typeof createLatchkey>;

type OptionsOf = { options_json: { challenge: string } };

export function createLatchkey(options: LatchkeyOptions) {
  const passkeys = options.passkeys ?? browserPasskeys;
  const sessions = createSessionStore(
    options.storage === undefined ? (globalThis.sessionStorage ?? null) : options.storage,
  );
  const api = createApiClient({
    baseUrl: options.baseUrl,
    sessionToken: sessions.token,
    ...(options.fetch ? { fetch: options.fetch } : {}),
  });
  const emailPath = (path: string, email: string) => `${path}/${encodeURIComponent(email.trim())}`;

  function requireSession(): Session {
    const session = sessions.current();
    if (!session) throw new LatchkeyError('SESSION_EXPIRED');
    return session;
  }

  /** Runs an authenticated call; a session the server no longer takes is dropped here too. */
  async function signedIn<T>(call: (session: Session) => Promise<T>): Promise<T> {
    try {
      return await call(requireSession());
    } catch (error) {
      if (
        error instanceof LatchkeyError &&
        (error.code === 'SESSION_EXPIRED' || error.code === 'SESSION_REQUIRED')
      ) {
        sessions.clear();
        throw new LatchkeyError('SESSION_EXPIRED', { cause: error });
      }
      throw error;
    }
  }

  /**
   * Asks for the passkey and sends. Called again after its answer was lost, it sends the same approval under the same
   * idempotency key, and so gets the first one's answer: nothing is approved or paid twice.
   */
  function approval(
    request: Record<string, string>,
    requestOptions: unknown,
  ): () => Promise<TransferReceipt> {
    let sent: { body: unknown; idempotencyKey: string } | null = null;
    return async () => {
      sent ??= {
        body: { ...request, authenticationResponseJSON: await passkeys.authenticate(requestOptions) },
        idempotencyKey: crypto.randomUUID(),
      };
      try {
        return receipt(await api.post<TransferReceiptBody>('/api/transfer', sent.body, sent.idempotencyKey));
      } catch (error) {
        const isAnswered = error instanceof LatchkeyError && !error.retryable;
        if (isAnswered) sent = null;
        throw error;
      }
    };
  }

  function receipt(body: TransferReceiptBody): TransferReceipt {
    const { error, ...rest } = body;
    return error ? { ...rest, error } : rest;
  }

  return {
    session: () => sessions.current(),
    signOut: () => sessions.clear(),

    async createWallet({ email }: { email: string }) {
      const { options_json } = await api.get<OptionsOf>(emailPath('/api/create-wallet-options', email));
      const registrationResponseJSON = await passkeys.register(options_json);
      const body = await api.post<CreateWalletBody>('/api/create-wallet', {
        email,
        registrationResponseJSON,
      });
      const { walletAddress, transactionHash, status } = body;
      return { walletAddress, transactionHash, status, session: sessions.save(body.session) };
    },

    async signIn({ email }: { email: string }): Promise<Session> {
      const { options_json } = await api.get<OptionsOf>(emailPath('/api/sign-in-options', email));
      const authenticationResponseJSON = await passkeys.authenticate(options_json);
      return sessions.save(
        await api.post<SessionBody>('/api/sign-in', { email, authenticationResponseJSON }),
      );
    },

    wallet: (): Promise<WalletView> =>
      signedIn(async () => {
        const body = await api.get<WalletViewBody>('/api/wallet');
        return { ...body, balances: body.balances.map((it) => ({ ...it, amount: BigInt(it.amount) })) };
      }),

    activity: (page: { cursor?: string; limit?: number } = {}) =>
      signedIn(async () => {
        const body = await api.get<ActivityBody>('/api/wallet/activity', {
          cursor: page.cursor,
          limit: page.limit === undefined ? undefined : String(page.limit),
        });
        const items: ActivityItem[] = body.items.map((it) => ({
          ...it,
          amount: it.amount === null ? null : BigInt(it.amount),
        }));
        return { items, cursor: body.cursor };
      }),

    /**
     * @param ask.amount decimal, in units of the token. What it means in the token's smallest unit is not left to the
     *   server: the native asset has 7 decimals, and of any other token the caller states them.
     * @throws LatchkeyError AUTHORIZATION_MISMATCH when the entry to sign is not the transfer asked for
     */
    prepareTransfer: (ask: TransferAsk): Promise<PreparedTransfer> =>
      signedIn(async ({ walletAddress }) => {
        parseAddress(ask.toWalletAddress, 'toWalletAddress');
        const request = {
          fromWalletAddress: walletAddress,
          toWalletAddress: ask.toWalletAddress,
          amount: ask.amount,
          ...(ask.token ? { token: ask.token.address } : {}),
        };
        const prepared = await api.get<TransferOptionsBody>('/api/transfer-options', request);
        const { options_json, authorization } = prepared;
        const { networkPassphrase } = authorization;
        if (options.networkPassphrase !== undefined && options.networkPassphrase !== networkPassphrase) {
          throw new LatchkeyError('AUTHORIZATION_MISMATCH', { details: { what: 'network' } });
        }
        const token = ask.token ?? {
          address: await nativeTokenId(networkPassphrase),
          decimals: NATIVE_DECIMALS,
        };
        const amount = parseAmount(ask.amount, token.decimals);
        const expected = { token: token.address, from: walletAddress, to: ask.toWalletAddress, amount };
        const challenge = String(options_json.challenge);
        await requireTransfer(authorization, challenge, expected);
        return {
          review: {
            function: 'transfer',
            ...expected,
            symbol: ask.token ? prepared.token.symbol : NATIVE_SYMBOL,
            decimals: token.decimals,
            networkPassphrase,
            expiresAt: authorization.expiresAt,
            expiresAtLedger: authorization.expiresAtLedger,
            maxFeeStroops: BigInt(authorization.maxFeeStroops),
          },
          approve: approval(request, options_json),
        };
      }),

    transferStatus: async (id: string): Promise<TransferReceipt> =>
      receipt(await api.get<TransferReceiptBody>(`/api/transfers/${encodeURIComponent(id)}`)),

    async requestRecoveryCode({ email }: { email: string }): Promise<void> {
      await api.post<unknown>('/api/recovery-codes', { email });
    },

    async recoverWallet({ email, code }: { email: string; code: string }): Promise<RecoveryResult> {
      const path = emailPath('/api/recover-wallet-options', email);
      const { options_json } = await api.get<OptionsOf>(path, {}, { 'x-recovery-code': code.trim() });
      const registrationResponseJSON = await passkeys.register(options_json);
      const body = await api.post<RecoverWalletBody>('/api/recover-wallet', {
        email,
        registrationResponseJSON,
      });
      const { status, walletAddress, executableAt } = body;
      return { status, walletAddress, executableAt, session: body.session && sessions.save(body.session) };
    },

    /** Stops a recovery under delay, with the passkey that owns the wallet now. */
    cancelRotation: (): Promise<{ transactionHash: string | null }> =>
      signedIn(async ({ walletAddress }) => {
        const { options_json, authorization } = await api.get<CancelRecoveryOptionsBody>(
          '/api/cancel-recovery-options',
        );
        await requireCancelRotation(authorization, String(options_json.challenge), walletAddress);
        const authenticationResponseJSON = await passkeys.authenticate(options_json);
        return api.post('/api/cancel-recovery', { authenticationResponseJSON });
      }),
  };
}
