// Submissions that are classic operations: a channel account's transaction, signed by it, by the sponsor where an operation
// is the sponsor's, and by those whom the domain has sign each envelope anew; no key of theirs comes here. Only our own domains make them, so the
// rule that nothing may be done with the sponsor's own account, which holds for strangers (callPolicy.ts), does not hold
// here; each kind is limited to its operations instead. Whose accounts they move, and where to, is not checked here. No
// nonce keeps operations from happening twice: what protects them is that one envelope at a time can be included.
import type { Keypair } from '@stellar/stellar-sdk/base';
import {
  type DecoratedSignature,
  Memo,
  MuxedAccount,
  Operation,
  type OperationBody,
  Preconditions,
  TimeBounds,
  Transaction,
  TransactionExt,
  TransactionV1Envelope,
} from '@stellar/stellar-sdk/xdr';
import type { SubmissionKind } from '../db/schema.ts';
import type { Submission } from '../db/submissions.ts';
import { INNER_INCLUSION_FEE_STROOPS } from './bids.ts';
import { SponsorRefusal } from './policy.ts';
import { type Sponsor, signatureOf } from './sponsor.ts';
import { transactionHash } from './transactionHashes.ts';

/** Limits of the protocol. */
const MAX_OPERATIONS = 100;
const MAX_SIGNATURES = 20;

const operationsOfKind: Partial<Record<SubmissionKind, readonly OperationBody['type'][]>> = {
  'provision-settlement': [
    'beginSponsoringFutureReserves',
    'createAccount',
    'changeTrust',
    'endSponsoringFutureReserves',
  ],
  'withdraw-settlement': ['payment'],
  'close-settlement': ['payment', 'changeTrust', 'accountMerge'],
};

/** Signatures of the transaction with this hash that it needs besides the channel account's and the sponsor's. */
export type SignaturesOf = (row: Submission, hash: Uint8Array) => Promise<DecoratedSignature[]>;

/** @throws TypeError for a list that no transaction of the kind can be made of: a mistake of ours */
export function readOperations(kind: SubmissionKind, operationsXdr: readonly string[]): Operation[] {
  if (operationsXdr.length === 0 || operationsXdr.length > MAX_OPERATIONS)
    throw new TypeError(`${kind}: 1 to ${MAX_OPERATIONS} operations, not ${operationsXdr.length}`);
  const operations = operationsXdr.map((xdr) => Operation.fromXdr(xdr, 'base64'));
  for (const { body, sourceAccount } of operations) {
    if (!operationsOfKind[kind]?.includes(body.type)) throw new TypeError(`${kind} may not do ${body.type}`);
    if (sourceAccount?.type !== 'keyTypeEd25519')
      throw new TypeError(`${kind}: ${body.type} has to name its source account`);
  }
  return operations;
}

export type OperationsSource = {
  keypair: Keypair;
  /** the next one */
  sequenceNumber: bigint;
  validUntilSeconds: bigint;
};

/**
 * @throws SponsorRefusal when an operation is to be a channel account's
 * @throws whatever `signaturesOf` throws
 */
export async function signedOperations(
  chain: { sponsor: Sponsor; networkPassphrase: string },
  row: Submission,
  source: OperationsSource,
  signaturesOf: SignaturesOf,
): Promise<TransactionV1Envelope> {
  const operations = readOperations(row.kind, JSON.parse(row.operations_xdr ?? '[]') as string[]);
  const channel = source.keypair.publicKey();
  const sources = new Set(operations.map((it) => String(it.sourceAccount?.toJson())));
  if (sources.has(channel))
    throw new SponsorRefusal('own-sequence-number', 'a channel account only lends its sequence number');
  const transaction = new Transaction({
    sourceAccount: MuxedAccount.fromJson(channel),
    fee: Number(INNER_INCLUSION_FEE_STROOPS) * operations.length,
    seqNum: source.sequenceNumber,
    cond: Preconditions.precondTime(new TimeBounds({ minTime: 0n, maxTime: source.validUntilSeconds })),
    memo: row.memo_xdr === null ? Memo.memoNone() : Memo.fromXdr(row.memo_xdr, 'base64'),
    operations,
    ext: TransactionExt.v0(),
  });
  const hash = transactionHash(transaction, chain.networkPassphrase);
  const signatures = [signatureOf(source.keypair, hash), ...(await signaturesOf(row, hash))];
  if (sources.has(chain.sponsor.address)) signatures.push(await chain.sponsor.signature(transaction));
  if (signatures.length > MAX_SIGNATURES)
    throw new TypeError(`${row.kind}: an envelope holds ${MAX_SIGNATURES} signatures`);
  return new TransactionV1Envelope({ tx: transaction, signatures });
}
