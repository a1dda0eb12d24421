import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { createInterface } from 'node:readline';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { createInbox, createSmtpMailer, MailNotSent } from './mailer.ts';

const from = 'Latchkey <no-reply@wallet.example>';
const message = {
  to: 'secretive@example.org',
  kind: 'recovery-code',
  subject: 'Your code is 271828',
  text: 'The code is 271828. It works for five minutes.',
};
const secrets = ['secretive', '271828', 'five minutes'];

let smtp: Server | undefined;
afterEach(() => smtp?.close());

/** A mail server that answers 550, with the line it was sent, to the command `refused`; it keeps what it was sent. */
async function mailServer(refused: string | null): Promise<{ url: string; lines: string[] }> {
  const lines: string[] = [];
  smtp = createServer((socket) => {
    let inData = false;
    const say = (line: string) => socket.write(`${line}\r\n`);
    socket.on('error', () => {});
    say('220 mail.example');
    createInterface({ input: socket }).on('line', (line) => {
      lines.push(line);
      if (inData && line !== '.') return;
      const command = inData ? 'END' : line.split(' ')[0]!.toUpperCase();
      inData = false;
      if (command === refused) return say(`550 ${lines.join(' | ')} refused`);
      if (command === 'QUIT') return socket.end('221 bye\r\n');
      inData = command === 'DATA';
      say(inData ? '354 go on' : '250 ok');
    });
  }).listen(0, '127.0.0.1');
  await once(smtp, 'listening');
  return { url: `smtp://127.0.0.1:${(smtp.address() as AddressInfo).port}`, lines };
}

async function failureOf(url: string): Promise<MailNotSent> {
  const error = await createSmtpMailer({ url, from })
    .send(message)
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(MailNotSent);
  return error as MailNotSent;
}

describe('mail by SMTP', () => {
  it('is handed over to the one recipient', async () => {
    const { url, lines } = await mailServer(null);
    await createSmtpMailer({ url, from }).send(message);
    expect(lines.filter((line) => /^(MAIL|RCPT)/.test(line))).toEqual([
      'MAIL FROM:<no-reply@wallet.example>',
      'RCPT TO:<secretive@example.org>',
    ]);
    expect(lines).toContain(`From: ${from}`);
    expect(lines).toContain(message.text);
  });

  it.each([
    ['MAIL', 'EENVELOPE'],
    ['RCPT', 'EENVELOPE'],
    ['DATA', 'EENVELOPE'],
    ['END', 'EMESSAGE'],
  ])('that is refused at %s fails with neither its text, subject nor address', async (command, smtpCode) => {
    const { url, lines } = await mailServer(command);
    const error = await failureOf(url);
    expect(lines.join()).toContain(command === 'END' ? '271828' : 'no-reply');
    expect(error.message).toBe(`mail of kind recovery-code was not sent: ${smtpCode}`);
    expect(error.smtpCode).toBe(smtpCode);
    for (const secret of secrets) {
      expect(inspect(error, { depth: null, showHidden: true })).not.toContain(secret);
    }
  });

  it('fails, naming the reason, where no mail server listens', async () => {
    const { url } = await mailServer(null);
    smtp!.close();
    await once(smtp!, 'close');
    expect((await failureOf(url)).smtpCode).toMatch(/^E[A-Z]+$/);
  });

  it('has no inbox', () => {
    expect(createSmtpMailer({ url: 'smtp://mail.example', from }).inbox).toBeNull();
  });
});

describe('the development inbox', () => {
  it('keeps the newest hundred messages, newest first', async () => {
    let now = 0;
    const { inbox, send } = createInbox(() => ++now);
    for (let i = 1; i <= 101; i++) await send({ ...message, subject: `number ${i}` });
    expect(inbox).toHaveLength(100);
    expect(inbox![0]).toEqual({ ...message, subject: 'number 101', at: 101 });
    expect(inbox!.at(-1)!.subject).toBe('number 2');
  });
});
