// Sends mail by SMTP (nodemailer), or, in development, keeps it for the page at /dev/inbox. A message that cannot be
// sent is reported to the log without its text; callers do not depend on delivery.
import { createTransport } from 'nodemailer';
import type { Logger } from 'pino';

const INBOX_MESSAGES = 100;
const SMTP_TIMEOUT_MS = 10_000;

export type Message = { to: string; subject: string; text: string };
export type KeptMessage = Message & { at: number };

export type Mailer = {
  send(message: Message): Promise<void>;
  /** Newest first; null where mail is really sent. */
  readonly inbox: readonly KeptMessage[] | null;
};

export function createInbox(nowMs: () => number): Mailer {
  const inbox: KeptMessage[] = [];
  return {
    inbox,
    async send(message) {
      inbox.unshift({ ...message, at: nowMs() });
      inbox.length = Math.min(inbox.length, INBOX_MESSAGES);
    },
  };
}

export function createSmtpMailer(smtp: { url: string; from: string }, log: Logger): Mailer {
  const transport = createTransport(
    { url: smtp.url, connectionTimeout: SMTP_TIMEOUT_MS, socketTimeout: SMTP_TIMEOUT_MS },
    { from: smtp.from },
  );
  return {
    inbox: null,
    async send(message) {
      try {
        await transport.sendMail(message);
      } catch (error) {
        const code = (error as { code?: string }).code ?? 'unknown';
        log.error({ smtpCode: code, subject: message.subject }, 'mail could not be sent');
      }
    },
  };
}
