import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AppliedTransaction, type ClosedLedger, closedLedger, EMPTY_CONTENT } from './closedLedger.ts';
import { History, MAX_LEDGERS } from './history.ts';

const transaction = (hash: string, bytes = 0): AppliedTransaction => ({
  hash,
  innerHash: null,
  isSuccess: true,
  isSoroban: false,
  inclusionFeeStroops: 100n,
  envelopeXdr: new Uint8Array(bytes),
  resultXdr: new Uint8Array(),
  metaXdr: new Uint8Array(),
  feeChangesXdr: new Uint8Array(),
  refundChangesXdr: new Uint8Array(),
});

const first = closedLedger({ sequence: 1, closeTimeSeconds: 0, protocolVersion: 30 }, null, EMPTY_CONTENT);
const ledger = (sequence: number, closeTimeSeconds: number, bytes = 0): ClosedLedger => ({
  ...first,
  sequence,
  closeTimeSeconds,
  transactions: [transaction(`hash ${sequence}`, bytes)],
});

describe('history', () => {
  it('knows every ledger from the oldest to the latest, at times that never go back', () => {
    const step = fc.record({
      isEmpty: fc.boolean(),
      ledgers: fc.integer({ min: 1, max: 20 }),
      seconds: fc.integer({ min: 0, max: 100 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const history = new History();
        history.add(ledger(1, 0));
        const known = new Map([[1, 0]]);
        let [sequence, time] = [1, 0];
        for (const { isEmpty, ledgers, seconds } of steps) {
          sequence += isEmpty ? ledgers : 1;
          time += seconds;
          if (isEmpty) history.addEmpty({ sequence, closeTimeSeconds: time });
          else history.add(ledger(sequence, time));
          known.set(sequence, time);
        }
        let before = 0;
        for (let at = 1; at <= sequence; at++) {
          const found = history.at(at)!;
          expect(found.sequence).toBe(at);
          expect(found.closeTimeSeconds).toBeGreaterThanOrEqual(before);
          if (known.has(at)) expect(found.closeTimeSeconds).toBe(known.get(at));
          before = found.closeTimeSeconds;
        }
        expect(history.at(sequence + 1)).toBeUndefined();
        expect(history.at(0)).toBeUndefined();
      }),
    );
  });

  it('works out the times in a gap that it knows nothing of', () => {
    const history = new History();
    history.add(ledger(10, 1_000));
    history.add(ledger(14, 1_020));
    expect([11, 12, 13].map((sequence) => history.at(sequence)!.closeTimeSeconds)).toEqual([
      1_005, 1_010, 1_015,
    ]);
  });

  it('forgets the oldest ledgers beyond its number, and their transactions with them', () => {
    const history = new History();
    for (let sequence = 1; sequence <= MAX_LEDGERS + 2; sequence++) history.add(ledger(sequence, sequence));
    expect([history.size, history.oldest.sequence]).toEqual([MAX_LEDGERS, 3]);
    expect(history.byTransactionHash('hash 2')).toBeUndefined();
    expect(history.byTransactionHash('hash 3')!.ledger.sequence).toBe(3);
    history.add(ledger(MAX_LEDGERS + 3, MAX_LEDGERS + 3));
    expect(history.byTransactionHash('hash 3')).toBeUndefined();
  });

  it('forgets the oldest ledgers beyond its size, but never the latest', () => {
    const mebibyte = 1024 * 1024;
    const history = new History();
    for (let sequence = 1; sequence <= 5; sequence++) history.add(ledger(sequence, sequence, 100 * mebibyte));
    expect([history.size, history.oldest.sequence]).toEqual([2, 4]);
    history.add(ledger(6, 6, 300 * mebibyte));
    expect([history.size, history.oldest.sequence]).toEqual([1, 6]);
  });

  it('is the same in a copy, which goes its own way', () => {
    const history = new History();
    history.add(ledger(1, 0));
    history.addEmpty({ sequence: 5, closeTimeSeconds: 20 });
    const copy = history.copy();
    history.add(ledger(6, 21));
    expect(copy.byTransactionHash('hash 1')).toBeDefined();
    expect(copy.byTransactionHash('hash 6')).toBeUndefined();
    expect(copy.at(3)).toEqual(history.at(3));
    expect(copy.at(6)).toBeUndefined();
  });
});
