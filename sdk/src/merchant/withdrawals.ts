// Withdrawals, one shape for both kinds of wallet: prepared, looked at, approved. For a managed wallet the service signs
// after a step-up; for the merchant's own wallet the passkey signs the entry that was compared here with what was asked for.
import { parseAmount } from '../api/amount.ts';
import { LatchkeyError } from '../api/errors.ts';
import type { PreparedBody, WithdrawalBody, WithdrawalRulesBody } from '../api/settlementSchema.ts';
import { type Connection, MERCHANT_PATH, type StepUp } from './connection.ts';
import { requireDestination, withMemoId } from './destination.ts';
import { type Merchant, rulesOf, type Withdrawal, withdrawalOf } from './merchantTypes.ts';
import type { Page } from './statement.ts';

const SETTLEMENT_PATH = `${MERCHANT_PATH}/settlement`;
const USDC_DECIMALS = 7;

/** `amount` is decimal, in units of USDC. */
export type WithdrawalAsk = { amount: string; destination: string; memo?: string };

export type PreparedWithdrawal = {
  kind: Withdrawal['kind'];
  review: {
    from: string;
    destination: string;
    /** where the call sends it: the destination, with a memo that is a number made part of it */
    paidTo: string;
    amount: bigint;
    memo: string | null;
    networkPassphrase: string;
    /** of the merchant's own wallet: unix milliseconds until which the approval can be given */
    expiresAt: number | null;
    maxFeeStroops: bigint | null;
  };
  /**
   * Called again after its answer was lost, it sends the same approval under the same idempotency key, and so gets the
   * first one's answer: nothing is approved or paid twice.
   * @param how for a managed wallet only
   */
  approve(how?: StepUp): Promise<Withdrawal>;
};

type Sending = { path: string; body: unknown; idempotencyKey: string };

export function withdrawalCalls(connection: Connection) {
  const { api, passkeys, signedIn, stepUp } = connection;

  /** Sends what `make` gave until there was an answer, then lets it make anew. */
  function approval(
    make: (how?: StepUp) => Promise<Omit<Sending, 'idempotencyKey'>>,
  ): PreparedWithdrawal['approve'] {
    let sent: Sending | null = null;
    return (how) =>
      signedIn(async () => {
        sent ??= { ...(await make(how)), idempotencyKey: crypto.randomUUID() };
        try {
          return withdrawalOf(await api.post<WithdrawalBody>(sent.path, sent.body, sent.idempotencyKey));
        } catch (error) {
          if (error instanceof LatchkeyError && !error.retryable) sent = null;
          throw error;
        }
      });
  }

  async function prepareByPasskey(merchant: Merchant, from: string, ask: WithdrawalAsk, amount: bigint) {
    const [prepared, { reviewPrepared, signPrepared }] = await Promise.all([
      api.post<PreparedBody>(`${SETTLEMENT_PATH}/withdraw/prepare`, ask),
      import('./signPrepared.ts'),
    ]);
    const { destination, memo = null } = ask;
    const { networkPassphrase } = merchant;
    await reviewPrepared(prepared, {
      kind: 'withdraw',
      wallet: from,
      networkPassphrase,
      usdcContractId: merchant.usdc.contractId,
      destination,
      amount,
      memo,
    });
    const review: PreparedWithdrawal['review'] = {
      from,
      destination,
      paidTo: withMemoId(destination, memo),
      amount,
      memo,
      networkPassphrase,
      expiresAt: prepared.expiresAt,
      maxFeeStroops: BigInt(prepared.authorization.maxFeeStroops),
    };
    const approve = approval(async () => ({
      path: `${SETTLEMENT_PATH}/withdraw/submit`,
      body: {
        id: prepared.id,
        signedXdr: await signPrepared(prepared, await passkeys.authenticate(prepared.options_json)),
      },
    }));
    return { kind: 'passkey', review, approve } satisfies PreparedWithdrawal;
  }

  return {
    /**
     * @throws LatchkeyError INVALID_AMOUNT or INVALID_ADDRESS naming the field; AUTHORIZATION_MISMATCH when the entry to
     *   sign is not the withdrawal asked for
     */
    prepareWithdrawal: (merchant: Merchant, asked: WithdrawalAsk): Promise<PreparedWithdrawal> =>
      signedIn(async () => {
        const { managed, managedAddress, smartWalletAddress } = merchant.settlement;
        const from = managed ? managedAddress : smartWalletAddress;
        if (from === null) throw new LatchkeyError('SETTLEMENT_NOT_READY');
        const { amount: decimal, destination, memo } = asked;
        const ask: WithdrawalAsk = { amount: decimal, destination, ...(memo ? { memo } : {}) };
        const amount = parseAmount(decimal, USDC_DECIMALS);
        requireDestination(destination);
        if (!managed) return prepareByPasskey(merchant, from, ask, amount);
        return {
          kind: 'managed',
          review: {
            from,
            destination,
            paidTo: destination,
            amount,
            memo: memo || null,
            networkPassphrase: merchant.networkPassphrase,
            expiresAt: null,
            maxFeeStroops: null,
          },
          approve: approval(async (how) => {
            if (how === undefined) throw new LatchkeyError('STEP_UP_REQUIRED');
            const proof = await stepUp('withdraw', ask, how);
            return { path: `${SETTLEMENT_PATH}/withdraw`, body: { ...ask, ...proof } };
          }),
        };
      }),

    withdrawal: (id: string): Promise<Withdrawal> =>
      signedIn(async () =>
        withdrawalOf(
          await api.get<WithdrawalBody>(`${SETTLEMENT_PATH}/withdrawals/${encodeURIComponent(id)}`),
        ),
      ),

    withdrawals: ({ cursor, limit }: Page = {}) =>
      signedIn(async () => {
        const query = { cursor, limit: limit === undefined ? undefined : String(limit) };
        const body = await api.get<{ withdrawals: WithdrawalBody[]; cursor: string | null }>(
          `${SETTLEMENT_PATH}/withdrawals`,
          query,
        );
        return { withdrawals: body.withdrawals.map(withdrawalOf), cursor: body.cursor };
      }),

    withdrawalRules: () =>
      signedIn(async () => rulesOf(await api.get<WithdrawalRulesBody>(`${SETTLEMENT_PATH}/withdraw/rules`))),

    /**
     * `dailyLimit` is decimal; what is looser than before takes effect after a day.
     * @param how for rules that are looser than before only
     */
    setWithdrawalRules: (rules: { dailyLimit: string | null; allowListOnly: boolean }, how?: StepUp) =>
      signedIn(async () => {
        const proof = how === undefined ? {} : await stepUp('loosen-rules', rules, how);
        const path = `${SETTLEMENT_PATH}/withdraw/rules`;
        return rulesOf(await api.post<WithdrawalRulesBody>(path, { ...rules, ...proof }));
      }),

    allowDestination: (allowed: { address: string; label: string }, how: StepUp) =>
      signedIn(async () => {
        const proof = await stepUp('loosen-rules', allowed, how);
        const path = `${SETTLEMENT_PATH}/withdraw/allowed`;
        return rulesOf(await api.post<WithdrawalRulesBody>(path, { ...allowed, ...proof }));
      }),

    disallowDestination: (address: string) =>
      signedIn(async () =>
        rulesOf(
          await api.post<WithdrawalRulesBody>(`${SETTLEMENT_PATH}/withdraw/allowed/remove`, { address }),
        ),
      ),
  };
}
