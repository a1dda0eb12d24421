// Memory of networks in one process: what the first one takes beyond a process that has loaded everything, and each of
// a thousand further idle ones, after a garbage collection. Measured in a process of its own.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Figure, Progress } from '../figure.ts';

const MAX_FIRST_MB = 60;
const MAX_PER_NETWORK_MB = 2;
const PROBE = fileURLToPath(new URL('memoryProbe.ts', import.meta.url));

export async function memory(progress: Progress): Promise<Figure[]> {
  progress('devnet: memory of 1,001 networks');
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', PROBE]);
  const { firstMb, perNetworkMb } = JSON.parse(stdout) as { firstMb: number; perNetworkMb: number };
  return [
    { key: 'memory.firstMb', value: firstMb, target: MAX_FIRST_MB },
    { key: 'memory.perNetworkMb', value: perNetworkMb, target: MAX_PER_NETWORK_MB },
  ];
}
