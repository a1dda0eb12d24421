// A payment out of a managed account, as the work of one submission: to an account a classic payment, which can carry a memo
// and is signed when its envelope is made; to a contract a call of the asset's contract, whose authorization entry the
// managed key signs at once. What the network has to say about the call is asked before, so that signing needs no network.
import { tokenCalls } from '@latchkey/sdk/chain';
import { Asset, type Keypair } from '@stellar/stellar-sdk/base';
import { Memo as MemoXdr, MuxedAccount, Operation, OperationBody, PaymentOp } from '@stellar/stellar-sdk/xdr';
import type { SubmissionWork } from '../db/submissions.ts';
import { authorizedCall, type UnsignedCall, unsignedCall } from './accountAuthorization.ts';
import type { Memo } from './destination.ts';
import type { SettlementNetwork } from './network.ts';
import type { Asked } from './withdrawalChecks.ts';

/** Outlives a few envelopes, also where ledgers close every 2.5 seconds; whoever sees the entry can carry it out until then. */
const SIGNATURE_LEDGERS = 36;

/** What is left to do once the withdrawal is approved. */
export type ManagedPayment = { work: SubmissionWork } | UnsignedCall;

function memoXdr(memo: Memo): string {
  return (memo.kind === 'id' ? MemoXdr.memoId(memo.id) : MemoXdr.memoText(memo.text)).toXdr('base64');
}

/** @throws LatchkeyError SIMULATION_FAILED when the network would refuse it */
export async function managedPayment(asked: Asked, network: SettlementNetwork): Promise<ManagedPayment> {
  const { from, payment, amount } = asked;
  const { recipient, memo } = payment;
  const { usdc } = network;
  if (recipient.kind === 'contract') {
    const hostFunction = tokenCalls.transfer(usdc.contractId, from, recipient.address, amount);
    return unsignedCall(network, from, hostFunction, SIGNATURE_LEDGERS);
  }
  const operation = new Operation({
    sourceAccount: MuxedAccount.fromJson(from),
    body: OperationBody.payment(
      new PaymentOp({
        destination: MuxedAccount.fromJson(recipient.address),
        asset: new Asset(usdc.code, usdc.issuer).toXdrObject(),
        amount,
      }),
    ),
  });
  return {
    work: {
      operationsXdr: [operation.toXdr('base64')],
      ...(memo ? { memoXdr: memoXdr(memo) } : {}),
    },
  };
}

/** The work, with the entry signed where there is one. */
export async function signedPayment(
  payment: ManagedPayment,
  withKey: (sign: (keypair: Keypair) => Uint8Array) => Promise<Uint8Array>,
): Promise<SubmissionWork> {
  if ('work' in payment) return payment.work;
  const signature = await withKey((keypair) => keypair.sign(Buffer.from(payment.payload)));
  return authorizedCall(payment, signature);
}
