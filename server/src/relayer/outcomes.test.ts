// What may be called failed: nothing that somebody else's transaction has done, or may still do unsaid.
import { describe, expect, it } from 'vitest';
import { chain, errorResult, refused, sentRow } from '../testing/answeringNode.ts';
import { look, send } from './attempt.ts';

const FAILED_AT = 61;
const inLedger = () => ({
  status: 'FAILED' as const,
  latestLedger: FAILED_AT,
  latestLedgerCloseTime: '0',
  oldestLedger: 1,
  oldestLedgerCloseTime: '0',
  ledger: FAILED_AT,
  createdAt: '1',
});
const nonces = (entries: 'used' | 'unused', latestLedger: number) => () => ({
  entries: entries === 'used' ? [{ key: '', xdr: '', lastModifiedLedgerSeq: 1 }] : [],
  latestLedger,
});
const node = (getLedgerEntries: ReturnType<typeof nonces>) =>
  chain({ getTransaction: inLedger, getLedgerEntries });

describe('a transaction that failed in a ledger', () => {
  it('is a confirmed submission without a transaction when its nonce is used', async () => {
    expect(await look(node(nonces('used', FAILED_AT)), sentRow())).toMatchObject({
      state: 'confirmed',
      hash: null,
      ledger: null,
    });
  });

  it('failed when its nonce is unused, and it is said for how long that may change', async () => {
    const step = await look(node(nonces('unused', FAILED_AT)), sentRow());
    expect(step).toMatchObject({ state: 'failed', error_code: 'TRANSACTION_FAILED', ledger: FAILED_AT });
    expect(step?.error_message).toContain('Nothing was moved so far.');
    expect(step?.error_message).toContain('until ledger 100');
  });

  it('is asked about again when the node that was asked for the nonce is behind', async () => {
    expect(await look(node(nonces('unused', FAILED_AT - 1)), sentRow())).toBeNull();
  });

  it('has an unknown outcome when the nonce would be gone', async () => {
    const step = await look(node(nonces('unused', 100)), sentRow());
    expect(step).toMatchObject({ state: 'failed', error_code: 'OUTCOME_UNKNOWN', ledger: FAILED_AT });
  });

  it('simply failed when nobody had signed anything', async () => {
    const step = await look(node(nonces('unused', FAILED_AT)), sentRow({ auth_xdr: '[]' }));
    expect(step?.error_message).toMatch(/Nothing was moved\.$/);
  });
});

it('a refused sending is a confirmed submission when its nonce is used', async () => {
  const refusing = chain({
    sendTransaction: refused(errorResult.insufficientBalance),
    getLedgerEntries: nonces('used', 60),
  });
  expect(await send(refusing, sentRow(), true)).toMatchObject({ state: 'confirmed', hash: null });
});
