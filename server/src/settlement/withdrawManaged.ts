// Withdrawals from a managed account, which the service signs after a step-up. What decides happens in one transaction with
// the merchant's row held: that the wallet is managed still and not moving, the merchant's rules, the step-up, the opening of
// the seed, and the submission with its row. So a code is used up together with the withdrawal or not at all, and a request
// repeated under its Idempotency-Key, at once or later, gets the first one's answer.
import { randomUUID } from 'node:crypto';
import { LatchkeyError, type WithdrawRequest } from '@latchkey/sdk/api';
import type { ChallengeUse } from '../db/challenges.ts';
import type { Database, Db } from '../db/database.ts';
import type { Merchant } from '../db/merchants.ts';
import { recordAudit } from '../db/settlementAudit.ts';
import { type SettlementKey, settlementKeyOf } from '../db/settlementKeys.ts';
import { insertWithdrawal, lockSettlement, withdrawalByKey } from '../db/withdrawals.ts';
import { transferRefusal } from './destination.ts';
import { managedPayment, signedPayment } from './managedPayment.ts';
import type { ManagedSeeds } from './managedSeed.ts';
import type { SettlementNetworks } from './network.ts';
import type { StepUp } from './stepUp.ts';
import {
  readAsked,
  readLedger,
  requireAllowedNow,
  requirePossible,
  requireSettlement,
  requireUnreserved,
} from './withdrawalChecks.ts';

export type ManagedWithdrawals = {
  /** The id of the submission. */
  withdraw(merchant: Merchant, request: WithdrawRequest, use: ChallengeUse): Promise<string>;
};

/** @throws LatchkeyError SETTLEMENT_NOT_READY, SETTLEMENT_NOT_MANAGED */
function requireManaged(key: SettlementKey | undefined): SettlementKey {
  const found = requireSettlement(key);
  if (found.managed !== 1) throw new LatchkeyError('SETTLEMENT_NOT_MANAGED');
  return found;
}

/** Before `confirmed` nothing moves yet. @throws LatchkeyError MIGRATION_IN_PROGRESS */
async function requireNotMoving(trx: Db, { account_id: accountId, network }: Merchant): Promise<void> {
  const moving = await trx
    .selectFrom('settlement_migrations')
    .select('id')
    .where('account_id', '=', accountId)
    .where('network', '=', network)
    .where('state', 'not in', ['ready', 'confirmed'])
    .executeTakeFirst();
  if (moving) throw new LatchkeyError('MIGRATION_IN_PROGRESS');
}

export function createManagedWithdrawals(deps: {
  db: Database;
  networks: SettlementNetworks;
  seeds: Pick<ManagedSeeds, 'openManagedSeed'>;
  stepUp: Pick<StepUp, 'requireStepUp'>;
  nowMs: () => number;
}): ManagedWithdrawals {
  const { db, networks, seeds, nowMs } = deps;

  /** The submission of an earlier, identical request. @throws LatchkeyError IDEMPOTENCY_KEY_REUSED */
  async function earlier(on: Db, accountId: string, use: ChallengeUse): Promise<string | null> {
    if (use.idempotencyKey === null) return null;
    const row = await withdrawalByKey(on, accountId, use.idempotencyKey);
    if (!row) return null;
    if (row.request_hash !== use.requestHash) throw new LatchkeyError('IDEMPOTENCY_KEY_REUSED');
    return row.submission_id;
  }

  return {
    async withdraw(merchant, request, use) {
      const { account_id: accountId } = merchant;
      const { totp, authenticationResponseJSON, ...query } = request;
      const shown = { totp, authenticationResponseJSON };
      const made = await earlier(db, accountId, use);
      if (made !== null) return made;
      const network = networks.of(merchant.network);
      const key = requireManaged(await settlementKeyOf(db, accountId, merchant.network));
      const asked = readAsked(query, key.address, key, network);
      await network.confirmNetwork();
      const readAt = nowMs();
      const entries = await readLedger(network, asked);
      requirePossible(asked, entries, network);
      const payment = await managedPayment(asked, network).catch((error: unknown) => {
        throw transferRefusal(error);
      });

      const submissionId = await db.transaction().execute(async (trx) => {
        const now = nowMs();
        requireManaged(await lockSettlement(trx, accountId, merchant.network));
        const first = await earlier(trx, accountId, use);
        if (first !== null) return first;
        await requireNotMoving(trx, merchant);
        await requireUnreserved(trx, merchant, asked, network.usdc, entries, readAt);
        await requireAllowedNow(trx, merchant, asked, now);
        await deps.stepUp.requireStepUp(trx, merchant, 'withdraw', query, shown);
        const whose = { accountId, network: merchant.network };
        const work = await signedPayment(payment, (sign) =>
          seeds.openManagedSeed(trx, whose, 'withdrawal', sign),
        );
        const kind = 'withdraw-settlement' as const;
        const submission = await network.relayer.enqueue(trx, { id: randomUUID(), kind, accountId, ...work });
        const withdrawal = {
          id: randomUUID(),
          amount: String(asked.amount),
          destination: query.destination,
          memo: query.memo ?? null,
        };
        await insertWithdrawal(trx, {
          ...withdrawal,
          account_id: accountId,
          network: network.name,
          kind: 'managed',
          state: 'pending',
          submission_id: submission,
          idempotency_key: use.idempotencyKey,
          request_hash: use.requestHash,
          created_at: now,
        });
        await recordAudit(trx, accountId, 'withdrawal.submitted', withdrawal, now);
        return submission;
      });
      network.relayer.wake();
      return submissionId;
    },
  };
}
