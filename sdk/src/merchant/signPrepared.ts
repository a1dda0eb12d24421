// What a merchant's passkey signs, checked before the tap and put in place after it. The service prepares a transaction with
// one call and one authorization entry of the smart wallet; the browser compares that entry with what was asked for, signs
// its payload, and gives the same envelope back with the signature in it. Who pays, which account sends and what it costs
// is the service's business and not checked: none of it can change what the entry allows.
import {
  HostFunction,
  InvokeHostFunctionOp,
  Operation,
  OperationBody,
  type SorobanAuthorizationEntry,
  Transaction,
  TransactionEnvelope,
  TransactionV1Envelope,
} from '@stellar/stellar-sdk/xdr';
import { LatchkeyError } from '../api/errors.ts';
import type { AuthenticationResponse } from '../api/schema.ts';
import type { PreparedBody } from '../api/settlementSchema.ts';
import { addressToScVal } from '../chain/address.ts';
import { authorizationPayload, authorizesOnly, withSignature } from '../chain/authorization.ts';
import { invokeContract } from '../chain/contractCall.ts';
import { recipientToScVal } from '../chain/recipient.ts';
import type { Passkey } from '../chain/signer.ts';
import { scBytes, scI128 } from '../chain/values.ts';
import { walletCalls } from '../chain/walletContract.ts';
import { encodeSignature, passkeyPart } from '../chain/walletSignature.ts';
import { checkedCall } from '../wallet/review.ts';
import { withMemoId } from './destination.ts';

/** What was asked for, in the browser's own words, and of which wallet. */
export type ExpectedCall = { wallet: string; networkPassphrase: string } & (
  | { kind: 'withdraw'; usdcContractId: string; destination: string; amount: bigint; memo: string | null }
  | { kind: 'add-device'; passkey: Passkey }
  | { kind: 'remove-device'; signerId: number }
);

function mismatch(what: string): LatchkeyError {
  return new LatchkeyError('AUTHORIZATION_MISMATCH', { details: { what } });
}

function callOf(expected: ExpectedCall): HostFunction {
  const { wallet } = expected;
  switch (expected.kind) {
    case 'withdraw': {
      const to = recipientToScVal(withMemoId(expected.destination, expected.memo));
      const args = [addressToScVal(wallet), to, scI128(expected.amount)];
      return invokeContract(expected.usdcContractId, 'transfer', args);
    }
    case 'add-device':
      return walletCalls.add(wallet, {
        key: { kind: 'passkey', passkey: expected.passkey },
        role: { kind: 'admin' },
        coSigners: null,
      });
    case 'remove-device':
      return walletCalls.remove(wallet, expected.signerId);
  }
}

type PreparedCall = {
  transaction: Transaction;
  hostFunction: HostFunction;
  entry: SorobanAuthorizationEntry;
};

function readPrepared(transactionXdr: string): PreparedCall {
  const envelope = TransactionEnvelope.fromXdr(transactionXdr, 'base64');
  if (envelope.type !== 'envelopeTypeTx') throw mismatch('envelope');
  const { tx: transaction, signatures } = envelope.value;
  const [operation, ...others] = transaction.operations;
  if (!operation || others.length > 0 || signatures.length > 0) throw mismatch('envelope');
  if (operation.body.type !== 'invokeHostFunction') throw mismatch('operation');
  const { hostFunction, auth } = operation.body.value;
  const [entry, ...otherEntries] = auth;
  if (!entry || otherEntries.length > 0) throw mismatch('entries');
  return { transaction, hostFunction, entry };
}

/** @throws LatchkeyError AUTHORIZATION_MISMATCH unless signing means the call asked for and nothing else */
export async function reviewPrepared(prepared: PreparedBody, expected: ExpectedCall): Promise<void> {
  const { authorization, options_json } = prepared;
  if (authorization.networkPassphrase !== expected.networkPassphrase) throw mismatch('network');
  const invoked = await checkedCall(authorization, options_json.challenge, expected.wallet);
  const asked = callOf(expected);
  const signed = HostFunction.hostFunctionTypeInvokeContract(invoked);
  if (signed.toXdr('base64') !== asked.toXdr('base64')) throw mismatch('call');
  const { hostFunction, entry } = readPrepared(prepared.transactionXdr);
  if (entry.toXdr('base64') !== authorization.authorizationEntryXdr) throw mismatch('entry');
  if (!authorizesOnly(entry, hostFunction)) throw mismatch('operation');
}

/**
 * The prepared envelope with the passkey's signature in its entry, and nothing else changed.
 * @throws LatchkeyError UNKNOWN_CREDENTIAL when the passkey that signed is none of them
 */
export async function signPrepared(
  prepared: PreparedBody,
  assertion: AuthenticationResponse,
): Promise<string> {
  const signer = prepared.signers.find((it) => it.credentialId === assertion.id);
  if (!signer) throw new LatchkeyError('UNKNOWN_CREDENTIAL');
  const { transaction, hostFunction, entry } = readPrepared(prepared.transactionXdr);
  const payload = await authorizationPayload(entry, prepared.authorization.networkPassphrase);
  const part = passkeyPart(signer.signerId, assertion.response, signer.origin, payload);
  const signed = withSignature(entry, scBytes(encodeSignature([part])));
  const { sourceAccount, fee, seqNum, cond, memo, operations, ext } = transaction;
  const operation = new Operation({
    sourceAccount: operations[0]!.sourceAccount,
    body: OperationBody.invokeHostFunction(new InvokeHostFunctionOp({ hostFunction, auth: [signed] })),
  });
  const tx = new Transaction({ sourceAccount, fee, seqNum, cond, memo, operations: [operation], ext });
  return TransactionEnvelope.envelopeTypeTx(new TransactionV1Envelope({ tx, signatures: [] })).toXdr(
    'base64',
  );
}
