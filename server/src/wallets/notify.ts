// Tells an account's owner by e-mail what happened to the wallet's signer. The mail is written in the transaction that
// made it true and sent from the outbox afterwards, again and again if it has to be: during a recovery under delay it is
// the owner's only warning.
import type { Logger } from 'pino';
import { accountById, mailAddressOf } from '../db/accounts.ts';
import type { Database, Db } from '../db/database.ts';
import { claimDueMail, insertMail, mailFailed, removeMail } from '../db/outbox.ts';
import type { Mailer } from '../mail/mailer.ts';

export type Notice = {
  accountId: string;
  what: 'rotation-proposed' | 'rotated' | 'rotation-cancelled';
  /** unix milliseconds; null where no time applies or it is not known */
  executableAt: number | null;
};

export type Notify = (db: Db, notice: Notice) => Promise<void>;

function words(notice: Notice, serviceName: string): { subject: string; text: string } {
  switch (notice.what) {
    case 'rotated':
      return {
        subject: `Your ${serviceName} wallet has a new passkey`,
        text:
          'Your wallet was recovered: a new passkey signs for it, and every earlier one signs nothing any more. ' +
          'All sessions were ended.\n\nIf this was not you, someone else can read your e-mail: secure it, then recover again.\n',
      };
    case 'rotation-proposed':
      return {
        subject: `A new passkey was asked for on your ${serviceName} wallet`,
        text:
          `Someone with access to this mailbox asked to recover your wallet. The new passkey takes over ` +
          `${notice.executableAt === null ? 'after the delay of your wallet' : `on ${new Date(notice.executableAt).toUTCString()}`}.\n\nIf this was not you, sign in with your passkey ` +
          'before then and choose "Cancel recovery".\n',
      };
    case 'rotation-cancelled':
      return {
        subject: `The recovery of your ${serviceName} wallet was cancelled`,
        text: 'Your present passkey cancelled the recovery. It goes on signing for the wallet; nothing has changed.\n',
      };
  }
}

export function createNotify(serviceName: string): Notify {
  return async (db, notice) => {
    await insertMail(db, { account_id: notice.accountId, kind: notice.what, ...words(notice, serviceName) });
  };
}

/** In one round; the rest is for the next. */
const MAX_MAILS = 20;

/** Hands over what is in the outbox; what cannot be sent now stays for the next time. */
export async function sendDueMail(deps: {
  db: Database;
  mailer: Mailer;
  log: Logger;
  nowMs: () => number;
}): Promise<void> {
  const { db, mailer, log, nowMs } = deps;
  for (let i = 0; i < MAX_MAILS; i++) {
    const mail = await claimDueMail(db, nowMs());
    if (!mail) return;
    const account = await accountById(db, mail.account_id);
    try {
      if (account)
        await mailer.send({
          to: mailAddressOf(account),
          kind: mail.kind,
          subject: mail.subject,
          text: mail.text,
        });
      await removeMail(db, mail.id);
    } catch (error) {
      const isGivenUp = await mailFailed(db, mail, nowMs());
      const about = { err: error, kind: mail.kind, tries: mail.tries + 1 };
      if (isGivenUp) log.error(about, 'mail was given up');
      else log.warn(about, 'mail will be sent later');
    }
  }
}
