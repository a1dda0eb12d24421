// A return of the sponsor's that failed: paid by somebody else, to be sent again as it is, or for the operator to settle.
import { type Rpc, scVec, tokenCalls } from '@latchkey/sdk/chain';
import {
  ScAddress,
  SorobanAddressCredentials,
  SorobanAuthorizationEntry,
  SorobanAuthorizedFunction,
  SorobanAuthorizedInvocation,
  SorobanCredentials,
} from '@stellar/stellar-sdk/xdr';
import { expect, it } from 'vitest';
import { queuedSubmission } from '../db/submissions.ts';
import { returnAgain } from './migrationReturn.ts';

const sponsor = 'GAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAWHF';
const wallet = 'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC';
const EXPIRES = 1_000;

const call = tokenCalls.transfer(wallet, sponsor, wallet, 5n);
if (call.type !== 'hostFunctionTypeInvokeContract') throw new Error('a transfer is a contract call');
const entry = new SorobanAuthorizationEntry({
  credentials: SorobanCredentials.sorobanCredentialsAddress(
    new SorobanAddressCredentials({
      address: ScAddress.fromJson(sponsor),
      nonce: 7n,
      signatureExpirationLedger: EXPIRES,
      signature: scVec([]),
    }),
  ),
  rootInvocation: new SorobanAuthorizedInvocation({
    function: SorobanAuthorizedFunction.sorobanAuthorizedFunctionTypeContractFn(call.value),
    subInvocations: [],
  }),
});
const work = {
  hostFunctionXdr: call.toXdr('base64'),
  authXdr: [entry.toXdr('base64')],
  authExpiresAtLedger: EXPIRES,
};
const before = queuedSubmission(
  { kind: 'return-settlement', accountId: 'shop', maxFeeStroops: 1n, mayRestore: true, ...work },
  0,
);

const node = (isUsed: boolean, latestLedger: number): Rpc => ({
  url: 'http://node.example',
  call: async () => ({ entries: isUsed ? [{}] : [], latestLedger }) as never,
});

it('is paid when its nonce is used, whoever used it', async () => {
  expect(await returnAgain(node(true, EXPIRES - 1), before, true)).toEqual({ what: 'paid' });
});

it('is sent again with the same signature while that is valid', async () => {
  expect(await returnAgain(node(false, EXPIRES - 1), before, true)).toEqual({ what: 'same', work });
});

it('is left to the operator once nobody can tell any more', async () => {
  expect(await returnAgain(node(false, EXPIRES), before, true)).toEqual({ what: 'unknown' });
});

it('is signed anew when nobody can have seen the signature', async () => {
  expect(await returnAgain(node(false, EXPIRES + 9), before, false)).toEqual({ what: 'anew' });
});
