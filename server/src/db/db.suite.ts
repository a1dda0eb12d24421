// What every database must do, whatever is behind it: the same rows, values, refusals and transactions, and work rows
// that go to one server each. Run on libSQL and on PostgreSQL.
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEmailCodes, RECOVERY } from '../auth/emailCodes.ts';
import { openRateLimits } from '../auth/rateLimits.ts';
import {
  accountById,
  claimWalletToFund,
  endSessions,
  findAccount,
  insertAccount,
  insertWallet,
  setWalletState,
  walletOf,
} from './accounts.ts';
import { activityPage, insertActivity, nextLedgerOf, setNextLedger } from './activity.ts';
import { insertCredential } from './credentials.ts';
import type { Database } from './database.ts';
import { claimDueMail, insertMail, mailFailed, removeMail } from './outbox.ts';
import { isUniqueViolation } from './refusals.ts';
import { insertRotation, openRotation, type Rotation, updateRotation } from './rotations.ts';
import { insertSubmission, submissionById, submissionLoad, updateSubmission } from './submissions.ts';

const NOW = 1_795_000_000_123;
const ana = { id: 'account', email: 'ana@example.org' };
const failure = (code: string) => expect.objectContaining({ code });

/** One database as two servers have it; where one server at a time is the rule, both are the same. */
export type TwoServers = { one: Database; other: Database; close(): Promise<void> };

async function throwingTransaction(db: Database): Promise<void> {
  const half = db.transaction().execute(async (trx) => {
    await insertAccount(trx, { id: 'other', email: 'eve@example.org' }, 1);
    throw new Error('half way');
  });
  await expect(half).rejects.toThrow('half way');
}

/** What was fulfilled, and why the rest was not. */
async function outcomes<T>(promises: Promise<T>[]): Promise<{ done: T[]; refused: unknown[] }> {
  const settled = await Promise.allSettled(promises);
  return {
    done: settled.filter((it) => it.status === 'fulfilled').map((it) => it.value),
    refused: settled.filter((it) => it.status === 'rejected').map((it) => it.reason),
  };
}

const rotation = (change: Partial<Rotation> = {}): Rotation => ({
  id: 'rotation',
  account_id: ana.id,
  credential_id: 'credential',
  state: 'submitted',
  executable_at: null,
  submission_id: 'submission',
  created_at: NOW,
  ...change,
});

const credential = (change = {}) => ({
  id: 'credential',
  account_id: ana.id,
  public_key: 'AA==',
  sign_count: 4_294_967_295,
  transports: '["internal"]',
  origin: 'https://wallet.example',
  state: 'active' as const,
  created_at: NOW,
  ...change,
});

const submission = (id: string) => ({
  id,
  kind: 'transfer' as const,
  accountId: ana.id,
  hostFunctionXdr: 'AAAA',
  authXdr: ['AAAA'],
  authExpiresAtLedger: null,
  maxFeeStroops: 100n,
  mayRestore: true,
});

const wallet = { account_id: ana.id, address: 'CA', submission_id: 's', created_at: NOW };

/** @param open a fresh, empty database */
export function databaseSuite(name: string, open: () => Promise<TwoServers>): void {
  describe(name, () => {
    let servers: TwoServers;
    let db: Database;
    beforeEach(async () => {
      servers = await open();
      db = servers.one;
    });
    afterEach(() => servers.close());

    describe('a value', () => {
      it('is read as it was written: times beyond 32 bits, null, text of any script', async () => {
        await insertAccount(db, { ...ana, email: 'иван@пример.испытание' }, NOW);
        expect(await accountById(db, ana.id)).toEqual({
          id: ana.id,
          email: 'иван@пример.испытание',
          session_epoch: 0,
          created_at: NOW,
        });
        await insertCredential(db, credential());
        await insertRotation(db, rotation());
        expect(await openRotation(db, ana.id)).toEqual(rotation());
      });

      it('that is an amount keeps every digit, because it is text', async () => {
        const amount = String(2n ** 127n - 1n);
        const row = {
          id: 'a',
          wallet: 'CA',
          kind: 'received' as const,
          at: NOW,
          ledger: 4_294_967_295,
          counterparty: null,
          token: 'CB',
          amount,
          hash: 'ff',
          status: 'confirmed' as const,
        };
        await insertActivity(db, row);
        expect(await activityPage(db, 'CA', null, 10)).toEqual([row]);
      });

      it('that counts is a number', async () => {
        await insertAccount(db, ana, NOW);
        await insertSubmission(db, submission('a'), NOW);
        expect(await submissionLoad(db, { accountId: ana.id }, 0)).toEqual({
          waitingOfOwner: 1,
          ofOwner: 1,
        });
        expect(await submissionLoad(db, { accountId: 'nobody' }, 0)).toEqual({
          waitingOfOwner: 0,
          ofOwner: 0,
        });
      });

      it('leaves out the steps of a migration from what an account has asked for', async () => {
        await insertAccount(db, ana, NOW);
        await insertSubmission(db, { ...submission('a'), kind: 'migrate-settlement' }, NOW);
        const load = await submissionLoad(db, { accountId: ana.id }, 0);
        expect(load).toEqual({ waitingOfOwner: 1, ofOwner: 0 });
      });
    });

    describe('a row', () => {
      it('of an account that does not exist is refused', async () => {
        await expect(insertWallet(db, { ...wallet, account_id: 'nobody' })).rejects.toThrow(/foreign key/i);
        await throwingTransaction(db);
        await expect(insertWallet(db, { ...wallet, account_id: 'nobody' })).rejects.toThrow(/foreign key/i);
      });

      it('whose key is taken is refused, in words that both databases share', async () => {
        await insertAccount(db, ana, 1);
        const again = () =>
          db
            .insertInto('accounts')
            .values({ ...ana, id: 'second', session_epoch: 0, created_at: 1 })
            .execute();
        const error = await again().catch((refused) => refused);
        expect(isUniqueViolation(error)).toBe(true);
        expect(isUniqueViolation(new Error('UNIQUE'))).toBe(false);
        const other = await insertWallet(db, { ...wallet, account_id: 'nobody' }).catch((refused) => refused);
        expect(isUniqueViolation(other)).toBe(false);
      });

      it('for a second account of an e-mail is refused', async () => {
        await insertAccount(db, ana, 1);
        await expect(insertAccount(db, { ...ana, id: 'second' }, 1)).rejects.toThrow(failure('EMAIL_TAKEN'));
      });

      it('for a second registration of a credential is refused', async () => {
        await insertAccount(db, ana, 1);
        await insertCredential(db, credential());
        await expect(insertCredential(db, credential())).rejects.toThrow(
          failure('CREDENTIAL_ALREADY_REGISTERED'),
        );
      });

      it('for a second wallet is refused, unless the first one failed', async () => {
        await insertAccount(db, ana, 1);
        await insertWallet(db, wallet);
        const second = { ...wallet, address: 'CB' };
        await expect(insertWallet(db, second)).rejects.toThrow(failure('EMAIL_TAKEN'));
        await setWalletState(db, ana.id, 'failed');
        await insertWallet(db, second);
        expect(await walletOf(db, ana.id)).toMatchObject({ address: 'CB', state: 'deploying' });
      });

      it('that is there already changes nothing where that is allowed', async () => {
        for (const nextLedger of [5, 6]) await setNextLedger(db, 'CA', nextLedger);
        expect(await nextLedgerOf(db, 'CA')).toBe(6);
      });
    });

    describe('a recovery', () => {
      beforeEach(async () => {
        await insertAccount(db, ana, NOW);
        await insertCredential(db, credential());
      });

      it('is the only open one of its account, also when two are asked for at once', async () => {
        const asked = [servers.one, servers.other].map((it, i) =>
          it.transaction().execute((trx) => insertRotation(trx, rotation({ id: `rotation ${i}` }))),
        );
        const { done, refused } = await outcomes(asked);
        expect(done).toHaveLength(1);
        expect(refused).toEqual([failure('ROTATION_IN_PROGRESS')]);
      });

      it('makes room for the next when it has ended', async () => {
        await insertRotation(db, rotation());
        expect(await updateRotation(db, rotation(), { state: 'executed' })).toBe(true);
        await insertRotation(db, rotation({ id: 'next' }));
        expect(await openRotation(db, ana.id)).toMatchObject({ id: 'next' });
      });

      it('is moved on by one of those who try', async () => {
        await insertRotation(db, rotation());
        const moved = await Promise.all(
          [servers.one, servers.other].map((it) => updateRotation(it, rotation(), { state: 'cancelled' })),
        );
        expect(moved.toSorted()).toEqual([false, true]);
      });
    });

    describe('a transaction', () => {
      it('that throws leaves nothing, and does not stop the next one', async () => {
        await throwingTransaction(db);
        expect(await accountById(db, 'other')).toBeUndefined();
        await db.transaction().execute((trx) => insertAccount(trx, ana, 1));
        expect(await accountById(db, ana.id)).toMatchObject(ana);
      });

      it('whose statement is refused leaves nothing of the earlier ones', async () => {
        await expect(
          db.transaction().execute(async (trx) => {
            await insertAccount(trx, ana, 1);
            await insertWallet(trx, { ...wallet, account_id: 'nobody' });
          }),
        ).rejects.toThrow(/foreign key/i);
        expect(await accountById(db, ana.id)).toBeUndefined();
      });

      it('shows nothing of itself to a reader before it is committed', async () => {
        await insertAccount(db, ana, 1);
        let reading: Promise<unknown> | undefined;
        await db
          .transaction()
          .execute(async (trx) => {
            await endSessions(trx, ana.id);
            reading = accountById(db, ana.id);
            await new Promise((resolve) => setTimeout(resolve, 5));
            throw new Error('half way');
          })
          .catch(() => {});
        expect(await reading).toMatchObject({ session_epoch: 0 });
      });

      it('raises a counter together with others, and none is lost', async () => {
        await insertAccount(db, ana, 1);
        await Promise.all(
          Array.from({ length: 20 }, (_, i) =>
            (i % 2 ? servers.one : servers.other).transaction().execute((trx) => endSessions(trx, ana.id)),
          ),
        );
        expect(await findAccount(db, ana.email)).toMatchObject({ session_epoch: 20 });
      });
    });

    describe('a submission', () => {
      it('is moved on by one of those who read the same row', async () => {
        await insertAccount(db, ana, NOW);
        await insertSubmission(db, submission('a'), NOW);
        const row = (await submissionById(db, 'a'))!;
        const moved = await Promise.all(
          Array.from({ length: 6 }, (_, i) =>
            (i % 2 ? servers.one : servers.other)
              .transaction()
              .execute((trx) =>
                updateSubmission(trx, row, { state: 'sent', hash: `${i}`, attempts: 1 }, NOW),
              ),
          ),
        );
        expect(moved.filter(Boolean)).toHaveLength(1);
        expect((await submissionById(db, 'a'))?.hash).toBe(String(moved.indexOf(true)));
      });
    });

    describe('mail', () => {
      const MAILS = 24;
      const mail = { account_id: ana.id, kind: 'rotated', subject: 'subject', text: 'text' };
      beforeEach(() => insertAccount(db, ana, NOW).then(() => {}));

      async function drain(server: Database, claimed: string[]): Promise<void> {
        for (let next = await claimDueMail(server, NOW); next; next = await claimDueMail(server, NOW)) {
          claimed.push(next.id);
          await removeMail(server, next.id);
        }
      }

      it('is claimed by one server each', async () => {
        for (let i = 0; i < MAILS; i++) await insertMail(db, mail);
        const claimed: string[] = [];
        const both = [servers.one, servers.other, servers.one, servers.other];
        await Promise.all(both.map((server) => drain(server, claimed)));
        expect(claimed).toHaveLength(MAILS);
        expect(new Set(claimed).size).toBe(MAILS);
      });

      it('of a server that died is claimed again after a while', async () => {
        await insertMail(db, mail);
        expect(await claimDueMail(db, NOW)).toMatchObject(mail);
        expect(await claimDueMail(servers.other, NOW + 60_000)).toBeUndefined();
        expect(await claimDueMail(servers.other, NOW + 300_000)).toMatchObject(mail);
      });

      it('that could not be sent is due when it was put off to', async () => {
        await insertMail(db, mail);
        await mailFailed(db, (await claimDueMail(db, NOW))!, NOW);
        expect(await claimDueMail(db, NOW + 9_999)).toBeUndefined();
        expect(await claimDueMail(db, NOW + 10_000)).toMatchObject({ ...mail, tries: 1 });
      });
    });

    describe('a wallet without its test money', () => {
      it('is claimed by one server at a time, and only while it is due', async () => {
        await insertAccount(db, ana, NOW);
        await insertWallet(db, wallet);
        const when = { nowMs: NOW, untilMs: NOW + 20_000 };
        expect(await claimWalletToFund(db, when)).toBeUndefined();
        await setWalletState(db, ana.id, 'active');
        expect(await claimWalletToFund(db, when, 'CB')).toBeUndefined();
        const claims = await Promise.all(
          Array.from({ length: 6 }, (_, i) =>
            claimWalletToFund(i % 2 ? servers.one : servers.other, when, wallet.address),
          ),
        );
        expect(claims.filter((it) => it !== undefined)).toMatchObject([wallet]);
        expect(await claimWalletToFund(db, { ...when, nowMs: NOW + 20_000 })).toMatchObject(wallet);
      });
    });

    describe('a recovery code', () => {
      it('is guessed three times at most, however many guess at once', async () => {
        const rateLimits = await openRateLimits(null, pino({ level: 'silent' }));
        const codes = [servers.one, servers.other].map((it) =>
          createEmailCodes({ db: it, rateLimits, secret: 'secret', nowMs: () => NOW, purpose: RECOVERY }),
        );
        const right = await codes[0]!.issue(ana.email);
        const wrong = right === '000000' ? '000001' : '000000';
        const guesses = Array.from({ length: 12 }, (_, i) => codes[i % 2]!.redeem(ana.email, wrong));
        const { refused } = await outcomes(guesses);
        const reasons = refused.map((it) => (it as { code: string }).code);
        expect(reasons.filter((code) => code === 'RECOVERY_CODE_INVALID')).toHaveLength(3);
        expect(reasons.filter((code) => code === 'RECOVERY_CODE_EXPIRED')).toHaveLength(9);
        await expect(codes[1]!.redeem(ana.email, right)).rejects.toThrow(failure('RECOVERY_CODE_EXPIRED'));
      });

      it('works once, also when it is used twice at once', async () => {
        const rateLimits = await openRateLimits(null, pino({ level: 'silent' }));
        const codes = [servers.one, servers.other].map((it) =>
          createEmailCodes({ db: it, rateLimits, secret: 'secret', nowMs: () => NOW, purpose: RECOVERY }),
        );
        const right = await codes[0]!.issue(ana.email);
        const { done, refused } = await outcomes(codes.map((it) => it.redeem(ana.email, right)));
        expect(done).toHaveLength(1);
        expect(refused).toEqual([failure('RECOVERY_CODE_EXPIRED')]);
      });
    });
  });
}
