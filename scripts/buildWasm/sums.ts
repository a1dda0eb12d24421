// SHA256SUMS: lines as sha256sum writes them, under one comment line that names the toolchain which made the files.
// `sha256sum --check` reads the same file and skips the comment.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export const sumsFileName = 'SHA256SUMS';
const toolchainPrefix = '# toolchain: ';

export type Sums = {
  /** The toolchain as `findToolchain` describes it; empty if the file does not name one. */
  toolchain: string;
  /** File name -> SHA-256, lower-case hex. */
  files: Record<string, string>;
};

export function sumsOf(folder: string, fileNames: string[], toolchain: string): Sums {
  const sum = (name: string) =>
    createHash('sha256')
      .update(contentOf(join(folder, name)))
      .digest('hex');
  return { toolchain, files: Object.fromEntries(fileNames.map((name) => [name, sum(name)])) };
}

/** A file, or what is in its packed form: how it was packed does not matter. */
function contentOf(path: string): Uint8Array {
  return existsSync(path) ? readFileSync(path) : gunzipSync(readFileSync(`${path}.gz`));
}

export function formatSums(sums: Sums): string {
  const lines = Object.entries(sums.files).map(([name, sum]) => `${sum}  ${name}`);
  return [`${toolchainPrefix}${sums.toolchain}`, ...lines, ''].join('\n');
}

/** Throws if a line is neither a comment nor `<64 hex digits>  <name>`. */
export function parseSums(text: string): Sums {
  const sums: Sums = { toolchain: '', files: {} };
  for (const line of text.split('\n')) {
    if (line.startsWith(toolchainPrefix)) sums.toolchain = line.slice(toolchainPrefix.length);
    if (line === '' || line.startsWith('#')) continue;
    const [, sum, name] = /^([0-9a-f]{64}) [ *](\S+)$/.exec(line) ?? [];
    if (sum === undefined || name === undefined) throw new Error(`${sumsFileName}: not a sum: "${line}"`);
    sums.files[name] = sum;
  }
  return sums;
}

export function readSums(folder: string): Sums {
  return parseSums(readFileSync(join(folder, sumsFileName), 'utf8'));
}

export function writeSums(folder: string, sums: Sums): void {
  writeFileSync(join(folder, sumsFileName), formatSums(sums));
}

/** The names of files that are in one of the two only, or differ. */
export function differingFiles(a: Sums, b: Sums): string[] {
  const names = new Set([...Object.keys(a.files), ...Object.keys(b.files)]);
  return [...names].filter((name) => a.files[name] !== b.files[name]);
}
