import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader, FrameWriter } from './engineFrame.ts';

const bytes = fc.uint8Array({ maxLength: 5000 });
const u32 = fc.nat({ max: 0xffff_fffe });

describe('engine frames', () => {
  it('read back what was written, whatever its size', () => {
    fc.assert(
      fc.property(
        u32,
        bytes,
        fc.array(bytes, { maxLength: 5 }),
        fc.bigInt(0n, 2n ** 64n - 1n),
        (n, one, many, big) => {
          const frame = new FrameWriter().u32(n).bytes(one).list(many).u64(big).frame();
          const reader = new FrameReader(frame);
          expect(reader.u32()).toBe(n);
          expect(reader.bytes()).toEqual(one);
          expect(reader.list()).toEqual(many);
          expect(reader.u64()).toBe(big);
        },
      ),
    );
  });

  it('refuse to read past the end', () => {
    const frame = new FrameWriter().bytes(new Uint8Array(10)).frame();
    expect(() => new FrameReader(frame.subarray(0, 8)).bytes()).toThrow(RangeError);
  });
});
