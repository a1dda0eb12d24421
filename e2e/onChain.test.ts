// What the contracts themselves refuse, with no server in between: the built wasm in the real host, asked directly.
// A server that has been taken over can do no more than this.

import {
  addressCredentials,
  bytesToBase64Url,
  encodeSignature,
  passkeyPart,
  type SignerKey,
  scBytes,
  simulate,
  tokenCalls,
  walletCalls,
  withExpiration,
  withSignature,
} from '@latchkey/sdk/chain';
import {
  type HostFunction,
  ScVal,
  SorobanAuthorizationEntry,
  SorobanAuthorizedFunction,
  SorobanAuthorizedInvocation,
} from '@stellar/stellar-sdk/xdr';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OWNER_SIGNER_ID } from '../server/src/wallets/ownerSigner.ts';
import { partOf, payloadOf, unsignedEntry, withParts } from './submit.ts';
import { createWorld, origin, type Person, rpId, type World } from './world.ts';

let world: World;
let ana: Person;
let eve: Person;
let anas: string;
let eves: string;
let token: string;
let shop: string;

beforeAll(async () => {
  world = await createWorld();
  token = world.server.services.config.nativeTokenId;
  ana = world.person('ana@example.org');
  eve = world.person('eve@example.org');
  anas = (await ana.latchkey.createWallet({ email: ana.email })).walletAddress;
  eves = (await eve.latchkey.createWallet({ email: eve.email })).walletAddress;
  shop = await world.account();
});
afterAll(() => world?.close());

/** The host's own word: not authorized. Any other failure would not show that the wallet refused. */
const refusal = expect.objectContaining({
  code: 'SIMULATION_FAILED',
  details: expect.objectContaining({ hostError: expect.stringContaining('Error(Auth, ') }),
});

/** The entry with the person's passkey signature over its payload. */
async function signed(entry: SorobanAuthorizationEntry, person: Person) {
  return withParts(entry, [await partOf(person, OWNER_SIGNER_ID, await payloadOf(world, entry))]);
}

/** The same signature on an entry for another call. */
function moved(entry: SorobanAuthorizationEntry, hostFunction: HostFunction): SorobanAuthorizationEntry {
  if (hostFunction.type !== 'hostFunctionTypeInvokeContract') throw new Error('no contract call');
  const rootInvocation = new SorobanAuthorizedInvocation({
    function: SorobanAuthorizedFunction.sorobanAuthorizedFunctionTypeContractFn(hostFunction.value),
    subInvocations: [],
  });
  return new SorobanAuthorizationEntry({ credentials: entry.credentials, rootInvocation });
}

describe('the wallet contract', () => {
  it('lets its passkey move money', async () => {
    const hostFunction = tokenCalls.transfer(token, anas, shop, 10n);
    const auth = [await signed(await unsignedEntry(world, hostFunction), ana)];
    await expect(simulate(world.rpc, { hostFunction, auth })).resolves.toBeDefined();
  });

  it.each([
    ['amount', () => tokenCalls.transfer(token, anas, shop, 11n)],
    ['destination', () => tokenCalls.transfer(token, anas, eves, 10n)],
    ['contract and function', () => walletCalls.configure(anas, { adminThreshold: 1, recovery: null })],
    ['wallet', () => tokenCalls.transfer(token, eves, shop, 10n)],
  ])('refuses a signature moved to another %s', async (_, other) => {
    const entry = await signed(await unsignedEntry(world, tokenCalls.transfer(token, anas, shop, 10n)), ana);
    const hostFunction = other();
    await expect(simulate(world.rpc, { hostFunction, auth: [moved(entry, hostFunction)] })).rejects.toThrow(
      refusal,
    );
  });

  it('refuses a signature moved to a later expiry or another nonce', async () => {
    const hostFunction = tokenCalls.transfer(token, anas, shop, 10n);
    const entry = await signed(await unsignedEntry(world, hostFunction), ana);
    const later = withExpiration(entry, addressCredentials(entry)!.signatureExpirationLedger + 1);
    await expect(simulate(world.rpc, { hostFunction, auth: [later] })).rejects.toThrow(refusal);
    const fresh = await unsignedEntry(world, hostFunction);
    const { signature } = addressCredentials(entry)!;
    await expect(
      simulate(world.rpc, { hostFunction, auth: [withSignature(fresh, signature)] }),
    ).rejects.toThrow(refusal);
  });

  it('refuses every other passkey, and no signature at all', async () => {
    const hostFunction = tokenCalls.transfer(token, anas, shop, 10n);
    const entry = await unsignedEntry(world, hostFunction);
    await expect(simulate(world.rpc, { hostFunction, auth: [await signed(entry, eve)] })).rejects.toThrow(
      refusal,
    );
    await expect(simulate(world.rpc, { hostFunction, auth: [entry] })).rejects.toThrow(refusal);
  });

  it('refuses any signature with one bit changed', async () => {
    const hostFunction = tokenCalls.transfer(token, anas, shop, 10n);
    const entry = await signed(await unsignedEntry(world, hostFunction), ana);
    const { signature } = addressCredentials(entry)!;
    if (signature.type !== 'scvBytes') throw new Error('no bytes');
    const bytes = signature.value.value;
    for (let at = 0; at < bytes.length; at++) {
      const changed = ScVal.scvBytes(bytes.with(at, bytes[at]! ^ (1 << (at % 8))));
      await expect(
        simulate(world.rpc, { hostFunction, auth: [withSignature(entry, changed)] }),
      ).rejects.toThrow(refusal);
    }
  });

  it.each([
    ['user presence', { userPresent: false }],
    ['user verification', { userVerified: false }],
  ])('refuses an assertion without %s', async (_, quirks) => {
    const hostFunction = tokenCalls.transfer(token, anas, shop, 10n);
    ana.authenticator.quirks = quirks;
    const entry = await signed(await unsignedEntry(world, hostFunction), ana).finally(() => {
      ana.authenticator.quirks = {};
    });
    await expect(simulate(world.rpc, { hostFunction, auth: [entry] })).rejects.toThrow(refusal);
  });

  it('refuses an assertion made for another origin or relying party', async () => {
    const hostFunction = tokenCalls.transfer(token, anas, shop, 10n);
    const entry = await unsignedEntry(world, hostFunction);
    const payload = await payloadOf(world, entry);
    for (const quirks of [{ origin: 'https://evil.example' }, { rpId: 'evil.example' }]) {
      ana.authenticator.quirks = quirks;
      const { response } = await ana.authenticator.authenticate({
        challenge: bytesToBase64Url(payload),
        rpId,
      });
      ana.authenticator.quirks = {};
      const part = passkeyPart(OWNER_SIGNER_ID, response, quirks.origin ?? origin, payload);
      const auth = [withSignature(entry, scBytes(encodeSignature([part])))];
      await expect(simulate(world.rpc, { hostFunction, auth })).rejects.toThrow(refusal);
    }
  });

  it.each([
    ['extension data', { extensions: Uint8Array.of(0xa1, 0x61, 0x78, 0xf5) }],
    ['another ending of its client data', { clientDataTail: ',"crossOrigin":false,"more":"of it"}' }],
    ['both', { extensions: Uint8Array.of(0xa1, 0x61, 0x78, 0xf5), clientDataTail: '}' }],
  ])('takes an assertion with %s', async (_, quirks) => {
    const hostFunction = tokenCalls.transfer(token, anas, shop, 10n);
    const entry = await unsignedEntry(world, hostFunction);
    ana.authenticator.quirks = quirks;
    const auth = [await signed(entry, ana).finally(() => (ana.authenticator.quirks = {}))];
    await expect(simulate(world.rpc, { hostFunction, auth })).resolves.toBeDefined();
  });

  it('takes a signature once', async () => {
    const prepared = await ana.latchkey.prepareTransfer({ toWalletAddress: shop, amount: '1' });
    expect((await prepared.approve()).status).toBe('confirmed');
    const row = await world.server.services.db
      .selectFrom('submissions')
      .selectAll()
      .where('kind', '=', 'transfer')
      .executeTakeFirstOrThrow();
    const auth = (JSON.parse(row.auth_xdr) as string[]).map((xdr) =>
      SorobanAuthorizationEntry.fromXdr(xdr, 'base64'),
    );
    const hostFunction = tokenCalls.transfer(token, anas, shop, 10_000_000n);
    await expect(simulate(world.rpc, { hostFunction, auth })).rejects.toThrow(refusal);
  });
});

describe('a new signer', () => {
  const keyOf = (person: Person): SignerKey => ({
    kind: 'passkey',
    passkey: {
      publicKey: person.authenticator.credentials[0]!.publicKey,
      credentialId: new Uint8Array(32),
      rpIdHash: new Uint8Array(32),
      origin,
    },
  });

  it('needs the guardian, and nobody else will do', async () => {
    const hostFunction = walletCalls.rotateSigner(anas, OWNER_SIGNER_ID, keyOf(eve));
    const entry = await unsignedEntry(world, hostFunction);
    const guardian = addressCredentials(entry)!.address.toJson();
    expect([anas, eves]).not.toContain(guardian);
    await expect(simulate(world.rpc, { hostFunction, auth: [entry] })).rejects.toThrow(refusal);
    for (const [wallet, person] of [
      [anas, ana],
      [eves, eve],
    ] as const) {
      const own = await unsignedEntry(world, tokenCalls.transfer(token, wallet, shop, 10n));
      const auth = [await signed(moved(own, hostFunction), person)];
      await expect(simulate(world.rpc, { hostFunction, auth })).rejects.toThrow(refusal);
    }
  });

  it('leaves the old passkey with nothing to sign', async () => {
    const heir = world.person(eve.email);
    await heir.latchkey.requestRecoveryCode({ email: eve.email });
    await heir.latchkey.recoverWallet({ email: eve.email, code: world.recoveryCode(eve.email) });
    const hostFunction = tokenCalls.transfer(token, eves, shop, 10n);
    const old = [await signed(await unsignedEntry(world, hostFunction), eve)];
    await expect(simulate(world.rpc, { hostFunction, auth: old })).rejects.toThrow(refusal);
    const now = [await signed(await unsignedEntry(world, hostFunction), heir)];
    await expect(simulate(world.rpc, { hostFunction, auth: now })).resolves.toBeDefined();
  });
});
