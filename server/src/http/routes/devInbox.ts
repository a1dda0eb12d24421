// /dev/inbox: the mail that would have been sent, for people who develop on this machine. Exists only where mail is
// kept instead of sent; GET /dev/inbox.json has the same for scripts.
import { LatchkeyError } from '@latchkey/sdk/api';
import { html } from 'hono/html';
import type { KeptMessage } from '../../mail/mailer.ts';
import { createRouter } from '../router.ts';

const OWN_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

export function devInboxRoutes(inbox: readonly KeptMessage[]) {
  const router = createRouter();
  // A name that is not this machine's own means that some other page's address was pointed here (DNS rebinding).
  router.use('/dev/*', async (c, next) => {
    if (!OWN_NAMES.has(new URL(c.req.url).hostname)) throw new LatchkeyError('NOT_FOUND');
    await next();
  });
  router.get('/dev/inbox.json', (c) => c.json(inbox));
  router.get('/dev/inbox', (c) =>
    c.html(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="5">
<title>Inbox</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 40rem; margin: 3rem auto; padding: 0 1rem; }
article { border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent); padding: 1rem 0; }
h2 { font-size: 1.05rem; margin: 0; } pre { white-space: pre-wrap; font: inherit; } p { margin: 0; opacity: .7; }
</style>
</head>
<body>
<main>
<h1>Inbox</h1>
<p>Mail is kept here during development. In production it is sent by SMTP_URL.</p>
${inbox.length === 0 ? html`<article><h2>No mail yet</h2></article>` : ''}
${inbox.map(
  (message) => html`<article>
<h2>${message.subject}</h2>
<p>to ${message.to}, ${new Date(message.at).toISOString()}</p>
<pre>${message.text}</pre>
</article>`,
)}
</main>
</body>
</html>`),
  );
  return router;
}
