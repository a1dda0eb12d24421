// The steps of a submission against a network node that answers badly. A real chain stands behind them in e2e/; here it
// is a table of answers, because what matters is what no healthy node says.

import { LatchkeyError } from '@latchkey/sdk/api';
import {
  buildTransaction,
  factoryCalls,
  invokeHostFunction,
  type Rpc,
  type RpcMethods,
  tokenCalls,
} from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import {
  AccountEntry,
  AccountEntryExt,
  HostFunction,
  LedgerEntryData,
  SorobanAuthorizationEntry,
  TransactionEnvelope,
  TransactionV1Envelope,
} from '@stellar/stellar-sdk/xdr';
import { describe, expect, it } from 'vitest';
import { queuedSubmission, type Submission } from '../db/submissions.ts';
import { type Chain, ENVELOPE_VALIDITY_SECONDS, look, prepare, send } from './attempt.ts';
import { bumpFeeStroops } from './bids.ts';
import { createSponsor } from './sponsor.ts';

const sponsorKey = Keypair.fromRawEd25519Seed(Buffer.alloc(32, 1));
const channelKey = Keypair.fromRawEd25519Seed(Buffer.alloc(32, 2));
const source = { keypair: channelKey, sequence: 6n };
const sponsorAddress = sponsorKey.publicKey();
const networkPassphrase = 'a network of answers';
const wallet = 'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC';
const transfer = tokenCalls.transfer(wallet, wallet, sponsorAddress, 5n);
const VALID_UNTIL = 1_000_000;

/** Intake errors as stellar-core encodes them (TransactionResult, base64). */
const errorResult = {
  badSeq: 'AAAAAAAAAGT////7AAAAAA==',
  insufficientBalance: 'AAAAAAAAAGT////5AAAAAA==',
  insufficientFee: 'AAAAAAAAAGT////3AAAAAA==',
  tooLate: 'AAAAAAAAAGT////9AAAAAA==',
};

type Answers = { [M in keyof RpcMethods]?: () => RpcMethods[M]['result'] };

function accountXdr(sequence: bigint): string {
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
function chain(answers: Answers, channelSequence = 7n): Chain {
  const account = { key: '', xdr: accountXdr(channelSequence), lastModifiedLedgerSeq: 1 };
  const all: Answers = {
    getLedgerEntries: () => ({ entries: [account], latestLedger: 50 }),
    getFeeStats: () => ({ sorobanInclusionFee: { p50: '100', p90: '100', max: '100' } }),
    ...answers,
  };
  const rpc: Rpc = {
    url: 'http://node.example',
    async call(method) {
      const answer = all[method];
      if (!answer) throw new LatchkeyError('NETWORK_UNAVAILABLE', { details: { method } });
      return answer() as never;
    },
  };
  return {
    rpc,
    factoryId: wallet,
    networkPassphrase,
    confirmNetwork: async () => {},
    sponsor: createSponsor(rpc, sponsorKey.secret(), networkPassphrase),
  };
}

const inner = buildTransaction({
  source: channelKey.publicKey(),
  sequenceNumber: 7n,
  feeStroops: 100,
  validUntilSeconds: BigInt(VALID_UNTIL),
  body: invokeHostFunction(transfer, []),
});
const firstBid = await chain({}).sponsor.feeBump(
  new TransactionV1Envelope({ tx: inner, signatures: [] }),
  bumpFeeStroops(inner, 100n),
);

function sentRow(change: Partial<Submission> = {}): Submission {
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

const feeOf = (envelopeXdr: string | null | undefined) => {
  const envelope = TransactionEnvelope.fromXdr(envelopeXdr!, 'base64');
  return envelope.type === 'envelopeTypeTxFeeBump' ? envelope.value.tx.fee : null;
};

function signedEntryXdr(): string {
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

const notFound = (time: { latest: number; oldest: number; latestLedger?: number }) => ({
  status: 'NOT_FOUND' as const,
  latestLedger: time.latestLedger ?? 60,
  latestLedgerCloseTime: String(time.latest),
  oldestLedger: 1,
  oldestLedgerCloseTime: String(time.oldest),
});
const refused = (errorResultXdr: string) => () => ({
  status: 'ERROR' as const,
  hash: '',
  latestLedger: 60,
  latestLedgerCloseTime: '0',
  errorResultXdr,
});
const unsent = { state: 'queued', channel: null, envelope_xdr: null, hash: null, valid_until_seconds: null };

describe('a sent envelope that the node does not know', () => {
  it('is waited for while a ledger may still include it', async () => {
    const node = chain({ getTransaction: () => notFound({ latest: VALID_UNTIL, oldest: 0 }) });
    expect(await look(node, sentRow())).toBeNull();
  });

  it('is offered ten times as much for after two ledgers, and no more than its ceiling allows', async () => {
    const after = (latestLedger: number) =>
      chain({
        getTransaction: () => notFound({ latest: VALID_UNTIL, oldest: 0, latestLedger }),
        getFeeStats: () => ({ sorobanInclusionFee: { p50: '100', p90: '100', max: '500' } }),
      });
    expect(await look(after(61), sentRow())).toBeNull();
    const step = await look(after(62), sentRow());
    expect(step).toMatchObject({ bids: 2, bid_at_ledger: 62 });
    expect(feeOf(step?.envelope_xdr)).toBe(2_000n);
    expect(await look(after(62), sentRow({ max_fee_stroops: '1999' }))).toEqual({ bid_at_ledger: 62 });
  });

  it('is not offered more for while nobody pays more, until a node would drop it', async () => {
    const after = (latestLedger: number) =>
      chain({ getTransaction: () => notFound({ latest: VALID_UNTIL, oldest: 0, latestLedger }) });
    expect(await look(after(62), sentRow())).toBeNull();
    expect(await look(after(63), sentRow())).toMatchObject({ bids: 2, bid_at_ledger: 63 });
  });

  it('fails once its time has passed when only its owner could sign it again', async () => {
    const node = chain({ getTransaction: () => notFound({ latest: VALID_UNTIL + 1, oldest: 0 }) });
    expect(await look(node, sentRow({ signed_xdr: 'AAAA' }))).toMatchObject({
      state: 'failed',
      error_code: 'TRANSACTION_EXPIRED',
    });
  });

  it('is given up once its time has passed and the node remembers all of it', async () => {
    const oldest = VALID_UNTIL - Number(ENVELOPE_VALIDITY_SECONDS);
    const node = chain({ getTransaction: () => notFound({ latest: VALID_UNTIL + 1, oldest }) });
    expect(await look(node, sentRow())).toEqual(unsent);
  });

  describe('when the node has forgotten the time in question', () => {
    const forgetful = () => notFound({ latest: VALID_UNTIL + 900, oldest: VALID_UNTIL + 100 });
    const nonce =
      (entries: RpcMethods['getLedgerEntries']['result']['entries'], latestLedger: number) => () => ({
        entries,
        latestLedger,
      });

    it('was included if its nonce is used', async () => {
      const used = { key: '', xdr: '', lastModifiedLedgerSeq: 1 };
      const node = chain({ getTransaction: forgetful, getLedgerEntries: nonce([used], 90) });
      expect(await look(node, sentRow())).toEqual({ state: 'confirmed' });
    });

    it('was not included if its nonce is unused and would still be there', async () => {
      const node = chain({ getTransaction: forgetful, getLedgerEntries: nonce([], 99) });
      expect(await look(node, sentRow())).toEqual(unsent);
    });

    it('has an unknown outcome once the nonce would be gone too, and never "nothing was moved"', async () => {
      const node = chain({ getTransaction: forgetful, getLedgerEntries: nonce([], 100) });
      const step = await look(node, sentRow());
      expect(step).toMatchObject({ state: 'failed', error_code: 'OUTCOME_UNKNOWN' });
      expect(step?.error_message).not.toContain('Nothing was moved');
    });

    it('is simply made again when nobody signed it', async () => {
      const node = chain({ getTransaction: forgetful });
      const deployment = factoryCalls.deploy(wallet, new Uint8Array(32), {
        signers: [],
        adminThreshold: 1,
        recovery: null,
      });
      const row = sentRow({ kind: 'deploy', host_function_xdr: deployment.toXdr('base64'), auth_xdr: '[]' });
      expect(await look(node, row)).toEqual(unsent);
    });
  });
});

describe('sending', () => {
  it('fails when the sponsor cannot pay', async () => {
    const node = chain({ sendTransaction: refused(errorResult.insufficientBalance) });
    expect(await send(node, sentRow(), true)).toMatchObject({
      state: 'failed',
      error_code: 'FEE_ABOVE_LIMIT',
    });
  });

  it('offers more when the node wants more, and fails at the ceiling', async () => {
    const node = chain({ sendTransaction: refused(errorResult.insufficientFee) });
    const step = await send(node, sentRow(), true);
    expect(feeOf(step?.envelope_xdr)).toBe(2_000n);
    expect(await send(node, sentRow({ max_fee_stroops: '1999' }), true)).toMatchObject({
      state: 'failed',
      error_code: 'FEE_ABOVE_LIMIT',
    });
  });

  it.each(Object.values(errorResult).filter((xdr) => xdr !== errorResult.badSeq))(
    'goes on waiting when a repeated sending is refused (%s): another node may hold the first',
    async (xdr) => {
      expect(await send(chain({ sendTransaction: refused(xdr) }), sentRow(), false)).toBeNull();
    },
  );

  it('waits when the sequence number is used and the envelope may be the one that used it', async () => {
    const node = chain({
      sendTransaction: refused(errorResult.badSeq),
      getTransaction: () => notFound({ latest: 0, oldest: 0, latestLedger: 49 }),
    });
    expect(await send(node, sentRow(), false)).toBeNull();
  });

  it('makes another envelope when a ledger after that shows that another transaction used the number', async () => {
    const node = chain({
      sendTransaction: refused(errorResult.badSeq),
      getTransaction: () => notFound({ latest: 0, oldest: 0, latestLedger: 50 }),
    });
    expect(await send(node, sentRow(), false)).toEqual(unsent);
  });

  it('waits when its number is still to come', async () => {
    const node = chain(
      {
        sendTransaction: refused(errorResult.badSeq),
        getTransaction: () => notFound({ latest: 0, oldest: 0 }),
      },
      5n,
    );
    expect(await send(node, sentRow(), false)).toBeNull();
  });

  it('lets an unreachable node be an error, not an answer', async () => {
    await expect(send(chain({}), sentRow(), true)).rejects.toThrow(
      expect.objectContaining({ code: 'NETWORK_UNAVAILABLE' }),
    );
  });
});

describe('preparing', () => {
  const queued = (change: Partial<Submission> = {}) =>
    sentRow({ state: 'queued', envelope_xdr: null, hash: null, valid_until_seconds: null, ...change });
  const latest = (sequence: number) => () => ({ sequence, protocolVersion: 30, closeTime: '1000' });

  it('fails once the approval has expired', async () => {
    const step = await prepare(chain({ getLatestLedger: latest(100) }), queued(), source);
    expect(step).toMatchObject({ state: 'failed', error_code: 'TRANSACTION_EXPIRED' });
  });

  it('fails after as many envelopes as are made at most', async () => {
    expect(await prepare(chain({}), queued({ attempts: 5 }), source)).toMatchObject({
      error_code: 'TRANSACTION_EXPIRED',
    });
  });

  it('asks nothing of a network that is not the configured one', async () => {
    const node = chain({ getLatestLedger: latest(1) });
    const wrong = { ...node, confirmNetwork: () => Promise.reject(new Error('another network')) };
    await expect(prepare(wrong, queued(), source)).rejects.toThrow('another network');
  });

  it('fails when simulation refuses, in words', async () => {
    const node = chain({
      getLatestLedger: latest(1),
      simulateTransaction: () => ({ latestLedger: 1, error: 'HostError: Error(Contract, #10)\n\nEvent log' }),
    });
    expect(await prepare(node, queued(), source)).toMatchObject({
      state: 'failed',
      error_code: 'TRANSACTION_FAILED',
      error_message: 'The wallet does not hold that much.',
    });
  });

  it('does not sponsor a call of another kind', async () => {
    const other = HostFunction.hostFunctionTypeUploadContractWasm(new Uint8Array(8));
    const step = await prepare(chain({}), queued({ host_function_xdr: other.toXdr('base64') }), source);
    expect(step).toMatchObject({ state: 'failed', error_message: expect.stringContaining('Not sponsored') });
  });
});
