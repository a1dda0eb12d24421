// A merchant's own limits on withdrawals, read and changed. What loosens takes a step-up and waits 24 hours; what tightens
// takes neither. A destination added to the list always waits, whether the list is in force or not. The rules belong to the
// merchant, on whichever network it is; what was withdrawn is counted on the present one.
import {
  LatchkeyError,
  parseAmount,
  type settlementSchema,
  type WithdrawalRulesBody,
} from '@latchkey/sdk/api';
import { parseRecipient } from '@latchkey/sdk/chain';
import type { z } from 'zod';
import type { Database, Db } from '../db/database.ts';
import type { Merchant } from '../db/merchants.ts';
import { recordAudit } from '../db/settlementAudit.ts';
import {
  allowDestination,
  allowedDestinations,
  disallowDestination,
  lockRules,
  rulesRow,
  updateRules,
  type WithdrawalRulesRow,
} from '../db/withdrawalRules.ts';
import { withdrawnSince } from '../db/withdrawals.ts';
import { notifyMerchant } from './notify.ts';
import type { StepUp } from './stepUp.ts';
import { rulesOf, USDC_DECIMALS } from './withdrawalChecks.ts';
import {
  changedRules,
  isLoosening,
  LIMIT_WINDOW_MS,
  type Limits,
  LOOSENING_DELAY_MS,
  type Rules,
  rulesAt,
} from './withdrawalRules.ts';

type SetRules = z.infer<typeof settlementSchema.setWithdrawalRulesRequest>;
type AllowDestination = z.infer<typeof settlementSchema.allowDestinationRequest>;

export type WithdrawalSettings = {
  rules(merchant: Merchant): Promise<WithdrawalRulesBody>;
  /** @throws LatchkeyError STEP_UP_REQUIRED and the like where it loosens anything */
  setRules(merchant: Merchant, request: SetRules): Promise<WithdrawalRulesBody>;
  allow(merchant: Merchant, request: AllowDestination): Promise<WithdrawalRulesBody>;
  /** @throws LatchkeyError NOT_FOUND */
  disallow(merchant: Merchant, address: string): Promise<WithdrawalRulesBody>;
};

const amountText = (amount: bigint | null) => (amount === null ? null : String(amount));

function rowOf({ current, pending }: Rules): WithdrawalRulesRow {
  return {
    daily_limit: amountText(current.dailyLimit),
    allow_list_only: current.allowListOnly ? 1 : 0,
    next_daily_limit: amountText(pending?.dailyLimit ?? null),
    next_allow_list_only: pending ? Number(pending.allowListOnly) : null,
    next_effective_at: pending?.effectiveAt ?? null,
  };
}

const onWire = ({ dailyLimit, allowListOnly }: Limits) => ({
  dailyLimit: amountText(dailyLimit),
  allowListOnly,
});

function limitsOf({ dailyLimit, allowListOnly }: SetRules): Limits {
  try {
    return {
      dailyLimit: dailyLimit === null ? null : parseAmount(dailyLimit, USDC_DECIMALS),
      allowListOnly,
    };
  } catch (error) {
    if (!(error instanceof LatchkeyError)) throw error;
    const options = { message: error.message, details: { field: 'dailyLimit' }, cause: error };
    throw new LatchkeyError(error.code, options);
  }
}

export function createWithdrawalSettings(deps: {
  db: Database;
  stepUp: Pick<StepUp, 'requireStepUp'>;
  nowMs: () => number;
}): WithdrawalSettings {
  const { db, stepUp, nowMs } = deps;

  async function rules(merchant: Merchant): Promise<WithdrawalRulesBody> {
    const { account_id: accountId, network } = merchant;
    const now = nowMs();
    const { current, pending } = rulesAt(rulesOf(await rulesRow(db, accountId)), now);
    const allowed = await allowedDestinations(db, accountId);
    return {
      ...onWire(current),
      allowed: allowed.map((it) => ({
        address: it.address,
        label: it.label,
        effectiveAt: it.effective_at,
      })),
      pending: pending && { ...onWire(pending), effectiveAt: pending.effectiveAt },
      withdrawnToday: String(await withdrawnSince(db, accountId, network, now - LIMIT_WINDOW_MS)),
    };
  }

  /** With the rules held, so that of two changes at once the second is judged by what the first left. */
  async function change(merchant: Merchant, act: (trx: Db, before: Rules) => Promise<void>): Promise<void> {
    await db.transaction().execute(async (trx) => {
      const before = rulesOf(await lockRules(trx, merchant.account_id));
      await act(trx, before);
    });
  }

  return {
    rules,

    async setRules(merchant, request) {
      const { totp, authenticationResponseJSON, ...details } = request;
      const { account_id: accountId } = merchant;
      const wanted = limitsOf(request);
      const shown = { totp, authenticationResponseJSON };
      await change(merchant, async (trx, before) => {
        const now = nowMs();
        if (isLoosening(before, wanted, now))
          await stepUp.requireStepUp(trx, merchant, 'loosen-rules', details, shown);
        const after = changedRules(before, wanted, now);
        await updateRules(trx, accountId, rowOf(after));
        const pending = after.pending && { ...onWire(after.pending), effectiveAt: after.pending.effectiveAt };
        if (after.pending) {
          const { effectiveAt } = after.pending;
          await notifyMerchant(trx, accountId, { what: 'limits-loosened', effectiveAt });
        }
        await recordAudit(trx, accountId, 'withdrawal-rules.set', { ...onWire(after.current), pending }, now);
      });
      return rules(merchant);
    },

    async allow(merchant, request) {
      const { totp, authenticationResponseJSON, ...details } = request;
      const { account_id: accountId } = merchant;
      const { address } = parseRecipient(request.address, 'address');
      const shown = { totp, authenticationResponseJSON };
      await change(merchant, async (trx) => {
        await stepUp.requireStepUp(trx, merchant, 'loosen-rules', details, shown);
        const now = nowMs();
        const { label } = request;
        const effectiveAt = now + LOOSENING_DELAY_MS;
        await allowDestination(trx, { account_id: accountId, address, label, effective_at: effectiveAt });
        await notifyMerchant(trx, accountId, { what: 'destination-added', address, label, effectiveAt });
        await recordAudit(trx, accountId, 'withdrawal-destination.allowed', { address, label }, now);
      });
      return rules(merchant);
    },

    async disallow(merchant, address) {
      const { account_id: accountId } = merchant;
      await change(merchant, async (trx) => {
        if (!(await disallowDestination(trx, accountId, address)))
          throw new LatchkeyError('NOT_FOUND', { details: { field: 'address' } });
        await recordAudit(trx, accountId, 'withdrawal-destination.removed', { address }, nowMs());
      });
      return rules(merchant);
    },
  };
}
