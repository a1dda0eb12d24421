import {
  ScVal,
  SorobanAddressCredentials,
  SorobanAuthorizationEntry,
  SorobanAuthorizedFunction,
  SorobanAuthorizedInvocation,
  SorobanCredentials,
} from '@stellar/stellar-sdk/xdr';
import { describe, expect, it } from 'vitest';
import { addressToScVal, parseAddress } from '../chain/address.ts';
import { authorizationPayload } from '../chain/authorization.ts';
import { bytesToBase64Url } from '../chain/bytes.ts';
import { invokeContract } from '../chain/contractCall.ts';
import { recoveryCalls } from '../chain/recoveryContract.ts';
import { tokenCalls } from '../chain/tokenContract.ts';
import { walletCalls } from '../chain/walletContract.ts';
import { requireCancelRotation, requireTransfer } from './review.ts';

const networkPassphrase = 'Standalone Network ; February 2017';
const wallet = 'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC';
const token = 'CAS3J7GYLGXMF6TDJBBYYSE3HQ6BBSMLNUQ34T6TZMYMW2EVH34XOWMA';
const recovery = 'CAAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQC526';
const destination = 'GAAH4OT36RRCCAGKARGPN2HLHT2NOBVFHO4GUHA6CF7UKQ4MMV24WQ4N';
const expected = { token, from: wallet, to: destination, amount: 50n };

function invocation(
  call: ReturnType<typeof tokenCalls.transfer>,
  nested: SorobanAuthorizedInvocation[] = [],
) {
  if (call.type !== 'hostFunctionTypeInvokeContract') throw new Error('no contract call');
  return new SorobanAuthorizedInvocation({
    function: SorobanAuthorizedFunction.sorobanAuthorizedFunctionTypeContractFn(call.value),
    subInvocations: nested,
  });
}

async function asked(rootInvocation: SorobanAuthorizedInvocation, signer = wallet, addressBound = true) {
  const credentials = new SorobanAddressCredentials({
    address: parseAddress(signer),
    nonce: 7n,
    signatureExpirationLedger: 99,
    signature: ScVal.scvVoid(),
  });
  const entry = new SorobanAuthorizationEntry({
    rootInvocation,
    credentials: addressBound
      ? SorobanCredentials.sorobanCredentialsAddressV2(credentials)
      : SorobanCredentials.sorobanCredentialsAddress(credentials),
  });
  const authorization = {
    authorizationEntryXdr: entry.toXdr('base64'),
    networkPassphrase,
    expiresAt: 0,
    expiresAtLedger: 99,
    maxFeeStroops: '1',
  };
  return { authorization, challenge: bytesToBase64Url(await authorizationPayload(entry, networkPassphrase)) };
}

const mismatch = (what: string) =>
  expect.objectContaining({ code: 'AUTHORIZATION_MISMATCH', details: { what } });

describe('what a person is asked to sign', () => {
  const right = invocation(tokenCalls.transfer(token, wallet, destination, 50n));

  it.each([true, false])(
    'is let through when it is the transfer asked for (address-bound: %s)',
    async (bound) => {
      const { authorization, challenge } = await asked(right, wallet, bound);
      await expect(requireTransfer(authorization, challenge, expected)).resolves.toBeUndefined();
    },
  );

  it.each([
    ['amount', tokenCalls.transfer(token, wallet, destination, 51n)],
    ['to', tokenCalls.transfer(token, wallet, wallet, 50n)],
    ['token', tokenCalls.transfer(wallet, wallet, destination, 50n)],
    ['from', tokenCalls.transfer(token, destination, destination, 50n)],
    ['function', walletCalls.remove(wallet, 1)],
  ])('is refused when its %s differs', async (what, call) => {
    const { authorization, challenge } = await asked(invocation(call));
    await expect(requireTransfer(authorization, challenge, expected)).rejects.toThrow(mismatch(what));
  });

  it('is refused when another wallet would sign, when calls are nested, or when the expiry differs', async () => {
    const other = await asked(right, token);
    await expect(requireTransfer(other.authorization, other.challenge, expected)).rejects.toThrow(
      mismatch('signer'),
    );
    const nested = await asked(invocation(tokenCalls.transfer(token, wallet, destination, 50n), [right]));
    await expect(requireTransfer(nested.authorization, nested.challenge, expected)).rejects.toThrow(
      mismatch('nested calls'),
    );
    const { authorization, challenge } = await asked(right);
    const later = { ...authorization, expiresAtLedger: 100 };
    await expect(requireTransfer(later, challenge, expected)).rejects.toThrow(mismatch('expiry'));
  });

  it('is refused when the challenge is the payload of something else or of another network', async () => {
    const { authorization } = await asked(right);
    const evil = await asked(invocation(tokenCalls.transfer(token, wallet, wallet, 50n)));
    await expect(requireTransfer(authorization, evil.challenge, expected)).rejects.toThrow(
      mismatch('challenge'),
    );
    const elsewhere = { ...authorization, networkPassphrase: 'another network' };
    const { challenge } = await asked(right);
    await expect(requireTransfer(elsewhere, challenge, expected)).rejects.toThrow(mismatch('challenge'));
  });

  it('cancels a rotation of the wallet itself, and does nothing else in its name', async () => {
    const own = await asked(invocation(recoveryCalls.cancel(recovery, wallet)));
    await expect(requireCancelRotation(own.authorization, own.challenge, wallet)).resolves.toBeUndefined();
    const others = [
      recoveryCalls.cancel(recovery, token),
      recoveryCalls.execute(recovery, wallet),
      walletCalls.configure(wallet, { adminThreshold: 1, recovery: destination }),
      invokeContract(recovery, 'cancel', []),
      invokeContract(recovery, 'cancel', [addressToScVal(wallet), addressToScVal(wallet)]),
    ];
    for (const call of others) {
      const { authorization, challenge } = await asked(invocation(call));
      await expect(requireCancelRotation(authorization, challenge, wallet)).rejects.toThrow(
        mismatch('function'),
      );
    }
    const nested = await asked(invocation(recoveryCalls.cancel(recovery, wallet), [right]));
    await expect(requireCancelRotation(nested.authorization, nested.challenge, wallet)).rejects.toThrow(
      mismatch('nested calls'),
    );
  });
});
