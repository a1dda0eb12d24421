// The confirmation gate before a migration: the owner is shown balance, old and new address, and the smart wallet's passkey
// signs exactly that. What was shown and the raw assertion are kept, so that anyone can verify again later that the owner
// agreed. A balance that has grown since then moves as a whole; one that has shrunk was not what the owner saw, and is shown
// again. From the gate on nothing more is asked of the owner, except whether to try again what failed.
import { randomBytes } from 'node:crypto';
import {
  type AuthenticationResponse,
  type GateBody,
  type GateSubject,
  LatchkeyError,
  type MigrationBody,
} from '@latchkey/sdk/api';
import { bytesToBase64Url, sha256 } from '@latchkey/sdk/chain';
import {
  authenticationOptions,
  type RelyingParty,
  readClientData,
  verifyAssertion,
} from '../auth/ceremonies.ts';
import {
  actOnce,
  type ChallengeUse,
  challengeFor,
  earlierOutcome,
  insertChallenge,
} from '../db/challenges.ts';
import type { Database, Db } from '../db/database.ts';
import { recordPasskeyUse, signingPasskeysOf } from '../db/merchantPasskeys.ts';
import { accountEmail, type Merchant } from '../db/merchants.ts';
import { updateSettlementKey } from '../db/settlementKeys.ts';
import { type Migration, migrationOf, updateMigration } from '../db/settlementMigrations.ts';
import { rulesRow } from '../db/withdrawalRules.ts';
import { readManagedAccount } from './managedAccount.ts';
import { migrationBody } from './merchantView.ts';
import { recordState } from './migrationRecord.ts';
import type { SettlementNetworks } from './network.ts';
import { rulesOf } from './withdrawalChecks.ts';
import { LOOSENING_DELAY_MS, rulesAt } from './withdrawalRules.ts';

const NONCE_BYTES = 32;

/** The bytes whose sha256 the passkey signs: JSON with the members in this order (sdk/src/api/settlementSchema.ts). */
export function gateText(subject: GateSubject): string {
  const { type, migrationId, fromAddress, toAddress, balance, networkPassphrase, nonce } = subject;
  return JSON.stringify({ type, migrationId, fromAddress, toAddress, balance, networkPassphrase, nonce });
}

const digestOf = (subject: GateSubject) => sha256(new TextEncoder().encode(gateText(subject)));

/** As the route answers it; what is in `options_json` is WebAuthn's. */
export type GateOptions = Omit<GateBody, 'options_json'> & { options_json: { challenge: string } };

export type Gate = {
  /** Null before an upgrade. */
  view(merchant: Merchant): Promise<MigrationBody | null>;
  /** @throws LatchkeyError MIGRATION_NOT_WAITING */
  open(merchant: Merchant): Promise<GateOptions>;
  /** @throws LatchkeyError GATE_STALE when less is there than was shown */
  confirm(merchant: Merchant, response: AuthenticationResponse, use: ChallengeUse): Promise<MigrationBody>;
  /** Lets a step that failed be tried again; asked twice, or while nothing has failed, it changes nothing. */
  retry(merchant: Merchant): Promise<MigrationBody>;
};

export function createGate(deps: {
  db: Database;
  networks: SettlementNetworks;
  relyingParty: RelyingParty;
  nowMs: () => number;
  /** starts the work on what has become due */
  wake: () => void;
}): Gate {
  const { db, networks, relyingParty, nowMs } = deps;

  /**
   * When the migration may begin: at once, or, where the merchant has limits on withdrawals, no sooner than these could be
   * lifted. Whoever has stolen a session and a code must not get round them by an upgrade of his own.
   */
  async function notBefore(on: Db, migration: Migration): Promise<number | null> {
    const rules = rulesOf(await rulesRow(on, migration.account_id));
    const { dailyLimit, allowListOnly } = rulesAt(rules, nowMs()).current;
    return dailyLimit === null && !allowListOnly ? null : migration.created_at + LOOSENING_DELAY_MS;
  }

  async function requireMigration(merchant: Merchant): Promise<Migration> {
    const migration = await migrationOf(db, merchant.account_id, merchant.network);
    if (!migration) throw new LatchkeyError('MIGRATION_NOT_WAITING');
    return migration;
  }

  async function balanceOf(migration: Migration): Promise<bigint> {
    const network = networks.of(migration.network);
    await network.confirmNetwork();
    return (await readManagedAccount(network.rpc, migration.from_address, network.usdc)).usdc;
  }

  return {
    async view({ account_id, network }) {
      const migration = await migrationOf(db, account_id, network);
      return migration ? migrationBody(db, migration) : null;
    },

    async open(merchant) {
      const migration = await requireMigration(merchant);
      if (migration.state !== 'ready') throw new LatchkeyError('MIGRATION_NOT_WAITING');
      const { from_address: fromAddress, to_address: toAddress, id: migrationId } = migration;
      const { networkPassphrase } = networks.of(migration.network);
      const subject: GateSubject = {
        type: 'latchkey settlement migration',
        migrationId,
        fromAddress,
        toAddress,
        balance: String(await balanceOf(migration)),
        networkPassphrase,
        nonce: randomBytes(NONCE_BYTES).toString('base64url'),
      };
      const passkeys = await signingPasskeysOf(db, merchant.account_id);
      const options = await authenticationOptions(relyingParty, await digestOf(subject), passkeys);
      const expiresAt = await insertChallenge(
        db,
        {
          challenge: options.challenge,
          purpose: 'settlement-gate',
          email: accountEmail(merchant),
          subject,
        },
        nowMs(),
      );
      const { type: _, ...shown } = subject;
      const begins = await notBefore(db, migration);
      return { options_json: options, ...shown, notBefore: begins, expiresAt };
    },

    async confirm(merchant, response, use) {
      const { challenge } = readClientData(response.response.clientDataJSON);
      const row = await challengeFor(db, challenge, {
        purpose: 'settlement-gate',
        email: accountEmail(merchant),
      });
      const migration = await requireMigration(merchant);
      // Two clicks, two tabs: what was asked for is on its way.
      if (earlierOutcome(row, use, nowMs()) === migration.id) return migrationBody(db, migration);
      const subject = JSON.parse(row.subject) as GateSubject;
      if (migration.id !== subject.migrationId || migration.state !== 'ready')
        throw new LatchkeyError('MIGRATION_NOT_WAITING');
      const passkeys = await signingPasskeysOf(db, merchant.account_id);
      const passkey = passkeys.find((it) => it.id === response.id);
      if (!passkey) throw new LatchkeyError('UNKNOWN_CREDENTIAL');
      const digest = bytesToBase64Url(await digestOf(subject));
      const { signCount } = await verifyAssertion(relyingParty, response, digest, passkey);
      if ((await balanceOf(migration)) < BigInt(subject.balance)) throw new LatchkeyError('GATE_STALE');
      await actOnce(db, row, use, migration.id, nowMs(), async (trx) => {
        const { account_id, network } = migration;
        const confirmed = await updateMigration(
          trx,
          migration,
          {
            state: 'confirmed',
            gate_subject: gateText(subject),
            gate_assertion: JSON.stringify(response),
            not_before: (await notBefore(trx, migration)) ?? 0,
          },
          nowMs(),
        );
        const isMigrating =
          confirmed !== null &&
          (await updateSettlementKey(
            trx,
            { account_id, network, status: 'upgrading' },
            { status: 'migrating' },
            nowMs(),
          ));
        if (!isMigrating) throw new LatchkeyError('MIGRATION_NOT_WAITING');
        await recordPasskeyUse(trx, passkey.id, signCount);
        await recordState(trx, confirmed, nowMs());
      });
      deps.wake();
      return migrationBody(db, await requireMigration(merchant));
    },

    async retry(merchant) {
      const migration = await requireMigration(merchant);
      if (migration.state === 'ready') throw new LatchkeyError('MIGRATION_NOT_WAITING');
      if (migration.error_code !== null) {
        // These two start from the ledger; the others go on from their submission.
        const startsAnew = migration.state === 'confirmed' || migration.state === 'transferred';
        const submissionId = startsAnew ? null : migration.submission_id;
        const change = { error_code: null, error_message: null, submission_id: submissionId };
        await updateMigration(db, migration, change, nowMs());
      }
      deps.wake();
      return migrationBody(db, await requireMigration(merchant));
    },
  };
}
