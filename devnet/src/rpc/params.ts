// Reads the parameters of a JSON-RPC call: checks kind and range, names the field in errors.
// Parameters come by name; a missing object counts as an empty one, null as a missing parameter. A list is refused but
// where a method names its positions.
import { invalidParams, invalidRequest } from './rpcError.ts';

export class Params {
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(params: unknown, positions?: readonly string[]) {
    const given = params ?? {};
    if (typeof given !== 'object') throw invalidRequest('parameters must be array or object');
    this.#fields = Array.isArray(given) ? byPosition(given, positions) : (given as Record<string, unknown>);
  }

  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined) throw invalidParams(`missing parameter '${name}'`);
    return value;
  }

  optionalText(name: string): string | undefined {
    const value = this.#value(name);
    if (value !== undefined && typeof value !== 'string') throw invalidParams(`'${name}' must be a string`);
    return value;
  }

  /** An unsigned 32-bit number, `absent` when it is missing. */
  u32(name: string, absent = 0): number {
    const value = this.#value(name) ?? absent;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
      throw invalidParams(`'${name}' must be a whole number from 0 to 4294967295`);
    }
    return value;
  }

  /** An unsigned 32-bit number, or undefined when it is missing. */
  optionalU32(name: string): number | undefined {
    return this.#value(name) === undefined ? undefined : this.u32(name);
  }

  /** One of some words, or undefined when it is missing. */
  optionalChoice<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const value = this.optionalText(name);
    if (value === undefined || choices.includes(value as Choice)) return value as Choice | undefined;
    throw invalidParams(`'${name}' must be one of ${choices.join(', ')}`);
  }

  flag(name: string): boolean {
    const value = this.#value(name) ?? false;
    if (typeof value !== 'boolean') throw invalidParams(`'${name}' must be true or false`);
    return value;
  }

  texts(name: string): string[] {
    return this.list(name).map((value) => {
      if (typeof value !== 'string') throw invalidParams(`'${name}' must be a list of strings`);
      return value;
    });
  }

  list(name: string): unknown[] {
    const value = this.#value(name) ?? [];
    if (!Array.isArray(value)) throw invalidParams(`'${name}' must be a list`);
    return value;
  }

  nested(name: string): Params {
    const value = this.#value(name);
    if (value !== undefined && typeof value !== 'object') throw invalidParams(`'${name}' must be an object`);
    return new Params(value);
  }

  /** `json` for XDR-JSON (SEP-51), else base64. */
  xdrFormat(): 'base64' | 'json' {
    const format = this.optionalText('xdrFormat') ?? '';
    if (format !== '' && format !== 'base64' && format !== 'json') {
      throw invalidParams(`got '${format}': expected base64, json for optional 'xdrFormat'`);
    }
    return format === 'json' ? 'json' : 'base64';
  }

  /** For methods of our own; those of stellar-rpc ignore what they do not know. */
  refuseOthersThan(names: readonly string[]): void {
    const unknown = Object.keys(this.#fields).find((name) => !names.includes(name));
    if (unknown === undefined) return;
    const known = names.length === 0 ? 'there are none' : `there is ${names.join(', ')}`;
    throw invalidParams(`unknown parameter '${unknown}': ${known}`);
  }

  #value(name: string): unknown {
    return Object.hasOwn(this.#fields, name) ? (this.#fields[name] ?? undefined) : undefined;
  }
}

function byPosition(values: readonly unknown[], positions?: readonly string[]): Record<string, unknown> {
  if (!positions) throw invalidParams('parameters must be an object');
  if (values.length > positions.length) throw invalidParams(`more than ${positions.length} parameters`);
  return Object.fromEntries(values.map((value, index) => [positions[index], value]));
}
