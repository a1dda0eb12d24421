import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDevnet, serveDevnet } from '../index.ts';
import { selfSigned } from './selfSigned.ts';
import { keptCertificate } from './tls.ts';

const DAY_MS = 86_400_000;
let folder: string;

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'latchkey-tls-')), 'made');
});

afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

/** Calls getHealth as a client that trusts nothing but `ca`. */
function health(port: string, hostname: string, ca: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const call = request(
      { hostname, port, path: '/rpc', method: 'POST', ca, headers: { 'content-type': 'application/json' } },
      (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve(JSON.parse(body).result.status));
      },
    );
    call.on('error', reject);
    call.end(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'getHealth' }));
  });
}

describe('the HTTPS listener', () => {
  it('is accepted by a client that trusts its certificate alone, under each of its names', async () => {
    const { key, cert } = keptCertificate(folder, []);
    const net = await createDevnet();
    const served = await serveDevnet(net, { port: 0, host: '::', tls: { key, cert } });
    const { port, protocol } = new URL(served.url);
    expect(protocol).toBe('https:');
    expect(await net.rpc('getNetwork')).toMatchObject({
      friendbotUrl: `https://localhost:${port}/friendbot`,
    });
    for (const name of ['localhost', '127.0.0.1', '::1'])
      expect(await health(port, name, cert)).toBe('healthy');
    const stranger = selfSigned(['localhost'], new Date(), new Date(Date.now() + DAY_MS));
    await expect(health(port, 'localhost', stranger.cert)).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    await served.close();
  });
});

describe('the certificate', () => {
  it('is kept, with its key for its owner alone', () => {
    const first = keptCertificate(folder, ['127.0.0.1']);
    expect(keptCertificate(folder, ['127.0.0.1'])).toEqual(first);
    expect(statSync(join(folder, 'key.pem')).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('is no authority, and serves this machine only', () => {
    const certificate = new X509Certificate(keptCertificate(folder, ['0.0.0.0']).cert);
    expect(certificate.ca).toBe(false);
    expect(certificate.subjectAltName).toBe(
      'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
    );
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
  });

  it('is made anew when it is about to end, for another name, or when it is damaged', () => {
    const { cert } = keptCertificate(folder, []);
    const inDays = (days: number) => keptCertificate(folder, [], Date.now() + days * DAY_MS).cert;
    expect(inDays(365)).toBe(cert);
    const renewed = inDays(367);
    expect(renewed).not.toBe(cert);
    const named = keptCertificate(folder, ['devnet.example', '10.1.2.3', 'fe80::1:2']);
    expect(new X509Certificate(named.cert).checkHost('devnet.example')).toBe('devnet.example');
    expect(new X509Certificate(named.cert).checkIP('fe80::1:2')).toBe('fe80::1:2');
    expect(new X509Certificate(named.cert).checkIP('10.1.2.3')).toBe('10.1.2.3');
    writeFileSync(join(folder, 'key.pem'), selfSigned(['localhost'], new Date(), new Date()).key);
    expect(keptCertificate(folder, []).cert).not.toBe(named.cert);
    writeFileSync(join(folder, 'cert.pem'), 'nonsense');
    expect(keptCertificate(folder, []).cert).toMatch('BEGIN CERTIFICATE');
  });
});
