// The client against a server that lies or falls silent. What the passkey signs must be what the person typed.
import {
  ScVal,
  SorobanAddressCredentials,
  SorobanAuthorizationEntry,
  SorobanAuthorizedFunction,
  SorobanAuthorizedInvocation,
  SorobanCredentials,
} from '@stellar/stellar-sdk/xdr';
import { describe, expect, it } from 'vitest';
import { nativeTokenId, parseAddress } from '../chain/address.ts';
import { authorizationPayload } from '../chain/authorization.ts';
import { bytesToBase64Url } from '../chain/bytes.ts';
import { tokenCalls } from '../chain/tokenContract.ts';
import { createSoftwareAuthenticator } from '../testing/softwareAuthenticator.ts';
import { createLatchkey } from './latchkey.ts';

const networkPassphrase = 'Standalone Network ; February 2017';
const wallet = 'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC';
const shop = 'GAAH4OT36RRCCAGKARGPN2HLHT2NOBVFHO4GUHA6CF7UKQ4MMV24WQ4N';
const native = await nativeTokenId(networkPassphrase);
const otherToken = 'CAS3J7GYLGXMF6TDJBBYYSE3HQ6BBSMLNUQ34T6TZMYMW2EVH34XOWMA';

type Lie = { token?: string; amount?: bigint; decimals?: number; passphrase?: string };

/** What a server answers to transfer-options for a transfer of `amount` of `token`. */
async function optionsFor({
  token = native,
  amount = 10_000_000n,
  decimals = 7,
  passphrase = networkPassphrase,
}: Lie) {
  const call = tokenCalls.transfer(token, wallet, shop, amount);
  if (call.type !== 'hostFunctionTypeInvokeContract') throw new Error('no contract call');
  const entry = new SorobanAuthorizationEntry({
    rootInvocation: new SorobanAuthorizedInvocation({
      function: SorobanAuthorizedFunction.sorobanAuthorizedFunctionTypeContractFn(call.value),
      subInvocations: [],
    }),
    credentials: SorobanCredentials.sorobanCredentialsAddressV2(
      new SorobanAddressCredentials({
        address: parseAddress(wallet),
        nonce: 1n,
        signatureExpirationLedger: 99,
        signature: ScVal.scvVoid(),
      }),
    ),
  });
  return {
    options_json: {
      challenge: bytesToBase64Url(await authorizationPayload(entry, passphrase)),
      rpId: 'localhost',
    },
    token: { token, symbol: 'XLM', decimals },
    authorization: {
      authorizationEntryXdr: entry.toXdr('base64'),
      networkPassphrase: passphrase,
      expiresAt: 0,
      expiresAtLedger: 99,
      maxFeeStroops: '1',
    },
  };
}

async function signedIn(lie: Lie, post: (key: string, body: string) => Response | Error, pinned?: string) {
  const authenticator = createSoftwareAuthenticator({ origin: 'http://localhost', rpId: 'localhost' });
  await authenticator.register({ challenge: 'AA', rp: { id: 'localhost' }, user: { id: 'AA' } });
  let assertions = 0;
  const answer = async (url: string | URL | Request, init: RequestInit = {}) => {
    const path = new URL(String(url)).pathname;
    if (path.startsWith('/api/sign-in-options'))
      return Response.json({ options_json: { challenge: 'AA', rpId: 'localhost' } });
    if (path === '/api/sign-in') {
      return Response.json({
        token: 't',
        email: 'a@b.co',
        walletAddress: wallet,
        expiresAt: Date.now() + 60_000,
      });
    }
    if (path === '/api/transfer-options') return Response.json(await optionsFor(lie));
    const result = post(new Headers(init.headers).get('idempotency-key')!, String(init.body));
    if (result instanceof Error) throw result;
    return result;
  };
  const latchkey = createLatchkey({
    baseUrl: 'https://wallet.example',
    storage: null,
    fetch: answer as typeof fetch,
    passkeys: {
      register: authenticator.register,
      authenticate: (options) => {
        assertions++;
        return authenticator.authenticate(options);
      },
    },
    ...(pinned ? { networkPassphrase: pinned } : {}),
  });
  await latchkey.signIn({ email: 'a@b.co' });
  return { latchkey, assertions: () => assertions - 1 };
}

const receipt = { id: 'r', status: 'confirmed', transactionHash: 'h', ledger: 1 };
const confirmed = () => Response.json(receipt);
const mismatch = (what: string) =>
  expect.objectContaining({ code: 'AUTHORIZATION_MISMATCH', details: { what } });

describe('a transfer of 1 XLM', () => {
  it('is prepared when the server asks for exactly that', async () => {
    const { latchkey } = await signedIn({}, confirmed);
    const { review, approve } = await latchkey.prepareTransfer({ toWalletAddress: shop, amount: '1' });
    expect(review).toMatchObject({
      amount: 10_000_000n,
      decimals: 7,
      symbol: 'XLM',
      token: native,
      to: shop,
    });
    expect(await approve()).toEqual(receipt);
  });

  it.each([
    ['100 XLM with two more decimals', { amount: 1_000_000_000n, decimals: 9 }, 'amount'],
    ['another token', { token: otherToken }, 'token'],
  ])('is not signed when the server asks for %s', async (_, lie, what) => {
    const { latchkey, assertions } = await signedIn(lie, confirmed);
    await expect(latchkey.prepareTransfer({ toWalletAddress: shop, amount: '1' })).rejects.toThrow(
      mismatch(what),
    );
    expect(assertions()).toBe(0);
  });

  it('is not signed for another network than the pinned one', async () => {
    const { latchkey } = await signedIn({}, confirmed, 'Public Global Stellar Network ; September 2015');
    await expect(latchkey.prepareTransfer({ toWalletAddress: shop, amount: '1' })).rejects.toThrow(
      mismatch('network'),
    );
  });
});

describe('a transfer of another token', () => {
  it("counts by the caller's decimals, not by the server's", async () => {
    const { latchkey } = await signedIn({ token: otherToken, amount: 100n, decimals: 9 }, confirmed);
    const token = { address: otherToken, decimals: 2 };
    const { review } = await latchkey.prepareTransfer({ toWalletAddress: shop, amount: '1', token });
    expect(review).toMatchObject({ amount: 100n, decimals: 2, token: otherToken });
  });
});

describe('approving again', () => {
  it('after a lost answer sends the same approval under the same key, without asking the passkey twice', async () => {
    const seen: string[] = [];
    let isDown = true;
    const { latchkey, assertions } = await signedIn({}, (key, body) => {
      seen.push(key + body);
      return isDown ? new TypeError('connection reset') : confirmed();
    });
    const { approve } = await latchkey.prepareTransfer({ toWalletAddress: shop, amount: '1' });
    await expect(approve()).rejects.toThrow(expect.objectContaining({ code: 'NETWORK_UNREACHABLE' }));
    isDown = false;
    expect(await approve()).toEqual(receipt);
    expect(new Set(seen).size).toBe(1);
    expect(assertions()).toBe(1);
  });

  it('after a refusal asks the passkey anew', async () => {
    const problem = { code: 'SIGNATURE_INVALID', detail: 'no' };
    const { latchkey, assertions } = await signedIn({}, () => Response.json(problem, { status: 403 }));
    const { approve } = await latchkey.prepareTransfer({ toWalletAddress: shop, amount: '1' });
    for (let i = 0; i < 2; i++) {
      await expect(approve()).rejects.toThrow(expect.objectContaining({ code: 'SIGNATURE_INVALID' }));
    }
    expect(assertions()).toBe(2);
  });
});
