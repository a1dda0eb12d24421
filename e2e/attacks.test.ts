// What a hostile client, a hostile page and a stale device try, and the code each of them gets. Nothing here may move
// a stroop.
import {
  bytesToBase64Url,
  factoryCalls,
  type Signer,
  scValToAddress,
  sha256,
  simulate,
  type WalletInit,
} from '@latchkey/sdk/chain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { walletSalt } from '../server/src/wallets/create.ts';
import { call, postTransfer, signedTransfer, transferOptions } from './api.ts';
import { createWorld, type Person, type World } from './world.ts';

let world: World;
let ana: Person;
let eve: Person;
let anas: string;
let eves: string;
let shop: string;

beforeAll(async () => {
  world = await createWorld();
  ana = world.person('ana@example.org');
  eve = world.person('eve@example.org');
  anas = (await ana.latchkey.createWallet({ email: ana.email })).walletAddress;
  eves = (await eve.latchkey.createWallet({ email: eve.email })).walletAddress;
  shop = await world.account();
});
afterAll(() => world?.close());

const ask = (change: object = {}) => ({
  fromWalletAddress: anas,
  toWalletAddress: shop,
  amount: '5',
  ...change,
});

describe('an assertion made for one transfer', () => {
  it.each([
    ['amount', () => ({ amount: '6' })],
    ['destination', () => ({ toWalletAddress: eves })],
    ['wallet', () => ({ fromWalletAddress: eves })],
    ['token', () => ({ token: eves })],
  ])('moves nothing when another %s is sent with it', async (_, change) => {
    const before = await world.balanceStroops(anas);
    const signed = await signedTransfer(world, ana, ask());
    const answer = await postTransfer(world, { ...signed, ...change() });
    expect(answer).toMatchObject({ status: 409, body: { code: 'SIGNATURE_DOES_NOT_MATCH_TRANSACTION' } });
    expect(await world.balanceStroops(anas)).toBe(before);
  });

  it('is refused when it carries the challenge of another transfer', async () => {
    const small = await signedTransfer(world, ana, ask({ amount: '1' }));
    const large = await transferOptions(world, ask({ amount: '9' }));
    const clientDataJSON = bytesToBase64Url(
      new TextEncoder().encode(
        `{"type":"webauthn.get","challenge":"${large.body.options_json.challenge}","origin":"http://localhost:5173","crossOrigin":false}`,
      ),
    );
    const { authenticationResponseJSON: assertion } = small;
    const forged = { ...assertion, response: { ...assertion.response, clientDataJSON } };
    const answer = await postTransfer(world, { ...small, amount: '9', authenticationResponseJSON: forged });
    expect(answer).toMatchObject({ status: 403, body: { code: 'SIGNATURE_INVALID' } });
  });

  it('works once', async () => {
    const signed = await signedTransfer(world, ana, ask());
    expect(await postTransfer(world, signed)).toMatchObject({ status: 200, body: { status: 'confirmed' } });
    const before = await world.balanceStroops(anas);
    expect(await postTransfer(world, signed)).toMatchObject({
      status: 409,
      body: { code: 'CHALLENGE_ALREADY_USED' },
    });
    const other = await postTransfer(world, signed, 'another-key-000');
    expect(other).toMatchObject({ status: 409, body: { code: 'CHALLENGE_ALREADY_USED' } });
    expect(await world.balanceStroops(anas)).toBe(before);
  });

  it('gives the first answer to a repeated request, and pays once', async () => {
    const signed = await signedTransfer(world, ana, ask());
    const key = crypto.randomUUID();
    const first = await postTransfer(world, signed, key);
    const before = await world.balanceStroops(anas);
    expect(await postTransfer(world, signed, key)).toEqual(first);
    expect(await world.balanceStroops(anas)).toBe(before);
    const reused = await postTransfer(world, await signedTransfer(world, ana, ask()), key);
    expect(reused).toMatchObject({ status: 409, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
  });

  it('pays once when sent ten times at once', async () => {
    const signed = await signedTransfer(world, ana, ask());
    const before = await world.balanceStroops(anas);
    const answers = await Promise.all(Array.from({ length: 10 }, () => postTransfer(world, signed)));
    expect(answers.filter((it) => it.status === 200)).toHaveLength(1);
    expect(answers.filter((it) => it.body.code === 'CHALLENGE_ALREADY_USED')).toHaveLength(9);
    expect(await world.balanceStroops(anas)).toBe(before - 50_000_000n);
  });

  it("is refused when another account's passkey made it", async () => {
    const options = await transferOptions(world, ask());
    const { challenge } = options.body.options_json;
    const assertion = await eve.authenticator.authenticate({ challenge, rpId: 'localhost' });
    const answer = await postTransfer(world, { ...ask(), authenticationResponseJSON: assertion });
    expect(answer).toMatchObject({ status: 403, body: { code: 'UNKNOWN_CREDENTIAL' } });
    const posing = {
      ...assertion,
      id: ana.authenticator.credentials[0]!.id,
      rawId: ana.authenticator.credentials[0]!.id,
    };
    const posed = await postTransfer(world, { ...ask(), authenticationResponseJSON: posing });
    expect(posed).toMatchObject({ status: 403, body: { code: 'SIGNATURE_INVALID' } });
  });

  it.each([
    ['on another origin', { origin: 'http://localhost:6666' }, 'WRONG_ORIGIN'],
    ['in a frame of another site', { clientDataTail: ',"crossOrigin":true}' }, 'WRONG_ORIGIN'],
    ['for another relying party', { rpId: 'evil.example' }, 'WRONG_RELYING_PARTY'],
    ['without user presence', { userPresent: false }, 'USER_PRESENCE_REQUIRED'],
    ['without user verification', { userVerified: false }, 'USER_VERIFICATION_REQUIRED'],
    ['over a challenge nobody gave', { challenge: 'AAAA' }, 'CHALLENGE_UNKNOWN'],
  ])('is refused when made %s', async (_, quirks, code) => {
    ana.authenticator.quirks = quirks;
    const signed = await signedTransfer(world, ana, ask()).finally(() => {
      ana.authenticator.quirks = {};
    });
    expect((await postTransfer(world, signed)).body.code).toBe(code);
  });

  it('is accepted, and logged, when the signature counter does not rise', async () => {
    ana.authenticator.quirks = { signCount: 1 };
    const signed = await signedTransfer(world, ana, ask()).finally(() => {
      ana.authenticator.quirks = {};
    });
    expect((await postTransfer(world, signed)).body.status).toBe('confirmed');
    expect(world.logLines.some((line) => line.includes('signature counter did not rise'))).toBe(true);
  });

  it('is accepted on chain with extension data and a longer client data', async () => {
    ana.authenticator.quirks = {
      extensions: Uint8Array.of(0xa1, 0x61, 0x78, 0xf5),
      clientDataTail: ',"crossOrigin":false,"other_keys_can_be_added_here":"do not compare clientDataJSON"}',
    };
    const signed = await signedTransfer(world, ana, ask()).finally(() => {
      ana.authenticator.quirks = {};
    });
    expect((await postTransfer(world, signed)).body.status).toBe('confirmed');
  });
});

describe('a challenge', () => {
  it('is refused for another purpose', async () => {
    const options = await call<{ options_json: { challenge: string } }>(
      world,
      `/api/sign-in-options/${ana.email}`,
    );
    const assertion = await ana.authenticator.authenticate(options.body.options_json);
    const answer = await postTransfer(world, { ...ask(), authenticationResponseJSON: assertion });
    expect(answer).toMatchObject({ status: 403, body: { code: 'CHALLENGE_WRONG_PURPOSE' } });
    const signed = await signedTransfer(world, ana, ask());
    const json = { email: ana.email, authenticationResponseJSON: signed.authenticationResponseJSON };
    const signIn = await call(world, '/api/sign-in', { json });
    expect(signIn).toMatchObject({ status: 403, body: { code: 'CHALLENGE_WRONG_PURPOSE' } });
  });

  it('is refused for another account', async () => {
    const options = await call<{ options_json: { challenge: string } }>(
      world,
      `/api/sign-in-options/${eve.email}`,
    );
    const { challenge } = options.body.options_json;
    const assertion = await ana.authenticator.authenticate({ challenge, rpId: 'localhost' });
    const json = { email: ana.email, authenticationResponseJSON: assertion };
    const answer = await call(world, '/api/sign-in', { json });
    expect(answer).toMatchObject({ status: 403, body: { code: 'CHALLENGE_WRONG_ACCOUNT' } });
  });

  it('is refused as a registration when it was given for signing in', async () => {
    const options = await call<{ options_json: { challenge: string } }>(
      world,
      `/api/sign-in-options/${ana.email}`,
    );
    const { challenge } = options.body.options_json;
    const stranger = world.person('ana@example.org');
    const registration = await stranger.authenticator.register({ challenge, rp: {}, user: { id: 'AA' } });
    const json = { email: ana.email, registrationResponseJSON: registration };
    for (const path of ['/api/create-wallet', '/api/recover-wallet']) {
      expect(await call(world, path, { json })).toMatchObject({
        status: 403,
        body: { code: 'CHALLENGE_WRONG_PURPOSE' },
      });
    }
  });
});

describe('a registration', () => {
  const register = async (email: string, quirks: Person['authenticator']['quirks']) => {
    const person = world.person(email);
    const options = await call<{ options_json: object }>(world, `/api/create-wallet-options/${email}`);
    person.authenticator.quirks = quirks;
    const registration = await person.authenticator.register(options.body.options_json);
    return call(world, '/api/create-wallet', { json: { email, registrationResponseJSON: registration } });
  };

  it.each([
    ['of a key that is not ES256', { coseAlgorithm: -8 }, 'UNSUPPORTED_KEY_ALGORITHM'],
    ['on another origin', { origin: 'https://evil.example' }, 'WRONG_ORIGIN'],
    ['for another relying party', { rpId: 'evil.example' }, 'WRONG_RELYING_PARTY'],
    ['without user verification', { userVerified: false }, 'USER_VERIFICATION_REQUIRED'],
    ['over a challenge nobody gave', { challenge: 'AAAA' }, 'CHALLENGE_UNKNOWN'],
  ])('is refused %s, and the e-mail stays free', async (_, quirks, code) => {
    expect((await register('zoe@example.org', quirks)).body.code).toBe(code);
    expect((await call(world, '/api/create-wallet-options/zoe@example.org')).status).toBe(200);
    expect((await call(world, '/api/sign-in-options/zoe@example.org')).body.code).toBe('WALLET_NOT_FOUND');
  });

  it('is refused for an e-mail that has a wallet', async () => {
    expect(await call(world, `/api/create-wallet-options/${ana.email}`)).toMatchObject({
      status: 409,
      body: { code: 'EMAIL_TAKEN', field: 'email' },
    });
  });

  it('asks for ES256, user verification, a resident key if possible, and no attestation', async () => {
    const { body } = await call(world, '/api/create-wallet-options/new@example.org');
    expect(body.options_json).toMatchObject({
      pubKeyCredParams: [{ alg: -7, type: 'public-key' }],
      authenticatorSelection: { userVerification: 'required', residentKey: 'preferred' },
      attestation: 'none',
    });
  });
});

describe('the factory', () => {
  it('gives another address to whoever runs ahead with another key, guardian, threshold or origin', async () => {
    const { factoryId } = world.server.services.config;
    const salt = walletSalt('x'.repeat(32), 'victim@example.org');
    const [mine, theirs] = [ana, eve].map((it) => it.authenticator.credentials[0]!);
    const init = async (change: object = {}, changedPasskey: object = {}): Promise<WalletInit> => {
      const passkey = {
        publicKey: mine!.publicKey,
        credentialId: new Uint8Array(32),
        rpIdHash: await sha256(new TextEncoder().encode('localhost')),
        origin: 'http://localhost:5173',
        ...changedPasskey,
      };
      const key = { kind: 'passkey' as const, passkey };
      const signers: Signer[] = [{ key, role: { kind: 'admin' }, coSigners: null }];
      return { signers, adminThreshold: 1, recovery: shop, ...change };
    };
    const address = async (value: WalletInit, own = salt) =>
      scValToAddress(
        (await simulate(world.rpc, { hostFunction: factoryCalls.addressOf(factoryId, own, value) }))
          .returnValue,
      );
    const addresses = await Promise.all([
      address(await init()),
      address(await init({}, { publicKey: theirs!.publicKey })),
      address(await init({}, { origin: 'http://localhost:5174' })),
      address(await init({}, { credentialId: new Uint8Array(32).fill(1) })),
      address(await init({ recovery: null })),
      address(await init({ recovery: factoryId })),
      address(await init({ adminThreshold: 2 })),
      address(await init({ signers: [] })),
      address(await init(), new Uint8Array(32)),
    ]);
    expect(new Set(addresses).size).toBe(addresses.length);
    expect(await address(await init())).toBe(addresses[0]);
  });
});
