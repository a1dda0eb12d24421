// Sends mail by SMTP (nodemailer), or, in development, keeps it for the page at /dev/inbox. Neither text nor subject
// of a message ever reaches a log or an error: both may hold a code.
import { createTransport } from 'nodemailer';

const INBOX_MESSAGES = 100;
const SMTP_TIMEOUT_MS = 10_000;

/** `kind` is what may be logged of it. */
export type Message = { to: string; kind: string; subject: string; text: string };

/** The mail server did not take the message; `smtpCode` is nodemailer's word for why. */
export class MailNotSent extends Error {
  override readonly name = 'MailNotSent';
  readonly smtpCode: string;
  constructor(kind: string, smtpCode: string) {
    super(`mail of kind ${kind} was not sent: ${smtpCode}`);
    this.smtpCode = smtpCode;
  }
}
export type KeptMessage = Message & { at: number };

export type Mailer = {
  /** @throws MailNotSent */
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

export function createSmtpMailer(smtp: { url: string; from: string }): Mailer {
  const transport = createTransport(
    { url: smtp.url, connectionTimeout: SMTP_TIMEOUT_MS, socketTimeout: SMTP_TIMEOUT_MS },
    { from: smtp.from },
  );
  return {
    inbox: null,
    async send(message) {
      try {
        const { to, subject, text } = message;
        await transport.sendMail({ to, subject, text });
      } catch (error) {
        throw new MailNotSent(message.kind, (error as { code?: string }).code ?? 'unknown');
      }
    },
  };
}
