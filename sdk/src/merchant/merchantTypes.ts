// What the merchant's client gives back: the bodies of the wire contract with amounts as integers in the smallest unit.
import type {
  MerchantBody,
  MigrationBody,
  PaymentBody,
  WithdrawalBody,
  WithdrawalRulesBody,
} from '../api/settlementSchema.ts';

export type Migration = Omit<MigrationBody, 'movedAmount'> & { movedAmount: bigint };

export type Merchant = Omit<MerchantBody, 'settlement' | 'migration'> & {
  settlement: Omit<MerchantBody['settlement'], 'balance'> & {
    /** null while the network does not answer */
    balance: bigint | null;
  };
  migration: Migration | null;
};

export type Withdrawal = Omit<WithdrawalBody, 'amount'> & { amount: bigint };

export type Payment = Omit<PaymentBody, 'amount'> & { amount: bigint };

export type WithdrawalRules = Omit<WithdrawalRulesBody, 'dailyLimit' | 'pending' | 'withdrawnToday'> & {
  dailyLimit: bigint | null;
  pending: { dailyLimit: bigint | null; allowListOnly: boolean; effectiveAt: number } | null;
  withdrawnToday: bigint;
};

export type BalancePoint = { at: number; balance: bigint };

const amountOrNull = (text: string | null) => (text === null ? null : BigInt(text));

export const migrationOf = (body: MigrationBody): Migration => ({
  ...body,
  movedAmount: BigInt(body.movedAmount),
});

export const merchantOf = (body: MerchantBody): Merchant => ({
  ...body,
  settlement: { ...body.settlement, balance: amountOrNull(body.settlement.balance) },
  migration: body.migration && migrationOf(body.migration),
});

export const withdrawalOf = (body: WithdrawalBody): Withdrawal => ({ ...body, amount: BigInt(body.amount) });

export const paymentOf = (body: PaymentBody): Payment => ({ ...body, amount: BigInt(body.amount) });

export const rulesOf = (body: WithdrawalRulesBody): WithdrawalRules => ({
  ...body,
  dailyLimit: amountOrNull(body.dailyLimit),
  pending: body.pending && { ...body.pending, dailyLimit: amountOrNull(body.pending.dailyLimit) },
  withdrawnToday: BigInt(body.withdrawnToday),
});
