// The process that memory.ts measures: prints the resident memory that networks take, as JSON. Needs --expose-gc.
import { createDevnet, type Devnet } from '../../devnet/src/index.ts';

const FURTHER = 1_000;
const BYTES_PER_MB = 1024 * 1024;

function residentMb(): number {
  for (let round = 0; round < 3; round++) globalThis.gc!();
  return process.memoryUsage.rss() / BYTES_PER_MB;
}

const networks: Devnet[] = [];
const before = residentMb();
networks.push(await createDevnet());
const first = residentMb();
for (let count = 0; count < FURTHER; count++) networks.push(await createDevnet());
const all = residentMb();
console.log(JSON.stringify({ firstMb: first - before, perNetworkMb: (all - first) / FURTHER }));
