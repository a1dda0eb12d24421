// Contract values (ScVal) in the shapes that `#[contracttype]` gives them, written and read back: a struct is a map
// with its field names as sorted symbols, an enum variant a vector of its name and what it carries, an absent option a
// void. The strict readers throw when a value has another shape; the lenient ones at the end answer null.
import { Int128Parts, ScMapEntry, ScVal } from '@stellar/stellar-sdk/xdr';
import { LatchkeyError } from '../api/errors.ts';
import { scValToAddress } from './address.ts';

const TWO_64 = 1n << 64n;

export const scSymbol = (name: string) => ScVal.scvSymbol(name);
export const scBytes = (bytes: Uint8Array) => ScVal.scvBytes(bytes);
export const scU32 = (value: number) => ScVal.scvU32(value);
export const scU64 = (value: bigint) => ScVal.scvU64(value);
export const scVec = (values: ScVal[]) => ScVal.scvVec(values);
export const scI128 = (value: bigint) =>
  ScVal.scvI128(new Int128Parts({ hi: value >> 64n, lo: BigInt.asUintN(64, value) }));

export function scStruct(fields: Record<string, ScVal>): ScVal {
  return ScVal.scvMap(
    Object.keys(fields)
      .sort()
      .map((name) => new ScMapEntry({ key: scSymbol(name), val: fields[name]! })),
  );
}

/** A variant without `value` carries nothing. */
export function scVariant(name: string, value?: ScVal): ScVal {
  return scVec(value === undefined ? [scSymbol(name)] : [scSymbol(name), value]);
}

export function scOption<T>(value: T | null, write: (value: T) => ScVal): ScVal {
  return value === null ? ScVal.scvVoid() : write(value);
}

/** For a value that no Latchkey contract answers with. */
export function unexpectedValue(what: string): LatchkeyError {
  return new LatchkeyError('SIMULATION_FAILED', {
    message: 'The contract answered with something that Latchkey does not know.',
    details: { what },
  });
}

/** @throws LatchkeyError SIMULATION_FAILED, like all of the readers */
export function readU32(value: ScVal): number {
  if (value.type !== 'scvU32') throw unexpectedValue('u32');
  return value.value;
}

export function readU64(value: ScVal): bigint {
  if (value.type !== 'scvU64') throw unexpectedValue('u64');
  return value.value;
}

export function readBytes(value: ScVal): Uint8Array {
  if (value.type !== 'scvBytes') throw unexpectedValue('bytes');
  return value.value.value;
}

export function readString(value: ScVal): string {
  if (value.type !== 'scvString') throw unexpectedValue('string');
  return String(value.value);
}

export function readAddress(value: ScVal): string {
  const address = scValToAddress(value);
  if (address === null) throw unexpectedValue('address');
  return address;
}

export function readVec<T>(value: ScVal, read: (element: ScVal) => T): T[] {
  if (value.type !== 'scvVec' || !value.value) throw unexpectedValue('vector');
  return value.value.map(read);
}

export function readOption<T>(value: ScVal, read: (value: ScVal) => T): T | null {
  return value.type === 'scvVoid' ? null : read(value);
}

/** The value of a field that has to be there. */
export function readField(value: ScVal, field: string): ScVal {
  const found = structField(value, field);
  if (found === undefined) throw unexpectedValue(field);
  return found;
}

export function readVariant(value: ScVal): { name: string; value: ScVal | undefined } {
  const [name, carried, ...others] = readVec(value, (element) => element);
  if (name?.type !== 'scvSymbol' || others.length > 0) throw unexpectedValue('variant');
  return { name: String(name.value), value: carried };
}

export function scValToI128(value: ScVal | undefined): bigint | null {
  return value?.type === 'scvI128' ? value.value.hi * TWO_64 + value.value.lo : null;
}

/** Value of a struct's field, or undefined. */
export function structField(value: ScVal, field: string): ScVal | undefined {
  if (value.type !== 'scvMap' || !value.value) return undefined;
  return value.value.find((entry) => entry.key.type === 'scvSymbol' && String(entry.key.value) === field)
    ?.val;
}
