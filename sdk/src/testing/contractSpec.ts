// The specification of a built contract (SEP-48), for tests: its functions and errors, and where a value departs from
// the type that the specification gives it. Knows the types that Latchkey's contracts use and refuses all others.
import { readFileSync } from 'node:fs';
import { ScSpecEntry, type ScVal } from '@stellar/stellar-sdk/xdr';
import { bytesToHex } from '../chain/bytes.ts';

/** A type as SEP-51 writes it. */
export type SpecType =
  | string
  | { bytes_n: { n: number } }
  | { option: { value_type: SpecType } }
  | { result: { ok_type: SpecType } }
  | { vec: { element_type: SpecType } }
  | { map: { key_type: SpecType; value_type: SpecType } }
  | { udt: { name: string } };

type Field = { name: string; type: SpecType };
type Case = { void_v0?: { name: string }; tuple_v0?: { name: string; type: SpecType[] } };
type Numbered = { name: string; value: number };
type SpecEntryJson = {
  function_v0?: { name: string; inputs: Field[]; outputs: SpecType[] };
  udt_struct_v0?: { name: string; fields: Field[] };
  udt_union_v0?: { name: string; cases: Case[] };
  udt_enum_v0?: { name: string; cases: Numbered[] };
  udt_error_enum_v0?: { name: string; cases: Numbered[] };
  event_v0?: { prefix_topics: string[]; params: (Field & { location: 'data' | 'topic_list' })[] };
};

export type ContractSpec = {
  functions: Map<string, { inputs: Field[]; output: SpecType | undefined }>;
  /** name by number */
  errors: Map<number, string>;
  enums: Map<string, Numbered[]>;
  /** topics after the name and fields of the value, by the event's name */
  events: Map<string, { topics: Field[]; data: Field[] }>;
  /** The first place where the value is not of the type, with what it should be; null when it is. */
  departure(value: ScVal, type: SpecType, at?: string): string | null;
};

/** XDR entries stand one after another without a length: the shortest prefix that decodes is the first. */
function readFirst(bytes: Uint8Array): ScSpecEntry {
  for (let length = 4; length <= bytes.length; length += 4) {
    try {
      return ScSpecEntry.fromXdr(bytes.slice(0, length));
    } catch {
      // too short still
    }
  }
  throw new Error('no entry');
}

async function entriesOf(wasm: Uint8Array<ArrayBuffer>): Promise<ScSpecEntry[]> {
  const [section] = WebAssembly.Module.customSections(await WebAssembly.compile(wasm), 'contractspecv0');
  const entries: ScSpecEntry[] = [];
  let rest = new Uint8Array(section!);
  while (rest.length > 0) {
    const entry = readFirst(rest);
    entries.push(entry);
    rest = rest.slice(entry.toXdr().length);
  }
  return entries;
}

const PRIMITIVES: Record<string, ScVal['type']> = {
  u32: 'scvU32',
  u64: 'scvU64',
  bytes: 'scvBytes',
  string: 'scvString',
  symbol: 'scvSymbol',
  address: 'scvAddress',
  void: 'scvVoid',
};

/** @param name of a file in contracts/wasm, without its ending */
export async function contractSpec(name: string): Promise<ContractSpec> {
  const file = new URL(`../../../contracts/wasm/${name}.wasm`, import.meta.url);
  const spec: ContractSpec = {
    functions: new Map(),
    errors: new Map(),
    enums: new Map(),
    events: new Map(),
    departure,
  };
  const structs = new Map<string, Field[]>();
  const unions = new Map<string, Case[]>();
  for (const entry of await entriesOf(new Uint8Array(readFileSync(file)))) {
    const json = entry.toJson() as SpecEntryJson;
    const { function_v0, udt_struct_v0, udt_union_v0, udt_enum_v0, udt_error_enum_v0 } = json;
    if (function_v0) {
      spec.functions.set(function_v0.name, { inputs: function_v0.inputs, output: function_v0.outputs[0] });
    }
    if (udt_struct_v0) structs.set(udt_struct_v0.name, udt_struct_v0.fields);
    if (udt_union_v0) unions.set(udt_union_v0.name, udt_union_v0.cases);
    if (udt_enum_v0) spec.enums.set(udt_enum_v0.name, udt_enum_v0.cases);
    if (json.event_v0) {
      const at = (location: string) => json.event_v0!.params.filter((it) => it.location === location);
      spec.events.set(json.event_v0.prefix_topics[0]!, { topics: at('topic_list'), data: at('data') });
    }
    for (const it of udt_error_enum_v0?.cases ?? []) spec.errors.set(it.value, it.name);
  }

  function departure(value: ScVal, type: SpecType, at = 'value'): string | null {
    const wrong = `${at} is ${value.type} and not ${JSON.stringify(type)}`;
    if (type === 'val') return null;
    if (typeof type === 'string') {
      if (!(type in PRIMITIVES)) throw new Error(`no ${type} in Latchkey's contracts`);
      return value.type === PRIMITIVES[type] ? null : wrong;
    }
    if ('udt' in type) return definedDeparture(value, type.udt.name, at);
    if ('result' in type) return departure(value, type.result.ok_type, at);
    if ('option' in type) {
      return value.type === 'scvVoid' ? null : departure(value, type.option.value_type, at);
    }
    if ('bytes_n' in type) {
      return value.type === 'scvBytes' && value.value.value.length === type.bytes_n.n ? null : wrong;
    }
    if ('vec' in type) {
      if (value.type !== 'scvVec' || !value.value) return wrong;
      const { element_type } = type.vec;
      return first(value.value.map((it, index) => departure(it, element_type, `${at}[${index}]`)));
    }
    if (!('map' in type)) throw new Error(`no ${JSON.stringify(type)} in Latchkey's contracts`);
    if (value.type !== 'scvMap' || !value.value) return wrong;
    const keys = value.value.map(({ key }) => bytesToHex(key.toXdr()));
    if (keys.some((key, index) => index > 0 && keys[index - 1]! >= key)) return `${at} is not in order`;
    return first(
      value.value.flatMap(({ key, val }) => [
        departure(key, type.map.key_type, `key of ${at}`),
        departure(val, type.map.value_type, at),
      ]),
    );
  }

  function definedDeparture(value: ScVal, type: string, at: string): string | null {
    const wrong = `${at} is no ${type}`;
    const fields = structs.get(type);
    if (fields) {
      if (value.type !== 'scvMap' || !value.value) return wrong;
      const names = value.value.map(({ key }) => (key.type === 'scvSymbol' ? String(key.value) : '?'));
      const expected = fields.map((field) => field.name).sort();
      if (names.join() !== expected.join()) return `${at} has ${names} and not ${expected}`;
      return first(
        value.value.map(({ val }, index) => {
          const field = fields.find((it) => it.name === names[index])!;
          return departure(val, field.type, `${at}.${field.name}`);
        }),
      );
    }
    const numbers = spec.enums.get(type);
    if (numbers) {
      return value.type === 'scvU32' && numbers.some((it) => it.value === value.value) ? null : wrong;
    }
    const cases = unions.get(type);
    if (!cases) throw new Error(`${name} defines no ${type}`);
    if (value.type !== 'scvVec' || !value.value) return wrong;
    const [symbol, ...carried] = value.value;
    const variant = symbol?.type === 'scvSymbol' ? String(symbol.value) : '';
    const found = cases.find((it) => (it.void_v0 ?? it.tuple_v0)?.name === variant);
    const types = found?.tuple_v0?.type ?? [];
    if (!found || types.length !== carried.length) return wrong;
    return first(carried.map((it, index) => departure(it, types[index]!, `${at}.${variant}`)));
  }

  return spec;
}

function first(departures: (string | null)[]): string | null {
  return departures.find((it) => it !== null) ?? null;
}
