// The engines' files, fetched from where the bundler put them. Each URL stands in one expression, which is the form in
// which bundlers find a file. Only the one that is asked for is fetched.
import { compileEngine, type ProtocolVersion } from '../../engine/engineFile.ts';

const ENGINE_URLS: Record<ProtocolVersion, () => URL> = {
  29: () => new URL('../../../engine/soroban-p29.wasm.gz', import.meta.url),
  30: () => new URL('../../../engine/soroban-p30.wasm.gz', import.meta.url),
};

/** @throws Error when the file is not where the bundler was asked to put it */
export async function engineModule(protocol: ProtocolVersion): Promise<WebAssembly.Module> {
  const response = await fetch(ENGINE_URLS[protocol]());
  if (!response.ok) throw new Error(`the engine could not be fetched: HTTP ${response.status}`);
  return compileEngine(new Uint8Array(await response.arrayBuffer()));
}
