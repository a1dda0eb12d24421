import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPublicTransport, isPublicAddress, refusalOfUrl } from './publicTransport.ts';

describe('an address', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.255.255',
    '192.168.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
    '::',
    '::1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    'fe80::1',
    'fc00::1',
    'ff02::1',
    '2001:db8::1',
    '2002:a00:1::1',
    '2001::1',
    'localhost',
    '',
  ])('%s is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::1'])(
    '%s is public',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );
});

describe('a URL of an endpoint', () => {
  it.each([
    'http://shop.example/hook',
    'https://localhost/hook',
    'https://localhost./hook',
    'https://printer.local/',
    'https://metadata.google.internal/',
    'https://database/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://[::1]/',
    'https://[::ffff:169.254.169.254]/',
    'https://user:secret@shop.example/',
  ])('%s is refused', (url) => {
    expect(refusalOfUrl(url)).not.toBeNull();
  });

  it('of a shop is taken', () => {
    expect(refusalOfUrl('https://shop.example:8443/hooks?for=latchkey')).toBeNull();
  });
});

describe('a delivery', () => {
  let server: Server;
  let connections = 0;
  beforeEach(async () => {
    connections = 0;
    server = createServer();
    server.on('connection', () => connections++);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  });
  afterEach(() => new Promise((done) => server.close(done)));
  const port = () => (server.address() as AddressInfo).port;

  it('does not reach this machine by its own names and addresses', async () => {
    const post = createPublicTransport();
    for (const host of ['localhost', '127.0.0.1', '[::1]', '[::ffff:127.0.0.1]'])
      expect(await post(`https://${host}:${port()}/`, {}, '{}')).toMatchObject({
        isTaken: false,
        isGone: false,
      });
    expect(connections).toBe(0);
  });

  it.each([
    ['only leads here', ['127.0.0.1']],
    ['leads here and elsewhere', ['1.1.1.1', '127.0.0.1']],
    ['leads nowhere', []],
  ])('does not reach this machine under a name that %s', async (_, addresses) => {
    const post = createPublicTransport((_name, _options, callback) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      ),
    );
    const answer = await post(`https://shop.example:${port()}/`, {}, '{}');
    expect(answer).toEqual({
      isTaken: false,
      isGone: false,
      text: 'NotPublic: the address is not a public one',
    });
    expect(connections).toBe(0);
  });
});
