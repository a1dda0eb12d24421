// Which engines there are, and how one gets from its packed file to a module, in Node and in browsers alike. One
// engine runs one protocol: the ledger's. Where the files lie and how they are read is for the platform to know; that
// a file is what SHA256SUMS names is a matter of tests.

/** The protocols with an engine, `engine/soroban-p<version>.wasm.gz`: the one before the newest is mainnet's today. */
export const PROTOCOL_VERSIONS = [29, 30] as const;
export type ProtocolVersion = (typeof PROTOCOL_VERSIONS)[number];
export const DEFAULT_PROTOCOL_VERSION: ProtocolVersion = 30;

export function isProtocolVersion(version: number): version is ProtocolVersion {
  return (PROTOCOL_VERSIONS as readonly number[]).includes(version);
}

export function engineFileName(version: ProtocolVersion): string {
  return `soroban-p${version}.wasm.gz`;
}

type Unpack = (file: Uint8Array<ArrayBuffer>) => BufferSource | Promise<BufferSource>;

/** Compiles a file of `engine/`, packed or, because some servers unpack what ends in .gz, already unpacked. */
export async function compileEngine(
  file: Uint8Array<ArrayBuffer>,
  unpack: Unpack = unpackByStream,
): Promise<WebAssembly.Module> {
  const isPacked = file[0] === 0x1f && file[1] === 0x8b;
  return WebAssembly.compile(isPacked ? await unpack(file) : file);
}

async function unpackByStream(file: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  const stream = new Blob([file]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).arrayBuffer();
}
