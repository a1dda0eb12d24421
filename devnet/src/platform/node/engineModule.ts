// The engines' files, read from the package's folder. They are trusted: they came with this code.
import { readFile } from 'node:fs/promises';
import { compileEngine, engineFileName, type ProtocolVersion } from '../../engineFile.ts';

export async function engineModule(protocol: ProtocolVersion): Promise<WebAssembly.Module> {
  return compileEngine(
    await readFile(new URL(`../../../engine/${engineFileName(protocol)}`, import.meta.url)),
  );
}
