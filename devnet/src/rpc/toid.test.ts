import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeToid, encodeToid } from './toid.ts';

it('total order ids survive encoding and sort as ledger, transaction, operation', () => {
  const toid = fc.record({
    ledger: fc.nat({ max: 0x7fff_ffff }),
    transaction: fc.nat({ max: 0xf_ffff }),
    operation: fc.nat({ max: 0xfff }),
  });
  fc.assert(
    fc.property(toid, toid, (left, right) => {
      expect(decodeToid(encodeToid(left))).toEqual(left);
      const order =
        left.ledger - right.ledger ||
        left.transaction - right.transaction ||
        left.operation - right.operation;
      expect(Math.sign(order)).toBe(Math.sign(Number(encodeToid(left) - encodeToid(right))));
    }),
  );
});
