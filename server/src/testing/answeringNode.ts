// A network node that is a table of answers, and a submission that was sent to it, for tests of what no healthy node says.
import { LatchkeyError } from '@latchkey/sdk/api';
import {
  buildTransaction,
  invokeHostFunction,
  type Rpc,
  type RpcMethods,
  tokenCalls,
} from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import {
  AccountEntry,
  AccountEntryExt,
  LedgerEntryData,
  SorobanAuthorizationEntry,
  TransactionEnvelope,
  TransactionV1Envelope,
} from '@stellar/stellar-sdk/xdr';
import { queuedSubmission, type Submission } from '../db/submissions.ts';
import type { Chain } from '../relayer/attempt.ts';
import { bumpFeeStroops } from '../relayer/bids.ts';
import { accountKey, createSponsor } from '../relayer/sponsor.ts';

export const sponsorKey = Keypair.fromRawEd25519Seed(Buffer.alloc(32, 1));
export const channelKey = Keypair.fromRawEd25519Seed(Buffer.alloc(32, 2));
export const source = { keypair: channelKey, sequence: 6n };
export const sponsorAddress = sponsorKey.publicKey();
export const networkPassphrase = 'a network of answers';
export const wallet = 'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC';
export const transfer = tokenCalls.transfer(wallet, wallet, sponsorAddress, 5n);
export const VALID_UNTIL = 1_000_000;

/** Intake errors as stellar-core encodes them (TransactionResult, base64). */
export const errorResult = {
  badSeq: 'AAAAAAAAAGT////7AAAAAA==',
  insufficientBalance: 'AAAAAAAAAGT////5AAAAAA==',
  insufficientFee: 'AAAAAAAAAGT////3AAAAAA==',
  tooLate: 'AAAAAAAAAGT////9AAAAAA==',
};

export const feeStats = (max: string) => {
  const rates = { p50: '100', p90: '100', max };
  return { sorobanInclusionFee: rates, inclusionFee: rates };
};

export type Answers = {
  [M in keyof RpcMethods]?: (params?: RpcMethods[M]['params']) => RpcMethods[M]['result'];
};

export function accountXdr(sequence: bigint): string {
  const account = new AccountEntry({
    accountId: channelKey.xdrAccountId(),
    balance: 0n,
    seqNum: sequence,
    numSubEntries: 0,
    inflationDest: null,
    flags: 0,
    homeDomain: '',
    thresholds: new Uint8Array([1, 0, 0, 0]),
    signers: [],
    ext: AccountEntryExt.v0(),
  });
  return LedgerEntryData.account(account).toXdr('base64');
}

/** @param channelSequence of the channel account, as of ledger 50 */
export function chain(answers: Answers, channelSequence = 7n): Chain {
  const account = { key: '', xdr: accountXdr(channelSequence), lastModifiedLedgerSeq: 1 };
  const all: Answers = {
    getLedgerEntries: (params) => {
      const isAccount = params?.keys[0] === accountKey(channelKey).toXdr('base64');
      return isAccount ? { entries: [account], latestLedger: 50 } : { entries: [], latestLedger: 60 };
    },
    getFeeStats: () => feeStats('100'),
    ...answers,
  };
  const rpc: Rpc = {
    url: 'http://node.example',
    async call(method, params) {
      const answer = all[method];
      if (!answer) throw new LatchkeyError('NETWORK_UNAVAILABLE', { details: { method } });
      return answer(params) as never;
    },
  };
  return {
    rpc,
    factoryId: wallet,
    nativeTokenId: wallet,
    networkPassphrase,
    confirmNetwork: async () => {},
    sponsor: createSponsor(rpc, sponsorKey.secret(), networkPassphrase),
  };
}

export const inner = buildTransaction({
  source: channelKey.publicKey(),
  sequenceNumber: 7n,
  feeStroops: 100,
  validUntilSeconds: BigInt(VALID_UNTIL),
  body: invokeHostFunction(transfer, []),
});
export const firstBid = await chain({}).sponsor.feeBump(
  new TransactionV1Envelope({ tx: inner, signatures: [] }),
  bumpFeeStroops(inner, 100n),
);

export function sentRow(change: Partial<Submission> = {}): Submission {
  const submission = {
    id: 'row',
    kind: 'transfer' as const,
    accountId: 'account',
    hostFunctionXdr: transfer.toXdr('base64'),
    authXdr: [signedEntryXdr()],
    authExpiresAtLedger: 100,
    maxFeeStroops: 10_000_000n,
    mayRestore: true,
  };
  return {
    ...queuedSubmission(submission, 0),
    state: 'sent',
    channel: channelKey.publicKey(),
    envelope_xdr: firstBid,
    hash: 'ab'.repeat(32),
    valid_until_seconds: VALID_UNTIL,
    attempts: 1,
    bids: 1,
    bid_at_ledger: 60,
    ...change,
  };
}

export const feeOf = (envelopeXdr: string | null | undefined) => {
  const envelope = TransactionEnvelope.fromXdr(envelopeXdr!, 'base64');
  return envelope.type === 'envelopeTypeTxFeeBump' ? envelope.value.tx.fee : null;
};

export function signedEntryXdr(): string {
  const entry = SorobanAuthorizationEntry.fromJson({
    credentials: {
      address: { address: wallet, nonce: '5', signature_expiration_ledger: 100, signature: { bytes: '00' } },
    },
    root_invocation: {
      function: { contract_fn: { contract_address: wallet, function_name: 'transfer', args: [] } },
      sub_invocations: [],
    },
  });
  return entry.toXdr('base64');
}

export const notFound = (time: { latest: number; oldest: number; latestLedger?: number }) => ({
  status: 'NOT_FOUND' as const,
  latestLedger: time.latestLedger ?? 60,
  latestLedgerCloseTime: String(time.latest),
  oldestLedger: 1,
  oldestLedgerCloseTime: String(time.oldest),
});
export const refused = (errorResultXdr: string) => () => ({
  status: 'ERROR' as const,
  hash: '',
  latestLedger: 60,
  latestLedgerCloseTime: '0',
  errorResultXdr,
});
export const unsent = {
  state: 'queued',
  channel: null,
  envelope_xdr: null,
  hash: null,
  valid_until_seconds: null,
  not_before: 0,
};
