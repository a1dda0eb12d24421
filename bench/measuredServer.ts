// A server process whose CPU time can be asked for: put together as in production from its environment. Over IPC it
// tells its URL first, then answers "usage" with the CPU time used so far, and "verify" with what verifying the given
// assertions takes here, in the same process and as warm as it is.
import { createPublicKey, verify } from 'node:crypto';
import type { AuthenticationResponse } from '@latchkey/sdk/api';
import { base64UrlToBytes, concatBytes, sha256 } from '@latchkey/sdk/chain';
import { verifyAssertion } from '../server/src/auth/ceremonies.ts';
import { readConfig } from '../server/src/config.ts';
import { credentialById } from '../server/src/db/credentials.ts';
import { spawn } from '../server/src/spawn.ts';

export type Signed = {
  challenge: string;
  response: AuthenticationResponse;
  /** 65 bytes, uncompressed, base64url */
  publicKey: string;
};
export type Ask = { kind: 'usage' } | { kind: 'verify'; signed: Signed[] };
export type Told =
  | { kind: 'listening'; url: string }
  | { kind: 'usage'; cpuMs: number }
  | { kind: 'verified'; assertionMs: number[]; p256Ms: number[] }
  | { kind: 'failed'; message: string };

const server = await spawn(readConfig(process.env));
const { config, db } = server.services;

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function timeOf(work: () => unknown): Promise<number> {
  const before = cpuMs();
  await work();
  return cpuMs() - before;
}

async function verified(signed: Signed[]): Promise<Told> {
  const [assertionMs, p256Ms]: [number[], number[]] = [[], []];
  for (const { challenge, response, publicKey } of signed) {
    const credential = await credentialById(db, response.id);
    if (!credential) throw new Error('the credential is not registered here');
    assertionMs.push(
      await timeOf(() => verifyAssertion(config.relyingParty, response, challenge, credential)),
    );

    const point = Buffer.from(publicKey, 'base64url');
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((it) => it.toString('base64url'));
    const key = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: x!, y: y! }, format: 'jwk' });
    const { authenticatorData, clientDataJSON, signature } = response.response;
    const message = concatBytes(
      base64UrlToBytes(authenticatorData),
      await sha256(base64UrlToBytes(clientDataJSON)),
    );
    const der = base64UrlToBytes(signature);
    let valid = false;
    p256Ms.push(
      await timeOf(() => {
        valid = verify('sha256', message, key, der);
      }),
    );
    if (!valid) throw new Error('an assertion that the server took does not verify');
  }
  return { kind: 'verified', assertionMs, p256Ms };
}

const tell = (told: Told) => process.send?.(told);

process.on('message', (ask: Ask) => {
  if (ask.kind === 'usage') tell({ kind: 'usage', cpuMs: cpuMs() });
  else verified(ask.signed).then(tell, (error: Error) => tell({ kind: 'failed', message: error.message }));
});
process.once('disconnect', () => process.exit(0));
tell({ kind: 'listening', url: server.url });
