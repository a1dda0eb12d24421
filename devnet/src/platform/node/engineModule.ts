// The engines' files, read from the package's folder. They are trusted: they came with this code. Node's zlib unpacks
// in a quarter of the time and memory that a DecompressionStream takes there.
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { compileEngine, engineFileName, type ProtocolVersion } from '../../engine/engineFile.ts';

export async function engineModule(protocol: ProtocolVersion): Promise<WebAssembly.Module> {
  const file = await readFile(new URL(`../../../engine/${engineFileName(protocol)}`, import.meta.url));
  return compileEngine(file, gunzipSync);
}
