// Tells a merchant by e-mail what was changed about who may move the money: written in the transaction that made it true,
// sent from the outbox afterwards, again and again if it has to be. Where a change waits a day before it holds, this is
// what makes the day worth something: whoever did not ask for it hears of it in time.
import type { Db } from '../db/database.ts';
import { insertMail } from '../db/outbox.ts';

export type MerchantNotice =
  | { what: 'limits-loosened'; effectiveAt: number }
  | { what: 'destination-added'; address: string; label: string; effectiveAt: number }
  | { what: 'device-added'; name: string }
  | { what: 'device-removed'; name: string }
  | { what: 'authenticator-set-up' }
  | { what: 'api-key-created'; name: string; scopes: readonly string[] }
  | { what: 'upgrade-begun' };

const WITHDRAW_IT =
  'If this was not you, somebody has your session and your second factor: sign in before then, take it back on the ' +
  'Withdraw page, and replace your authenticator app and API keys.';
const SECURE_IT =
  'If this was not you, sign in at once, take it back, and replace your authenticator app and API keys.';

/** A name that somebody chose, on one line and in quotes. */
const quoted = (name: string) => `“${name.replace(/\p{Cc}+/gu, ' ')}”`;

function words(notice: MerchantNotice): { subject: string; text: string } {
  switch (notice.what) {
    case 'limits-loosened':
      return {
        subject: 'The limits of your withdrawals are about to be loosened',
        text: `Looser limits were asked for. They hold from ${new Date(notice.effectiveAt).toUTCString()} on.\n\n${WITHDRAW_IT}\n`,
      };
    case 'destination-added':
      return {
        subject: 'A destination is about to be allowed for your withdrawals',
        text: `${notice.address} (${quoted(notice.label)}) was put on the list. It is allowed from ${new Date(notice.effectiveAt).toUTCString()} on.\n\n${WITHDRAW_IT}\n`,
      };
    case 'device-added':
      return {
        subject: 'Another device signs for your settlement wallet',
        text: `The passkey of ${quoted(notice.name)} signs for your wallet from now on.\n\nIf this was not you, remove it with one of your own devices at once.\n`,
      };
    case 'device-removed':
      return {
        subject: 'A device signs for your settlement wallet no more',
        text: `The passkey of ${quoted(notice.name)} was removed from your wallet.\n\nIf this was not you, look at the devices that are left, and remove those that are not yours.\n`,
      };
    case 'authenticator-set-up':
      return {
        subject: 'An authenticator app was set up for your merchant account',
        text: `Its codes count from now on, those of an earlier app no more, and every other session has ended.\n\n${SECURE_IT}\n`,
      };
    case 'api-key-created':
      return {
        subject: 'An API key was made for your merchant account',
        text: `${quoted(notice.name)} may: ${notice.scopes.join(', ')}.\n\n${SECURE_IT}\n`,
      };
    case 'upgrade-begun':
      return {
        subject: 'Your settlement wallet is being upgraded to a passkey',
        text: `A passkey was made that will sign for your settlement wallet. Nothing moves before it confirms that.\n\n${SECURE_IT}\n`,
      };
  }
}

export async function notifyMerchant(trx: Db, accountId: string, notice: MerchantNotice): Promise<void> {
  await insertMail(trx, { account_id: accountId, kind: notice.what, ...words(notice) });
}
