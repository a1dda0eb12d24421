// What a person is about to sign, read from the authorization entry itself. The server's words are not trusted: the
// entry must be exactly the call that was asked for, by this wallet, with nothing nested, and the WebAuthn challenge
// must be its payload. Anything else is AUTHORIZATION_MISMATCH, and nothing is signed.
import { SorobanAuthorizationEntry } from '@stellar/stellar-sdk/xdr';
import { LatchkeyError } from '../api/errors.ts';
import type { AuthorizationBody } from '../api/schema.ts';
import { scValToAddress } from '../chain/address.ts';
import { addressCredentials, authorizationPayload } from '../chain/authorization.ts';
import { bytesToBase64Url } from '../chain/bytes.ts';
import { readTransferCall } from '../chain/tokenContract.ts';

function mismatch(what: string): LatchkeyError {
  return new LatchkeyError('AUTHORIZATION_MISMATCH', { details: { what } });
}

/**
 * The one call that signing allows.
 * @throws LatchkeyError AUTHORIZATION_MISMATCH unless the entry is the signer's, is what the challenge stands for, and
 *   has nothing nested
 */
export async function checkedCall(authorization: AuthorizationBody, challenge: string, signer: string) {
  const entry = SorobanAuthorizationEntry.fromXdr(authorization.authorizationEntryXdr, 'base64');
  const credentials = addressCredentials(entry);
  if (!credentials || credentials.address.toJson() !== signer) throw mismatch('signer');
  if (credentials.signatureExpirationLedger !== authorization.expiresAtLedger) throw mismatch('expiry');
  const payload = await authorizationPayload(entry, authorization.networkPassphrase);
  if (bytesToBase64Url(payload) !== challenge) throw mismatch('challenge');
  const { function: invoked, subInvocations } = entry.rootInvocation;
  if (subInvocations.length > 0) throw mismatch('nested calls');
  if (invoked.type !== 'sorobanAuthorizedFunctionTypeContractFn') throw mismatch('function');
  return invoked.value;
}

export type ExpectedTransfer = { token: string; from: string; to: string; amount: bigint };

/** @throws LatchkeyError AUTHORIZATION_MISMATCH unless signing means this transfer and nothing else */
export async function requireTransfer(
  authorization: AuthorizationBody,
  challenge: string,
  expected: ExpectedTransfer,
): Promise<void> {
  const call = readTransferCall(await checkedCall(authorization, challenge, expected.from));
  if (!call) throw mismatch('function');
  for (const field of ['token', 'from', 'to', 'amount'] as const) {
    if (call[field] !== expected[field]) throw mismatch(field);
  }
}

/**
 * Which contract is the wallet's guardian only the network could tell, and it is not asked here: at worst `cancel` is
 * signed for another contract, with this wallet as its one argument and nothing nested.
 *
 * @throws LatchkeyError AUTHORIZATION_MISMATCH unless signing means `cancel` of this wallet's pending rotation
 */
export async function requireCancelRotation(
  authorization: AuthorizationBody,
  challenge: string,
  walletAddress: string,
): Promise<void> {
  const call = await checkedCall(authorization, challenge, walletAddress);
  const right =
    String(call.functionName) === 'cancel' &&
    call.args.length === 1 &&
    scValToAddress(call.args[0]) === walletAddress;
  if (!right) throw mismatch('function');
}
