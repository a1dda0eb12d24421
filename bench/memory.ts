// Resident memory of the one process that `npm start` runs (network, API and web wallet) after a start on a fresh
// state folder and twenty transfers. Nothing is collected before it is read: this is what a machine has to have.
import { execFileSync } from 'node:child_process';
import { buildWeb } from '../server/src/development/buildWeb.ts';
import type { Figure, Progress } from './figure.ts';
import { startDevelopment } from './processes.ts';
import { walletAndShop } from './walletAndShop.ts';

const TRANSFERS = 20;
const MAX_RSS_MB = 300;
const BYTES_PER_MB = 1024 * 1024;

/** The resident set of a process by POSIX `ps`, which counts in units of 1024 bytes. */
function residentBytes(pid: number): number {
  const kibibytes = Number(
    execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).trim(),
  );
  if (!(kibibytes > 0)) throw new Error('ps does not tell the resident memory of the process');
  return kibibytes * 1024;
}

export async function memory(progress: Progress): Promise<Figure[]> {
  await buildWeb((step) => progress(`memory: ${step}`));
  progress(`memory: a start and ${TRANSFERS} transfers`);
  const started = await startDevelopment();
  try {
    const afterStart = residentBytes(started.pid);
    const { latchkey, shop } = await walletAndShop({ ...started, origin: started.webUrl });
    for (let count = 0; count < TRANSFERS; count++) {
      const prepared = await latchkey.prepareTransfer({ toWalletAddress: shop, amount: '1.5' });
      const { status } = await prepared.approve();
      if (status !== 'confirmed') throw new Error(`a transfer is ${status}`);
    }
    return [
      { key: 'rss.afterStartMb', value: afterStart / BYTES_PER_MB },
      { key: 'rss.mb', value: residentBytes(started.pid) / BYTES_PER_MB, target: MAX_RSS_MB },
    ];
  } finally {
    await started.stop();
  }
}
