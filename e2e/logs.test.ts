// What a log may never hold: keys, tokens, codes, e-mail addresses, signatures. A whole life of a wallet is led with the
// log at its most talkative, with failures on the way, and every line is searched.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, postTransfer, signedTransfer } from './api.ts';
import { createWorld, type World } from './world.ts';

const email = 'secretive@example.org';
let world: World;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world?.close());

describe('the log', () => {
  it('has no key, token, code, e-mail address or signature in any line', async () => {
    const secrets: string[] = [email, 'secretive'];
    for (const name of ['OPEX_WALLET_SECRET_KEY', 'RECOVERY_WALLET_SECRET_KEY', 'JWT_SECRET'])
      secrets.push(world.env[name]!);

    const person = world.person(email);
    const { walletAddress } = await person.latchkey.createWallet({ email });
    const ask = { fromWalletAddress: walletAddress, toWalletAddress: await world.account(), amount: '1' };
    const body = await signedTransfer(world, person, ask);
    secrets.push(body.authenticationResponseJSON.response.signature);
    const key = crypto.randomUUID();
    secrets.push(key);
    await postTransfer(world, body, key);
    await postTransfer(world, body, 'another-idempotency-key');
    await call(world, '/api/transfer', {
      method: 'POST',
      body: `{"email":"${email}"`,
      headers: { 'content-type': 'application/json' },
    });

    const signIn = await call<{ options_json: object }>(world, `/api/sign-in-options/${email}`);
    const authenticationResponseJSON = await person.authenticator.authenticate(signIn.body.options_json);
    const session = await call<{ token: string }>(world, '/api/sign-in', {
      json: { email, authenticationResponseJSON },
    });
    secrets.push(session.body.token, session.body.token.split('.')[2]!);
    await call(world, '/api/wallet', { headers: { authorization: `Bearer ${session.body.token}` } });
    await call(world, '/api/wallet', { headers: { authorization: `Bearer ${session.body.token}x` } });

    const heir = world.person(email);
    await heir.latchkey.requestRecoveryCode({ email });
    const code = world.recoveryCode(email);
    secrets.push(`"${code}`, ` ${code}`);
    await call(world, `/api/recover-wallet-options/${email}`, { headers: { 'x-recovery-code': '000000' } });
    await heir.latchkey.recoverWallet({ email, code });

    expect(world.logLines.length).toBeGreaterThan(10);
    for (const line of world.logLines) {
      for (const secret of secrets) expect(line).not.toContain(secret);
    }
  });

  it('names the route, the status and a request id of every request', async () => {
    const before = world.logLines.length;
    const { body } = await call(world, `/api/sign-in-options/${email}x`);
    const line = JSON.parse(world.logLines.slice(before).find((it) => it.includes('"msg":"request"'))!);
    expect(line).toMatchObject({
      method: 'GET',
      route: '/api/sign-in-options/:email',
      status: 404,
      requestId: body.requestId,
    });
  });
});
