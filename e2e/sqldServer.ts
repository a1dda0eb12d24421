// A real sqld for tests, libSQL's own server: on a free port of this machine, with its files in a temporary folder, and open
// to whoever has the token that it gives.
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type RunningProgram, startProgram } from '../server/src/testing/program.ts';
import { sqld } from './clients/tools.ts';

export type SqldServer = RunningProgram & { authToken: string };

const base64Url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token (JWT, EdDSA) that lets do everything, and the key that sqld checks it with. */
function newToken() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const signed = `${base64Url({ alg: 'EdDSA', typ: 'JWT' })}.${base64Url({ a: 'rw' })}`;
  const signature = sign(null, Buffer.from(signed), privateKey).toString('base64url');
  return { authToken: `${signed}.${signature}`, key: publicKey.export({ format: 'pem', type: 'spki' }) };
}

export async function startSqld(): Promise<SqldServer> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-sqld-'));
  const { authToken, key } = newToken();
  const keyFile = join(folder, 'key.pem');
  await writeFile(keyFile, key);
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const isReady = () =>
    fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  const server = await startProgram(
    sqld.program,
    [
      ...['--db-path', join(folder, 'data'), '--http-listen-addr', address],
      ...['--auth-jwt-key-file', keyFile, '--no-welcome'],
    ],
    { folder, url, isReady, isPrivileged: true },
  );
  return {
    ...server,
    authToken,
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
