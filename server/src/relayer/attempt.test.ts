// The steps of a submission against a network node that answers badly. A real chain stands behind them in e2e/; here it
// is a table of answers, because what matters is what no healthy node says.
import { factoryCalls, type RpcMethods } from '@latchkey/sdk/chain';
import { HostFunction } from '@stellar/stellar-sdk/xdr';
import { describe, expect, it } from 'vitest';
import type { Submission } from '../db/submissions.ts';
import {
  chain,
  errorResult,
  feeOf,
  feeStats,
  notFound,
  refused,
  sentRow,
  source,
  unsent,
  VALID_UNTIL,
  wallet,
} from '../testing/answeringNode.ts';
import { ENVELOPE_VALIDITY_SECONDS, look, prepare, send } from './attempt.ts';

describe('a sent envelope that the node does not know', () => {
  it('is waited for while a ledger may still include it', async () => {
    const node = chain({ getTransaction: () => notFound({ latest: VALID_UNTIL, oldest: 0 }) });
    expect(await look(node, sentRow())).toBeNull();
  });

  it('is offered ten times as much for after two ledgers, and no more than its ceiling allows', async () => {
    const after = (latestLedger: number) =>
      chain({
        getTransaction: () => notFound({ latest: VALID_UNTIL, oldest: 0, latestLedger }),
        getFeeStats: () => feeStats('500'),
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
      expect(await look(node, sentRow())).toEqual({ state: 'confirmed', hash: null });
    });

    it('was not included if its nonce is unused and would still be there', async () => {
      const node = chain({ getTransaction: forgetful, getLedgerEntries: nonce([], 99) });
      expect(await look(node, sentRow())).toEqual(unsent);
    });

    it('is asked for again where a node that is behind says that its nonce is unused', async () => {
      const node = chain({ getTransaction: forgetful, getLedgerEntries: nonce([], 59) });
      expect(await look(node, sentRow())).toBeNull();
    });

    it('has an unknown outcome once the nonce would be gone too, and never "nothing was moved"', async () => {
      const node = chain({ getTransaction: forgetful, getLedgerEntries: nonce([], 100) });
      const step = await look(node, sentRow());
      expect(step).toMatchObject({ state: 'failed', error_code: 'OUTCOME_UNKNOWN' });
      expect(step?.error_message).not.toContain('Nothing was moved');
    });

    describe('and it is of operations', () => {
      const operations = { operations_xdr: '[]', auth_xdr: '[]', kind: 'withdraw-settlement' as const };

      const asOf = (latestLedger: number) => () => ({ ...forgetful(), latestLedger });

      it('was not included if the sequence number of its account is unused', async () => {
        const node = chain({ getTransaction: asOf(50) }, 6n);
        expect(await look(node, sentRow(operations))).toEqual(unsent);
      });

      it('is asked for again where a node that is behind says so', async () => {
        expect(await look(chain({ getTransaction: asOf(51) }, 6n), sentRow(operations))).toBeNull();
      });

      it('has an unknown outcome if that number is used, and is never made again', async () => {
        const node = chain({ getTransaction: forgetful }, 7n);
        expect(await look(node, sentRow(operations))).toMatchObject({
          state: 'failed',
          error_code: 'OUTCOME_UNKNOWN',
        });
      });
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

  it('waits when its number is used and the node has forgotten when that may have been', async () => {
    const node = chain({
      sendTransaction: refused(errorResult.badSeq),
      getTransaction: () =>
        notFound({ latest: VALID_UNTIL - 10, oldest: VALID_UNTIL - 20, latestLedger: 50 }),
    });
    expect(await send(node, sentRow(), false)).toBeNull();
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
    const step = await prepare(chain({ getLatestLedger: latest(100) }), queued({ attempts: 0 }), source);
    expect(step).toMatchObject({ state: 'failed', error_code: 'TRANSACTION_EXPIRED' });
  });

  it('fails after as many envelopes as are made at most', async () => {
    expect(await prepare(chain({}), queued({ attempts: 5, auth_xdr: '[]' }), source)).toMatchObject({
      error_code: 'TRANSACTION_EXPIRED',
    });
  });

  it('pauses after as many, ever longer, while others may include what was signed', async () => {
    const pauseMs = async (attempts: number) => {
      const step = await prepare(chain({}), queued({ attempts }), source, { nowMs: () => 1_000 });
      expect(step).toMatchObject({ state: 'queued', channel: null });
      return step!.not_before! - 1_000;
    };
    expect([await pauseMs(5), await pauseMs(6), await pauseMs(30)]).toEqual([60_000, 120_000, 3_600_000]);
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
    expect(await prepare(node, queued({ attempts: 0 }), source)).toMatchObject({
      state: 'failed',
      error_code: 'TRANSACTION_FAILED',
      error_message: 'The wallet does not hold that much.',
    });
  });

  it('does not sponsor a call of another kind', async () => {
    const other = HostFunction.hostFunctionTypeUploadContractWasm(new Uint8Array(8));
    const row = queued({ host_function_xdr: other.toXdr('base64'), attempts: 0 });
    const step = await prepare(chain({}), row, source);
    expect(step).toMatchObject({ state: 'failed', error_message: expect.stringContaining('Not sponsored') });
  });
});
