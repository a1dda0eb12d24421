import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertAccount } from '../db/accounts.ts';
import type { Database } from '../db/database.ts';
import { type Mailer, MailNotSent, type Message } from '../mail/mailer.ts';
import { onEveryDatabase } from '../testing/everyDatabase.ts';
import { createNotify, type Notice, sendDueMail } from './notify.ts';

const notify = createNotify('Example Wallet');
const notice: Notice = { accountId: 'ana', what: 'rotated', executableAt: null };
onEveryDatabase((open) => {
  let db: Database;
  let nowMs: number;
  let isAway: boolean;
  let sent: Message[];
  let logLines: string[];

  const mailer: Mailer = {
    inbox: null,
    async send(message) {
      if (isAway) throw new MailNotSent(message.kind, 'ECONNECTION');
      sent.push(message);
    },
  };

  beforeEach(async () => {
    db = await open();
    nowMs = 1_795_000_000_000;
    isAway = false;
    sent = [];
    logLines = [];
    await insertAccount(db, { id: 'ana', email: 'ana@example.org' }, nowMs);
  });
  afterEach(() => db.destroy());

  const log = pino({ level: 'debug' }, { write: (line: string) => void logLines.push(line) });
  const round = () => sendDueMail({ db, mailer, log, nowMs: () => nowMs });
  const outbox = () => db.selectFrom('outbox').selectAll().execute();

  describe('mail in the outbox', () => {
    it('is sent once to the address of the account, and is gone then', async () => {
      await notify(db, notice);
      await round();
      await round();
      expect(sent).toMatchObject([
        { to: 'ana@example.org', kind: 'rotated', subject: 'Your Example Wallet wallet has a new passkey' },
      ]);
      expect(await outbox()).toEqual([]);
    });

    it('is not there when the transaction that wrote it was rolled back', async () => {
      await db
        .transaction()
        .execute(async (trx) => {
          await notify(trx, notice);
          throw new Error('half way');
        })
        .catch(() => {});
      await round();
      expect(sent).toEqual([]);
    });

    it('is tried again after a failure, each time after a longer wait, an hour at most', async () => {
      await notify(db, notice);
      isAway = true;
      const waitsSeconds: number[] = [];
      for (let i = 0; i < 11; i++) {
        await round();
        const [mail] = await outbox();
        expect(mail!.tries).toBe(i + 1);
        waitsSeconds.push((mail!.not_before - nowMs) / 1000);
        nowMs = mail!.not_before - 1;
        await round();
        expect((await outbox())[0]!.tries).toBe(i + 1);
        nowMs += 1;
      }
      expect(waitsSeconds).toEqual([10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]);
      isAway = false;
      await round();
      expect(sent).toHaveLength(1);
      expect(await outbox()).toEqual([]);
    });

    it('is given up after thirty tries, about a day', async () => {
      await notify(db, notice);
      isAway = true;
      const startedAt = nowMs;
      for (let i = 0; i < 29; i++) {
        await round();
        nowMs = (await outbox())[0]!.not_before;
      }
      expect((nowMs - startedAt) / 3_600_000).toBeGreaterThan(18);
      await round();
      expect(await outbox()).toEqual([]);
      isAway = false;
      await round();
      expect(sent).toEqual([]);
    });

    it('does not wait for other mail that cannot be sent', async () => {
      await insertAccount(db, { id: 'ben', email: 'ben@example.org' }, nowMs);
      await notify(db, notice);
      await notify(db, { ...notice, accountId: 'ben' });
      const picky: Mailer = {
        inbox: null,
        async send(message) {
          if (message.to.startsWith('ana')) throw new MailNotSent(message.kind, 'EENVELOPE');
          sent.push(message);
        },
      };
      await sendDueMail({ db, mailer: picky, log, nowMs: () => nowMs });
      expect(sent.map((it) => it.to)).toEqual(['ben@example.org']);
      expect((await outbox()).map((it) => it.account_id)).toEqual(['ana']);
    });

    it('leaves a line in the log when it fails, without address, subject or text', async () => {
      await notify(db, notice);
      isAway = true;
      await round();
      expect(logLines).toHaveLength(1);
      expect(JSON.parse(logLines[0]!)).toMatchObject({ kind: 'rotated', tries: 1 });
      expect(logLines[0]).not.toMatch(/ana@|passkey|Example Wallet/);
    });
  });

  describe('the announcement of a rotation', () => {
    it.each([
      [Date.UTC(2026, 10, 24, 9, 30), 'on Tue, 24 Nov 2026 09:30:00 GMT'],
      [null, 'after the delay of your wallet'],
    ])('says when the new passkey takes over and how to stop it (%s)', async (executableAt, time) => {
      await notify(db, { ...notice, what: 'rotation-proposed', executableAt });
      await round();
      expect(sent[0]!.text).toContain(`The new passkey takes over ${time}.`);
      expect(sent[0]!.text).toContain('Cancel recovery');
    });
  });
});
