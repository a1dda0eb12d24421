// Reads the parameters of a JSON-RPC call: checks kind and range, ignores unknown fields, names the field in errors.
// All methods take their parameters by name; a missing object counts as an empty one.
import { invalidParams } from './rpcError.ts';

export class Params {
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(params: unknown) {
    if (params !== undefined && params !== null && (typeof params !== 'object' || Array.isArray(params))) {
      throw invalidParams('parameters must be an object');
    }
    this.#fields = (params ?? {}) as Record<string, unknown>;
  }

  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined) throw invalidParams(`missing parameter '${name}'`);
    return value;
  }

  optionalText(name: string): string | undefined {
    const value = this.#fields[name] ?? undefined;
    if (value !== undefined && typeof value !== 'string') throw invalidParams(`'${name}' must be a string`);
    return value;
  }

  /** An unsigned 32-bit number, `absent` when it is missing. */
  u32(name: string, absent = 0): number {
    const value = this.#fields[name] ?? absent;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
      throw invalidParams(`'${name}' must be a whole number from 0 to 4294967295`);
    }
    return value;
  }

  flag(name: string): boolean {
    const value = this.#fields[name] ?? false;
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
    const value = this.#fields[name] ?? [];
    if (!Array.isArray(value)) throw invalidParams(`'${name}' must be a list`);
    return value;
  }

  nested(name: string): Params {
    return new Params(this.#fields[name]);
  }

  /** `json` for XDR-JSON (SEP-51), else base64. */
  xdrFormat(): 'base64' | 'json' {
    const format = this.optionalText('xdrFormat') ?? '';
    if (format !== '' && format !== 'base64' && format !== 'json') {
      throw invalidParams(`got '${format}': expected base64, json for optional 'xdrFormat'`);
    }
    return format === 'json' ? 'json' : 'base64';
  }
}
