import {
  type HostFunction,
  ScAddress,
  ScVal,
  SorobanAddressCredentials,
  SorobanAuthorizationEntry,
  SorobanAuthorizedFunction,
  SorobanAuthorizedInvocation,
  SorobanCredentials,
  TransactionEnvelope,
} from '@stellar/stellar-sdk/xdr';
import { beforeAll, describe, expect, it } from 'vitest';
import type { PreparedBody } from '../api/settlementSchema.ts';
import { addressToScVal, parseAddress } from '../chain/address.ts';
import { authorizationPayload, withSignature } from '../chain/authorization.ts';
import { bytesToBase64Url } from '../chain/bytes.ts';
import { invokeContract } from '../chain/contractCall.ts';
import { tokenCalls } from '../chain/tokenContract.ts';
import { buildTransaction, invokeHostFunction, unsignedEnvelope } from '../chain/transaction.ts';
import { scI128 } from '../chain/values.ts';
import { walletCalls } from '../chain/walletContract.ts';
import { createSoftwareAuthenticator } from '../testing/softwareAuthenticator.ts';
import { withMemoId } from './destination.ts';
import { registeredPasskey } from './newPasskey.ts';
import { type ExpectedCall, reviewPrepared, signPrepared } from './signPrepared.ts';

const networkPassphrase = 'Standalone Network ; February 2017';
const origin = 'http://localhost:5174';
const wallet = 'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC';
const usdc = 'CAS3J7GYLGXMF6TDJBBYYSE3HQ6BBSMLNUQ34T6TZMYMW2EVH34XOWMA';
const shop = 'GAAH4OT36RRCCAGKARGPN2HLHT2NOBVFHO4GUHA6CF7UKQ4MMV24WQ4N';
const authenticator = createSoftwareAuthenticator({ origin, rpId: 'localhost' });
const ours = { wallet, networkPassphrase };
const withdrawal: ExpectedCall = {
  kind: 'withdraw',
  ...ours,
  usdcContractId: usdc,
  destination: shop,
  amount: 50n,
  memo: null,
};

let registration: Awaited<ReturnType<typeof authenticator.register>>;
beforeAll(async () => {
  registration = await authenticator.register({
    challenge: 'AAAA',
    rp: { id: 'localhost' },
    user: { id: 'AAAA' },
  });
});

async function preparedOf(hostFunction: HostFunction, signer = wallet): Promise<PreparedBody> {
  if (hostFunction.type !== 'hostFunctionTypeInvokeContract') throw new Error('no contract call');
  const entry = new SorobanAuthorizationEntry({
    rootInvocation: new SorobanAuthorizedInvocation({
      function: SorobanAuthorizedFunction.sorobanAuthorizedFunctionTypeContractFn(hostFunction.value),
      subInvocations: [],
    }),
    credentials: SorobanCredentials.sorobanCredentialsAddressV2(
      new SorobanAddressCredentials({
        address: parseAddress(signer),
        nonce: 7n,
        signatureExpirationLedger: 99,
        signature: ScVal.scvVoid(),
      }),
    ),
  });
  const transaction = buildTransaction({
    source: shop,
    sequenceNumber: 1n,
    feeStroops: 100,
    validUntilSeconds: 0n,
    body: invokeHostFunction(hostFunction, [entry]),
  });
  return {
    id: '5f0c8f52-5e42-4d0e-9d43-3f6f5a0b3b11',
    transactionXdr: unsignedEnvelope(transaction).toXdr('base64'),
    options_json: {
      challenge: bytesToBase64Url(await authorizationPayload(entry, networkPassphrase)),
      rpId: 'localhost',
    },
    authorization: {
      authorizationEntryXdr: entry.toXdr('base64'),
      networkPassphrase,
      expiresAt: 0,
      expiresAtLedger: 99,
      maxFeeStroops: '1',
    },
    signers: [{ credentialId: registration.id, signerId: 3, origin }],
    summary: 'Send 50',
    expiresAt: 0,
  };
}

const transfer = (to: string, amount = 50n) =>
  invokeContract(usdc, 'transfer', [
    addressToScVal(wallet),
    ScVal.scvAddress(ScAddress.fromJson(to)),
    scI128(amount),
  ]);
const addCall = (origin_ = origin) =>
  walletCalls.add(wallet, {
    key: { kind: 'passkey', passkey: { ...registeredPasskey(registration), origin: origin_ } },
    role: { kind: 'admin' },
    coSigners: null,
  });
const mismatch = expect.objectContaining({ code: 'AUTHORIZATION_MISMATCH' });

describe('what a merchant is asked to sign', () => {
  it('is let through when it is the withdrawal asked for, an id made part of the address', async () => {
    await expect(reviewPrepared(await preparedOf(transfer(shop)), withdrawal)).resolves.toBeUndefined();
    const muxed = withMemoId(shop, '42');
    expect(muxed).toMatch(/^M[A-Z2-7]{68}$/);
    const withId = { ...withdrawal, memo: '42' };
    await expect(reviewPrepared(await preparedOf(transfer(muxed)), withId)).resolves.toBeUndefined();
    const toMuxed = { ...withdrawal, destination: muxed };
    await expect(reviewPrepared(await preparedOf(transfer(muxed)), toMuxed)).resolves.toBeUndefined();
  });

  it.each([
    ['another amount', () => transfer(shop, 51n)],
    ['another destination', () => transfer(wallet)],
    ['an id nobody entered', () => transfer(withMemoId(shop, '1'))],
    ['another token', () => tokenCalls.transfer(wallet, wallet, shop, 50n)],
    ['another call', () => walletCalls.remove(wallet, 1)],
  ])('is refused when it is %s', async (_, call) => {
    await expect(reviewPrepared(await preparedOf(call()), withdrawal)).rejects.toThrow(mismatch);
  });

  it('is refused when the envelope says another thing than the entry', async () => {
    const right = await preparedOf(transfer(shop));
    const other = await preparedOf(transfer(shop, 51n));
    const swapped = { ...right, transactionXdr: other.transactionXdr };
    await expect(reviewPrepared(swapped, withdrawal)).rejects.toThrow(mismatch);
  });

  it('is refused when another wallet would sign, or on another network', async () => {
    await expect(reviewPrepared(await preparedOf(transfer(shop), usdc), withdrawal)).rejects.toThrow(
      mismatch,
    );
    const elsewhere = { ...withdrawal, networkPassphrase: 'another network' };
    await expect(reviewPrepared(await preparedOf(transfer(shop)), elsewhere)).rejects.toThrow(mismatch);
  });

  it('adds exactly the passkey that was just made, as an admin', async () => {
    const expected: ExpectedCall = { kind: 'add-device', ...ours, passkey: registeredPasskey(registration) };
    await expect(reviewPrepared(await preparedOf(addCall()), expected)).resolves.toBeUndefined();
    const elsewhere = await preparedOf(addCall('https://evil.example'));
    await expect(reviewPrepared(elsewhere, expected)).rejects.toThrow(mismatch);
  });

  it('removes exactly the device asked for', async () => {
    const prepared = await preparedOf(walletCalls.remove(wallet, 4));
    await expect(
      reviewPrepared(prepared, { kind: 'remove-device', ...ours, signerId: 4 }),
    ).resolves.toBeUndefined();
    await expect(reviewPrepared(prepared, { kind: 'remove-device', ...ours, signerId: 5 })).rejects.toThrow(
      mismatch,
    );
  });
});

describe('the signed envelope', () => {
  it('is the prepared one with a signature in its entry, and nothing else changed', async () => {
    const prepared = await preparedOf(transfer(shop));
    const assertion = await authenticator.authenticate(prepared.options_json);
    const signed = TransactionEnvelope.fromXdr(await signPrepared(prepared, assertion), 'base64');
    if (signed.type !== 'envelopeTypeTx') throw new Error('another envelope');
    const [operation] = signed.value.tx.operations;
    if (operation?.body.type !== 'invokeHostFunction') throw new Error('another operation');
    const [entry] = operation.body.value.auth;
    const { credentials } = entry!;
    if (credentials.type !== 'sorobanCredentialsAddressV2') throw new Error('other credentials');
    expect(credentials.value.signature.type).toBe('scvBytes');
    expect(withSignature(entry!, ScVal.scvVoid()).toXdr('base64')).toBe(
      prepared.authorization.authorizationEntryXdr,
    );
    const { tx } = signed.value;
    const unsigned = buildTransaction({
      source: shop,
      sequenceNumber: tx.seqNum as bigint,
      feeStroops: tx.fee,
      validUntilSeconds: 0n,
      body: invokeHostFunction(operation.body.value.hostFunction, [withSignature(entry!, ScVal.scvVoid())]),
    });
    expect(unsignedEnvelope(unsigned).toXdr('base64')).toBe(prepared.transactionXdr);
  });

  it('is not made by a passkey that the wallet does not know', async () => {
    const prepared = { ...(await preparedOf(transfer(shop))), signers: [] };
    const assertion = await authenticator.authenticate(prepared.options_json);
    await expect(signPrepared(prepared, assertion)).rejects.toThrow(
      expect.objectContaining({ code: 'UNKNOWN_CREDENTIAL' }),
    );
  });
});

describe('a memo', () => {
  it.each(['text', '-1', '18446744073709551616', '1.5'])('of %j cannot go with a contract call', (memo) => {
    expect(() => withMemoId(shop, memo)).toThrow(expect.objectContaining({ code: 'MEMO_NOT_POSSIBLE' }));
  });

  it('cannot be added to an address that carries one, or to a contract', () => {
    for (const to of [withMemoId(shop, '1'), wallet]) expect(() => withMemoId(to, '2')).toThrow();
  });
});
