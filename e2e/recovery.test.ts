// Recovery with and without delay, the codes that prove an e-mail address, and who can stop whom.
import {
  PROPOSAL_LIFETIME_SECONDS,
  recoveryCalls,
  type SignerKey,
  simulate,
  tokenCalls,
  walletCalls,
} from '@latchkey/sdk/chain';
import { type HostFunction, SorobanAuthorizationEntry } from '@stellar/stellar-sdk/xdr';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGuardian } from '../server/src/wallets/guardian.ts';
import { OWNER_SIGNER_ID } from '../server/src/wallets/ownerSigner.ts';
import { call } from './api.ts';
import { partOf, payloadOf, submit, unsignedEntry, withParts } from './submit.ts';
import { createWorld, type Person, type World } from './world.ts';

const DELAY_SECONDS = 3600;
let world: World;
let clockMs = Date.now();

beforeAll(async () => {
  world = await createWorld({ env: { RECOVERY_DELAY_SECONDS: String(DELAY_SECONDS) }, nowMs: () => clockMs });
});
afterAll(() => world?.close());

const failure = (code: string) => expect.objectContaining({ code });

function passSeconds(seconds: number): void {
  clockMs += seconds * 1000;
  world.net!.warp({ seconds });
}

async function owner(email: string): Promise<Person> {
  const person = world.person(email);
  await person.latchkey.createWallet({ email });
  return person;
}

/** Somebody with access to the mailbox asks for a recovery. */
async function heirOf(email: string) {
  const heir = world.person(email);
  await heir.latchkey.requestRecoveryCode({ email });
  const result = await heir.latchkey.recoverWallet({ email, code: world.recoveryCode(email) });
  return { heir, result };
}

async function canSend(person: Person): Promise<boolean> {
  const prepared = await person.latchkey.prepareTransfer({
    toWalletAddress: await world.account(),
    amount: '1',
  });
  return (await prepared.approve()).status === 'confirmed';
}

describe('a recovery under delay', () => {
  it('is announced, changes nothing before its time, and takes over after it', async () => {
    const ana = await owner('ana@example.org');
    const { heir, result } = await heirOf(ana.email);
    expect(result).toMatchObject({ status: 'pending', session: null });
    const dueSeconds = Math.round(result.executableAt! / 1000);
    expect(dueSeconds - world.net!.latestLedger().closeTimeSeconds).toBeGreaterThan(DELAY_SECONDS - 60);
    await expect.poll(() => world.mailTo(ana.email).subject).toContain('new passkey was asked for');
    expect((await ana.latchkey.wallet()).pendingRotation).toEqual({
      executableAt: result.executableAt,
      initiatedByOwner: true,
    });
    expect(await canSend(ana)).toBe(true);
    await expect(heir.latchkey.signIn({ email: heir.email })).rejects.toThrow(failure('PASSKEY_CANCELLED'));

    await world.server.services.executeDueRotations();
    expect(await canSend(ana)).toBe(true);

    passSeconds(DELAY_SECONDS + 60);
    await world.server.services.executeDueRotations();
    await expect
      .poll(() => heir.latchkey.signIn({ email: heir.email }).catch((error) => error.code), {
        timeout: 20_000,
      })
      .toMatchObject({
        walletAddress: result.walletAddress,
      });
    expect(await canSend(heir)).toBe(true);
    await expect(ana.latchkey.signIn({ email: ana.email })).rejects.toThrow(failure('PASSKEY_CANCELLED'));
  });

  it("is cancelled by the owner's passkey, and never takes over", async () => {
    const ben = await owner('ben@example.org');
    const { heir } = await heirOf(ben.email);
    const again = world.person(ben.email);
    await again.latchkey.requestRecoveryCode({ email: ben.email });
    await expect(
      again.latchkey.recoverWallet({ email: ben.email, code: world.recoveryCode(ben.email) }),
    ).rejects.toThrow(failure('ROTATION_IN_PROGRESS'));

    const { transactionHash } = await ben.latchkey.cancelRotation();
    expect(transactionHash).toMatch(/^[0-9a-f]{64}$/);
    expect((await ben.latchkey.wallet()).pendingRotation).toBeNull();
    await expect(ben.latchkey.cancelRotation()).rejects.toThrow(failure('ROTATION_NOT_PENDING'));

    passSeconds(DELAY_SECONDS + 60);
    await world.server.services.executeDueRotations();
    await ben.latchkey.signIn({ email: ben.email });
    expect(await canSend(ben)).toBe(true);
    await expect(heir.latchkey.signIn({ email: heir.email })).rejects.toThrow(failure('PASSKEY_CANCELLED'));
  });
});

describe('a recovery that nobody carries out', () => {
  it('is given up when its time has passed, and can be asked for again', async () => {
    const eva = await owner('eva@example.org');
    const { heir } = await heirOf(eva.email);
    passSeconds(DELAY_SECONDS + PROPOSAL_LIFETIME_SECONDS + 60);
    await world.server.services.executeDueRotations();
    await expect(heir.latchkey.signIn({ email: heir.email })).rejects.toThrow(failure('PASSKEY_CANCELLED'));
    expect(await canSend(eva)).toBe(true);
    const { result } = await heirOf(eva.email);
    expect(result).toMatchObject({ status: 'pending', session: null });
  });
});

describe('a recovery that somebody else takes a hand in', () => {
  const recoveryId = () => world.server.services.walletGuardian();
  const stateOf = async ({ email }: Person) => {
    const { db } = world.server.services;
    const { state } = await db
      .selectFrom('rotations')
      .innerJoin('accounts', 'accounts.id', 'rotations.account_id')
      .select('state')
      .where('email', '=', email)
      .executeTakeFirstOrThrow();
    return state;
  };
  /** A change to the wallet that its owner signs, without the server. */
  async function byOwner(person: Person, hostFunction: HostFunction): Promise<void> {
    const entry = await unsignedEntry(world, hostFunction);
    const part = await partOf(person, OWNER_SIGNER_ID, await payloadOf(world, entry));
    await submit(world, hostFunction, [withParts(entry, [part])]);
  }

  it('is executed by anyone once its time has come, and not before', async () => {
    const jo = await owner('jo@example.org');
    const { heir, result } = await heirOf(jo.email);
    const execution = recoveryCalls.execute(await recoveryId(), result.walletAddress);
    await expect(submit(world, execution)).rejects.toThrow(
      expect.objectContaining({ details: expect.objectContaining({ contractError: 263 }) }),
    );
    passSeconds(DELAY_SECONDS + 60);
    await submit(world, execution);
    await world.server.services.executeDueRotations();
    expect(await stateOf(jo)).toBe('executed');
    await heir.latchkey.signIn({ email: heir.email });
    expect(await canSend(heir)).toBe(true);
  });

  it('is proposed by nobody but the guardian, and cancelled by nobody but the owner', async () => {
    const kim = await owner('kim@example.org');
    const lea = await owner('lea@example.org');
    const kims = kim.latchkey.session()!.walletAddress;
    const id = await recoveryId();
    const key: SignerKey = { kind: 'ed25519', publicKey: new Uint8Array(32).fill(7) };
    const proposal = recoveryCalls.propose(id, kims, OWNER_SIGNER_ID, key);
    await heirOf(kim.email);
    for (const hostFunction of [proposal, recoveryCalls.cancel(id, kims)]) {
      const entry = await unsignedEntry(world, hostFunction);
      const part = await partOf(lea, OWNER_SIGNER_ID, await payloadOf(world, entry));
      for (const auth of [entry, withParts(entry, [part])]) {
        await expect(simulate(world.rpc, { hostFunction, auth: [auth] })).rejects.toThrow(
          expect.objectContaining({
            details: expect.objectContaining({ hostError: expect.stringContaining('Error(Auth, ') }),
          }),
        );
      }
    }
  });

  it('is all that the guardian puts its signature to', async () => {
    const { config, rpc } = world.server.services;
    const { guardianSecretKey: secretKey, networkPassphrase, nativeTokenId } = config;
    const guardian = createGuardian({ rpc, secretKey, networkPassphrase });
    const noor = await owner('noor@example.org');
    const noors = noor.latchkey.session()!.walletAddress;
    const key: SignerKey = { kind: 'ed25519', publicKey: new Uint8Array(32).fill(7) };
    const proposal = recoveryCalls.propose(await recoveryId(), noors, OWNER_SIGNER_ID, key);
    const { authXdr } = await guardian.authorize(proposal);
    const auth = authXdr.map((xdr) => SorobanAuthorizationEntry.fromXdr(xdr, 'base64'));
    await expect(simulate(rpc, { hostFunction: proposal, auth })).resolves.toBeDefined();
    const others = [
      tokenCalls.transfer(nativeTokenId, guardian.address, noors, 1n),
      walletCalls.configure(noors, { adminThreshold: 1, recovery: guardian.address }),
      walletCalls.rotateSigner(noors, OWNER_SIGNER_ID, key),
    ];
    for (const call of others) {
      await expect(guardian.authorize(call)).rejects.toThrow(failure('SIMULATION_FAILED'));
    }
  });

  it('ends when the owner names another guardian, who is not ours to speak for', async () => {
    const mia = await owner('mia@example.org');
    const { heir, result } = await heirOf(mia.email);
    const named = (recovery: string | null) =>
      walletCalls.configure(result.walletAddress, { adminThreshold: 1, recovery });
    await byOwner(mia, named(await world.account()));
    expect((await mia.latchkey.wallet()).pendingRotation).toBeNull();
    passSeconds(DELAY_SECONDS + 60);
    await world.server.services.executeDueRotations();
    expect(await stateOf(mia)).toBe('cancelled');
    await mia.latchkey.signIn({ email: mia.email });
    expect(await canSend(mia)).toBe(true);
    await expect(heir.latchkey.signIn({ email: heir.email })).rejects.toThrow(failure('PASSKEY_CANCELLED'));

    for (const guardian of [null, world.server.services.config.nativeTokenId]) {
      await byOwner(mia, named(guardian));
      expect((await mia.latchkey.wallet()).pendingRotation).toBeNull();
      await expect(heirOf(mia.email)).rejects.toThrow(failure('SIMULATION_FAILED'));
    }
  });
});

describe('a recovery code', () => {
  const options = (email: string, code?: string) =>
    call(
      world,
      `/api/recover-wallet-options/${email}`,
      code === undefined ? {} : { headers: { 'x-recovery-code': code } },
    );
  const wrong = (code: string) => (code === '000000' ? '000001' : '000000');

  it('is asked for, and works once', async () => {
    const { email } = await owner('cleo@example.org');
    expect((await options(email)).body.code).toBe('RECOVERY_CODE_REQUIRED');
    await call(world, '/api/recovery-codes', { json: { email } });
    const code = world.recoveryCode(email);
    expect((await options(email, code)).status).toBe(200);
    expect((await options(email, code)).body.code).toBe('RECOVERY_CODE_EXPIRED');
  });

  it('allows three tries', async () => {
    const { email } = await owner('dora@example.org');
    await call(world, '/api/recovery-codes', { json: { email } });
    const code = world.recoveryCode(email);
    for (let i = 0; i < 3; i++)
      expect((await options(email, wrong(code))).body.code).toBe('RECOVERY_CODE_INVALID');
    expect((await options(email, code)).body.code).toBe('RECOVERY_CODE_EXPIRED');
  });

  it('shares its tries among parallel guesses', async () => {
    const { email } = await owner('emil@example.org');
    await call(world, '/api/recovery-codes', { json: { email } });
    const guess = wrong(world.recoveryCode(email));
    const answers = await Promise.all(Array.from({ length: 8 }, () => options(email, guess)));
    expect(answers.filter((it) => it.body.code === 'RECOVERY_CODE_INVALID')).toHaveLength(3);
  });

  it('is valid for five minutes', async () => {
    const { email } = await owner('finn@example.org');
    await call(world, '/api/recovery-codes', { json: { email } });
    clockMs += 5 * 60_000 + 1;
    expect((await options(email, world.recoveryCode(email))).body.code).toBe('RECOVERY_CODE_EXPIRED');
  });

  it('can be asked for three times in three minutes, with or without a wallet', async () => {
    const { email } = await owner('gus@example.org');
    for (const address of [email, 'nobody@example.org']) {
      const answers = [];
      for (let i = 0; i < 4; i++)
        answers.push(await call(world, '/api/recovery-codes', { json: { email: address } }));
      expect(answers.map((it) => it.status)).toEqual([202, 202, 202, 429]);
    }
    expect(() => world.mailTo('nobody@example.org')).toThrow();
  });
});

describe('a challenge', () => {
  it('is refused after five minutes', async () => {
    const hana = await owner('hana@example.org');
    const answer = await call<{ options_json: object }>(world, `/api/sign-in-options/${hana.email}`);
    const assertion = await hana.authenticator.authenticate(answer.body.options_json);
    clockMs += 5 * 60_000 + 1;
    const json = { email: hana.email, authenticationResponseJSON: assertion };
    expect(await call(world, '/api/sign-in', { json })).toMatchObject({
      status: 410,
      body: { code: 'CHALLENGE_EXPIRED' },
    });
  });
});

describe('a session', () => {
  it('ends after an hour', async () => {
    const ida = await owner('ida@example.org');
    const sessions = world.server.services.sessions;
    const { account, wallet } = await sessions.require(`Bearer ${(await sessionOf(ida)).token}`);
    const { token } = await sessions.issue(account, wallet);
    clockMs += 3600_000;
    await expect(sessions.require(`Bearer ${token}`)).rejects.toThrow(failure('SESSION_EXPIRED'));
  });

  async function sessionOf(person: Person) {
    const answer = await call<{ options_json: object }>(world, `/api/sign-in-options/${person.email}`);
    const assertion = await person.authenticator.authenticate(answer.body.options_json);
    const json = { email: person.email, authenticationResponseJSON: assertion };
    return (await call<{ token: string }>(world, '/api/sign-in', { json })).body;
  }
});
