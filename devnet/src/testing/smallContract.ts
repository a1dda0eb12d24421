// A contract small enough to assemble by hand: `keep` writes a persistent entry, `temp` a temporary one, `burn` runs
// until its instructions are used up. Enough to test uploads, lifetimes and limits without a compiler.

const I64 = 0x7e;
const FUNC_TYPE = 0x60;
const PERSISTENT = 1;
const TEMPORARY = 0;
/** The Val of the number 1 as u32: the number above a tag byte of 4. */
const U32_ONE = [0x84, 0x80, 0x80, 0x80, 0x10];

const name = (text: string) => [text.length, ...new TextEncoder().encode(text)];
const section = (id: number, content: number[]) => [id, content.length, ...content];
const list = (items: number[][]) => [items.length, ...items.flat()];
const body = (code: number[]) => [code.length + 2, 0, ...code, 0x0b];

const i64Const = (leb128: number[]) => [0x42, ...leb128];
const put = (durability: number) => [
  ...i64Const(U32_ONE),
  ...i64Const(U32_ONE),
  ...i64Const([durability]),
  ...[0x10, 0],
];
const loopForever = [0x03, 0x40, 0x0c, 0, 0x0b, ...i64Const([2])];

/** @param protocol the ledger protocol that the contract says it is made for */
export function smallContract(protocol = 22): Uint8Array {
  const interfaceVersion = [0, 0, 0, 0, 0, 0, 0, protocol, 0, 0, 0, 0];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(0, [...name('contractenvmetav0'), ...interfaceVersion]),
    ...section(
      1,
      list([
        [FUNC_TYPE, ...list([[I64], [I64], [I64]]), ...list([[I64]])],
        [FUNC_TYPE, 0, ...list([[I64]])],
      ]),
    ),
    ...section(2, list([[...name('l'), ...name('_'), 0, 0]])),
    ...section(3, list([[1], [1], [1]])),
    ...section(
      7,
      list([
        [...name('keep'), 0, 1],
        [...name('temp'), 0, 2],
        [...name('burn'), 0, 3],
      ]),
    ),
    ...section(10, list([body(put(PERSISTENT)), body(put(TEMPORARY)), body(loopForever)])),
  ]);
}
