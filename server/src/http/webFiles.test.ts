import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { type ServerType, serve } from '@hono/node-server';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppEnv } from './router.ts';
import { webFiles } from './webFiles.ts';

const SECRET = 'nobody may read this';
const PAGE = '<!doctype html><title>wallet</title>';
let dir: string;
let web: string;
let server: ServerType;
let port: number;

function appOf(webDir: string): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get('*', webFiles(webDir));
  app.notFound((c) => c.text('passed on', 404));
  return app;
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'latchkey-web-'));
  web = join(dir, 'web');
  await mkdir(join(web, 'assets'), { recursive: true });
  await mkdir(join(dir, 'web-private'));
  await writeFile(join(web, 'index.html'), PAGE);
  await writeFile(join(web, 'icon.svg'), '<svg/>');
  await writeFile(join(web, 'assets', 'app-4f2a.js'), 'export {}');
  await writeFile(join(web, 'notes.txt'), SECRET);
  await writeFile(join(dir, 'secret.json'), SECRET);
  await writeFile(join(dir, 'web-private', 'secret.json'), SECRET);
  server = serve({ fetch: appOf(web).fetch, port: 0 });
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  server?.close();
  await rm(dir, { recursive: true, force: true });
});

/** Asks with the path exactly as it is written; fetch would resolve the dots first. */
async function get(path: string, method = 'GET') {
  const asked = request({ port, path, method }).end();
  const [response] = await once(asked, 'response');
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  const { statusCode: status, headers } = response;
  return { status, text, type: headers['content-type'], cache: headers['cache-control'] };
}

const passedOn = { status: 404, text: 'passed on' };
const page = { status: 200, text: PAGE, type: 'text/html; charset=utf-8', cache: 'no-cache' };

describe('a path out of the folder', () => {
  it.each([
    '/../secret.json',
    '/%2e%2e/secret.json',
    '/%2E%2E%2Fsecret.json',
    '/assets/../../secret.json',
    '/assets/..%2f..%2fsecret.json',
    '/assets/%2e%2e%2f%2e%2e%2fsecret.json',
    '/..%5csecret.json',
    '/%252e%252e/secret.json',
    '/assets/..%252f..%252fsecret.json',
    '//../secret.json',
    '/../web-private/secret.json',
    '/..%2fweb-private%2fsecret.json',
    '/%2e%2e%2fsecret.json%00.js',
  ])('is not followed: %s', async (path) => {
    const { status, text } = await get(path);
    expect(text).not.toContain(SECRET);
    expect([passedOn, { status: 200, text: PAGE }]).toContainEqual({ status, text });
  });
});

describe('a path that is no file', () => {
  it.each(['/assets/gone-1234.js', '/favicon.ico', '/assets/app-4f2a.js%00.css'])(
    'but looks like one is passed on: %s',
    async (path) => {
      expect(await get(path)).toMatchObject(passedOn);
    },
  );

  it.each(['/%', '/%e0%a4%a', '/assets/%ff.js', '/%c0%ae%c0%ae/secret.json'])(
    'but malformed percent encoding is passed on: %s',
    async (path) => {
      expect(await get(path)).toMatchObject(passedOn);
    },
  );

  it.each(['/', '/send', '/wallet/activity?page=2', '/recover/ana@example.org'])(
    'is a route of the application and gets the page: %s',
    async (path) => {
      expect(await get(path)).toEqual(page);
    },
  );

  it.each(['/api/nothing', '/dev/inbox'])('and belongs to the server is passed on: %s', async (path) => {
    expect(await get(path)).toMatchObject(passedOn);
  });
});

describe('a file', () => {
  it('with a hash in its name may be kept for a year', async () => {
    expect(await get('/assets/app-4f2a.js')).toEqual({
      status: 200,
      text: 'export {}',
      type: 'text/javascript; charset=utf-8',
      cache: 'public, max-age=31536000, immutable',
    });
  });

  it.each([
    ['/icon.svg', 'image/svg+xml'],
    ['/index.html', 'text/html; charset=utf-8'],
  ])('without one is asked for each time: %s', async (path, type) => {
    expect(await get(path)).toMatchObject({ status: 200, type, cache: 'no-cache' });
  });

  it('of a kind that no web page needs is not served', async () => {
    expect(await get('/notes.txt')).toEqual(page);
  });

  it('is described without its content when only the head is asked for', async () => {
    expect(await get('/icon.svg', 'HEAD')).toMatchObject({ status: 200, text: '', type: 'image/svg+xml' });
  });
});

describe('the folder', () => {
  it.each([
    ['with a separator at its end', () => `${web}/`],
    ['relative to the working directory', () => relative(process.cwd(), web)],
    ['relative to the working directory, from there', () => `./${relative(process.cwd(), web)}`],
  ])('may be given %s', async (_, given) => {
    const response = await appOf(given()).request('/icon.svg');
    expect({ status: response.status, text: await response.text() }).toEqual({ status: 200, text: '<svg/>' });
  });

  it('may be the working directory', async () => {
    const before = process.cwd();
    process.chdir(web);
    try {
      const response = await appOf('.').request('/icon.svg');
      expect(await response.text()).toBe('<svg/>');
    } finally {
      process.chdir(before);
    }
  });

  it('without a page passes everything on', async () => {
    expect((await appOf(join(web, 'assets')).request('/send')).status).toBe(404);
  });
});
