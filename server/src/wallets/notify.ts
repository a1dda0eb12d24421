// Tells an account's owner by e-mail what happened to the wallet's signer. Mail follows the fact; a mail that cannot
// be sent changes nothing and is logged.
import type { Logger } from 'pino';
import { accountById } from '../db/accounts.ts';
import type { Database } from '../db/database.ts';
import type { Mailer } from '../mail/mailer.ts';
import type { Notice } from './effects.ts';

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
          `Someone with access to this mailbox asked to recover your wallet. The new passkey takes over on ` +
          `${new Date(notice.executableAt ?? 0).toUTCString()}.\n\nIf this was not you, sign in with your passkey ` +
          'before then and choose "Cancel recovery".\n',
      };
    case 'rotation-cancelled':
      return {
        subject: `The recovery of your ${serviceName} wallet was cancelled`,
        text: 'Your present passkey cancelled the recovery. It goes on signing for the wallet; nothing has changed.\n',
      };
  }
}

export function createNotifier(deps: { db: Database; mailer: Mailer; log: Logger; serviceName: string }) {
  async function send(notice: Notice): Promise<void> {
    const account = await accountById(deps.db, notice.accountId);
    if (account) await deps.mailer.send({ to: account.email, ...words(notice, deps.serviceName) });
  }
  return (notice: Notice): void => {
    // The transaction that calls this holds the database's one connection: look the address up after it.
    setImmediate(() => {
      send(notice).catch((error: unknown) =>
        deps.log.error({ err: error, what: notice.what }, 'notice not sent'),
      );
    });
  };
}
