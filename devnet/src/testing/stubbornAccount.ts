// A contract account that nobody can sign for, assembled by hand: `__check_auth` always traps. `touch` asks the
// contract's own permission, as the admin functions of smart wallets do. What is signed, and with what, it ignores.

const I64 = 0x7e;
const FUNC_TYPE = 0x60;
/** The Val of no value. */
const VOID = 2;

const name = (text: string) => [text.length, ...new TextEncoder().encode(text)];
const section = (id: number, content: number[]) => [id, content.length, ...content];
const list = (items: number[][]) => [items.length, ...items.flat()];
const body = (code: number[]) => [code.length + 2, 0, ...code, 0x0b];
const call = (index: number) => [0x10, index];

const CURRENT_ADDRESS = 0;
const REQUIRE_AUTH = 1;
const drop = [0x1a];
const giveVoid = [0x42, VOID];
const trap = [0x00];

/** @param protocol the ledger protocol that the contract says it is made for */
export function stubbornAccount(protocol = 22): Uint8Array {
  const interfaceVersion = [0, 0, 0, 0, 0, 0, 0, protocol, 0, 0, 0, 0];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(0, [...name('contractenvmetav0'), ...interfaceVersion]),
    ...section(
      1,
      list([
        [FUNC_TYPE, 0, ...list([[I64]])],
        [FUNC_TYPE, ...list([[I64]]), ...list([[I64]])],
        [FUNC_TYPE, ...list([[I64], [I64], [I64]]), ...list([[I64]])],
      ]),
    ),
    ...section(
      2,
      list([
        [...name('x'), ...name('7'), 0, 0],
        [...name('a'), ...name('0'), 0, 1],
      ]),
    ),
    ...section(3, list([[0], [2]])),
    ...section(
      7,
      list([
        [...name('touch'), 0, 2],
        [...name('__check_auth'), 0, 3],
      ]),
    ),
    ...section(
      10,
      list([body([...call(CURRENT_ADDRESS), ...call(REQUIRE_AUTH), ...drop, ...giveVoid]), body(trap)]),
    ),
  ]);
}
