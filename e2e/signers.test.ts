// Wallets with more than a passkey: every kind of signer that the SDK can sign with, added to a wallet that the server
// made, on the built contracts. The server takes no part in it.
import { generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  accountPart,
  accountSignature,
  ed25519Part,
  encodeSignature,
  POST_QUANTUM_CONTEXT,
  parseAddress,
  postQuantumPart,
  postQuantumSchemes,
  readRegisteredSigner,
  readSettings,
  readSigners,
  type SignaturePart,
  type Signer,
  scBytes,
  scStruct,
  scSymbol,
  scVariant,
  scVec,
  sha256,
  simulate,
  tokenCalls,
  walletCalls,
  withSignature,
} from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import {
  type HostFunction,
  InvokeContractArgs,
  ScVal,
  SorobanAuthorizationEntry,
  SorobanAuthorizedFunction,
  SorobanAuthorizedInvocation,
  SorobanCredentials,
} from '@stellar/stellar-sdk/xdr';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OWNER_SIGNER_ID } from '../server/src/wallets/ownerSigner.ts';
import { deploy, partOf, payloadOf, submit, unsignedEntry, withParts } from './submit.ts';
import { createWorld, type Person, type World } from './world.ts';

let world: World;
let ana: Person;
let wallet: string;
let token: string;
let shop: string;

beforeAll(async () => {
  world = await createWorld();
  token = world.server.services.config.nativeTokenId;
  shop = await world.account();
});
afterAll(() => world?.close());

const refusal = expect.objectContaining({
  code: 'SIMULATION_FAILED',
  details: expect.objectContaining({ hostError: expect.stringContaining('Error(Auth, ') }),
});

async function newWallet(name: string): Promise<void> {
  ana = world.person(`${name}@example.org`);
  wallet = (await ana.latchkey.createWallet({ email: ana.email })).walletAddress;
}

type Sign = (payload: Uint8Array) => Promise<SignaturePart> | SignaturePart;
const owner: Sign = (payload) => partOf(ana, OWNER_SIGNER_ID, payload);
const ed25519 =
  (id: number, keypair: Keypair): Sign =>
  (payload) =>
    ed25519Part(id, keypair.sign(Buffer.from(payload)));

async function signedBy(hostFunction: HostFunction, ...signers: Sign[]) {
  const entry = await unsignedEntry(world, hostFunction);
  const payload = await payloadOf(world, entry);
  return [withParts(entry, await Promise.all(signers.map((part) => part(payload))))];
}

/** Carries out a change that the owner alone approves. */
async function byOwner(hostFunction: HostFunction): Promise<ScVal> {
  return submit(world, hostFunction, await signedBy(hostFunction, owner));
}

const transfer = (amount = 10n) => tokenCalls.transfer(token, wallet, shop, amount);
const allowed = async (hostFunction: HostFunction, ...signers: Sign[]) =>
  simulate(world.rpc, { hostFunction, auth: await signedBy(hostFunction, ...signers) });

describe('a wallet with a session', () => {
  const keypair = Keypair.random();
  const session = (): Signer => ({
    key: { kind: 'ed25519', publicKey: keypair.rawPublicKey() },
    role: {
      kind: 'session',
      contracts: [token],
      expiresAtLedger: world.net!.latestLedger().sequence + 100,
    },
    coSigners: null,
  });

  it('lists it beside its owner, as it was added', async () => {
    await newWallet('session');
    const added = session();
    await byOwner(walletCalls.add(wallet, added));
    const { returnValue } = await simulate(world.rpc, { hostFunction: walletCalls.signers(wallet, 0) });
    const [first, second, ...others] = readSigners(returnValue);
    expect(first).toMatchObject({
      id: OWNER_SIGNER_ID,
      signer: { role: { kind: 'admin' }, coSigners: null },
    });
    expect(second).toEqual({
      id: 1,
      policies: [],
      signer: { ...added, key: { kind: 'ed25519', publicKey: new Uint8Array(keypair.rawPublicKey()) } },
    });
    expect(others).toEqual([]);
  });

  it('is moved by the session within its contracts, and by its owner', async () => {
    const before = await world.balanceStroops(shop);
    await submit(world, transfer(7n), await signedBy(transfer(7n), ed25519(1, keypair)));
    expect((await world.balanceStroops(shop)) - before).toBe(7n);
    await expect(allowed(transfer(), owner)).resolves.toBeDefined();
  });

  it('refuses the session anything else, another key in its place, and a signature too many', async () => {
    const unguarded = walletCalls.configure(wallet, { adminThreshold: 1, recovery: null });
    await expect(allowed(unguarded, ed25519(1, keypair))).rejects.toThrow(refusal);
    await expect(allowed(walletCalls.add(wallet, session()), ed25519(1, keypair))).rejects.toThrow(refusal);
    await expect(allowed(transfer(), ed25519(1, Keypair.random()))).rejects.toThrow(refusal);
    await expect(allowed(transfer(), ed25519(0, keypair))).rejects.toThrow(refusal);
    await expect(allowed(transfer(), ed25519(2, keypair))).rejects.toThrow(refusal);
    await expect(allowed(transfer(), owner, ed25519(1, keypair))).rejects.toThrow(refusal);
  });

  it('is left by the session itself', async () => {
    const removal = walletCalls.remove(wallet, 1);
    await submit(world, removal, await signedBy(removal, ed25519(1, keypair)));
    await expect(allowed(transfer(), ed25519(1, keypair))).rejects.toThrow(refusal);
  });
});

describe('a wallet with two admins', () => {
  const second = Keypair.random();
  const admin = (): Signer => ({
    key: { kind: 'ed25519', publicKey: second.rawPublicKey() },
    role: { kind: 'admin' },
    coSigners: null,
  });

  it('takes both for a change once its threshold is two, and either for a transfer', async () => {
    await newWallet('admins');
    await byOwner(walletCalls.add(wallet, admin()));
    const recovery = await world.server.services.walletGuardian();
    await byOwner(walletCalls.configure(wallet, { adminThreshold: 2, recovery }));
    const settings = await simulate(world.rpc, { hostFunction: walletCalls.settings(wallet) });
    expect(readSettings(settings.returnValue)).toMatchObject({ adminThreshold: 2, recovery });
    const change = walletCalls.configure(wallet, { adminThreshold: 1, recovery: null });
    await expect(allowed(change, owner)).rejects.toThrow(refusal);
    await expect(allowed(change, ed25519(1, second), owner)).resolves.toBeDefined();
    await expect(allowed(transfer(), owner)).resolves.toBeDefined();
    await expect(allowed(transfer(), ed25519(1, second))).resolves.toBeDefined();
  });

  it('takes the co-signer of an admin who has one', async () => {
    await newWallet('cosigned');
    await byOwner(walletCalls.add(wallet, admin()));
    const withCoSigner = (id: number, coSigner: number) =>
      walletCalls.updateSigner(wallet, id, {
        role: { kind: 'admin' },
        coSigners: { signerIds: [coSigner], threshold: 1 },
        policies: [],
      });
    await byOwner(withCoSigner(1, OWNER_SIGNER_ID));
    await expect(allowed(transfer(), ed25519(1, second))).rejects.toThrow(refusal);
    await expect(allowed(transfer(), owner, ed25519(1, second))).rejects.toThrow(refusal);
    await byOwner(withCoSigner(OWNER_SIGNER_ID, 1));
    await expect(allowed(transfer(), owner)).rejects.toThrow(refusal);
    await expect(allowed(transfer(), owner, ed25519(1, second))).resolves.toBeDefined();
  });
});

describe('a wallet with a post-quantum key beside its passkey', () => {
  const scheme = 'MlDsa44';
  const { publicKeyBytes } = postQuantumSchemes[scheme];
  // The types do not know every scheme that OpenSSL has.
  const pair = generateKeyPairSync('ml-dsa-44' as 'ed25519');
  const publicKey = new Uint8Array(
    pair.publicKey.export({ type: 'spki', format: 'der' }).subarray(-publicKeyBytes),
  );
  const signing =
    (context: string): Sign =>
    (payload) => {
      const options = { key: pair.privateKey, context: Buffer.from(context) };
      return postQuantumPart(1, scheme, publicKey, new Uint8Array(sign(null, payload, options)));
    };
  const postQuantum = signing(POST_QUANTUM_CONTEXT);

  it.each(['ml_dsa_verifier', 'ml_dsa_host_verifier'])('takes its signature by the %s', async (name) => {
    await newWallet(name.replaceAll('_', '-'));
    const code = readFileSync(new URL(`../contracts/wasm/${name}.wasm`, import.meta.url));
    const verifier = await deploy(world, new Uint8Array(code));
    const publicKeyHash = await sha256(publicKey);
    const signer: Signer = {
      key: { kind: 'post-quantum', scheme, publicKeyHash, verifier },
      role: { kind: 'admin' },
      coSigners: null,
    };
    await byOwner(walletCalls.add(wallet, signer));
    const { returnValue } = await simulate(world.rpc, { hostFunction: walletCalls.signer(wallet, 1) });
    expect(readRegisteredSigner(returnValue)).toEqual({ id: 1, policies: [], signer });

    await expect(allowed(transfer(), postQuantum)).resolves.toBeDefined();
    await expect(allowed(transfer(), signing('elsewhere'))).rejects.toThrow(refusal);
    await expect(allowed(transfer(), () => postQuantum(new Uint8Array(32)))).rejects.toThrow(refusal);

    const recovery = await world.server.services.walletGuardian();
    await byOwner(walletCalls.configure(wallet, { adminThreshold: 2, recovery }));
    const change = walletCalls.configure(wallet, { adminThreshold: 1, recovery: null });
    await expect(allowed(change, postQuantum)).rejects.toThrow(refusal);
    await submit(world, change, await signedBy(change, owner, postQuantum));
  });
});

describe('a wallet with an account as signer', () => {
  const friend = Keypair.random();

  beforeAll(async () => {
    await newWallet('account');
    const { friendbotUrl } = await world.rpc.call('getNetwork');
    await fetch(`${friendbotUrl}?addr=${friend.publicKey()}`);
    await byOwner(
      walletCalls.add(wallet, {
        key: { kind: 'account', address: friend.publicKey() },
        role: { kind: 'admin' },
        coSigners: null,
      }),
    );
  });

  const friendSigns = (payload: Uint8Array) =>
    accountSignature(friend.rawPublicKey(), friend.sign(Buffer.from(payload)));

  it('is moved by the account in an entry of its own', async () => {
    const hostFunction = transfer();
    if (hostFunction.type !== 'hostFunctionTypeInvokeContract') throw new Error('no contract call');
    const { contractAddress, functionName, args } = hostFunction.value;
    const entry = await unsignedEntry(world, hostFunction);
    const signature = scBytes(encodeSignature([accountPart(1, 'own-entry')]));
    // The wallet asks for the account's authorization while its own is checked: that check is what the account signs.
    const context = scVariant(
      'Contract',
      scStruct({
        args: scVec(args),
        contract: ScVal.scvAddress(contractAddress),
        fn_name: scSymbol(String(functionName)),
      }),
    );
    const checkAuth = new InvokeContractArgs({
      contractAddress: parseAddress(wallet),
      functionName: '__check_auth',
      args: [scBytes(await payloadOf(world, entry)), signature, scVec([context])],
    });
    const own = new SorobanAuthorizationEntry({
      rootInvocation: new SorobanAuthorizedInvocation({
        function: SorobanAuthorizedFunction.sorobanAuthorizedFunctionTypeContractFn(checkAuth),
        subInvocations: [],
      }),
      credentials: SorobanCredentials.fromJson({
        address_v2: {
          address: friend.publicKey(),
          nonce: '77',
          signature_expiration_ledger: world.net!.latestLedger().sequence + 50,
          signature: 'void',
        },
      } as never),
    });
    const walletsEntry = withSignature(entry, signature);
    await expect(simulate(world.rpc, { hostFunction, auth: [walletsEntry] })).rejects.toThrow(refusal);
    const friends = withSignature(own, friendSigns(await payloadOf(world, own)));
    const auth = [walletsEntry, friends];
    await expect(simulate(world.rpc, { hostFunction, auth })).resolves.toBeDefined();
  });

  it('is moved by the account as a delegate of its entry', async () => {
    const hostFunction = transfer();
    const entry = await unsignedEntry(world, hostFunction);
    const payload = await payloadOf(world, entry);
    const signed = withParts(entry, [accountPart(1, 'delegate')]);
    await expect(simulate(world.rpc, { hostFunction, auth: [signed] })).rejects.toThrow(refusal);
    const delegated = (signature: ScVal) =>
      new SorobanAuthorizationEntry({
        rootInvocation: entry.rootInvocation,
        credentials: SorobanCredentials.fromJson({
          address_with_delegates: {
            address_credentials: (signed.credentials.toJson() as { address_v2: object }).address_v2,
            delegates: [{ address: friend.publicKey(), signature: signature.toJson(), nested_delegates: [] }],
          },
        } as never),
      });
    const auth = [delegated(friendSigns(payload))];
    await expect(simulate(world.rpc, { hostFunction, auth })).resolves.toBeDefined();
    const other = [delegated(friendSigns(new Uint8Array(32)))];
    await expect(simulate(world.rpc, { hostFunction, auth: other })).rejects.toThrow(refusal);
  });
});
