// The figures of the contracts: first those that have a target, then what each operation costs on chain, beside the bare
// verification of a passkey's signature and the same transfer from a peer's account. The first reference is what the
// network's own cost parameters charge for one secp256r1 verification (decoding the key, decoding the signature,
// verifying): no probe contract, so nothing else is in it.
import { stat, writeFile } from 'node:fs/promises';
import { measureCosts } from './costs.ts';
import type { Figure, Progress } from './figure.ts';
import { measureOpenZeppelin } from './peers/openzeppelin.ts';
import { computeFeeStroops } from './prices.ts';
import type { Cost } from './submitting.ts';

/** The costs as last accepted; costs.test.ts holds every run to them. */
export const GOLDEN_FILE = new URL('costs.golden.json', import.meta.url);
/** The same of the peer; openzeppelin.test.ts holds it. */
export const PEER_GOLDEN_FILE = new URL('peers/openzeppelin.golden.json', import.meta.url);

const WALLET_WASM = new URL('../contracts/wasm/wallet.wasm', import.meta.url);

const targets: Record<string, number> = {
  'passkeyTransfer.instructions': 3_650_000,
  'passkeyTransfer.authEntryBytes': 300,
  'passkeyTransfer.computeFeeStroops': 7_500,
  'explicitTransfer.authEntryBytes': 360,
  'ed25519Session.instructions': 1_250_000,
  'sessionLimited.overAdmin': 350_000,
  'deploy.instructions': 1_300_000,
  'wallet.wasmBytes': 24 * 1024,
  'hybridMlDsa44Wasm.instructions': 13_500_000,
  'hybridMlDsa44Host.instructions': 5_300_000,
  'slhDsa128s.instructions': 38_000_000,
};

export async function contracts(progress: Progress, updateGolden: boolean): Promise<Figure[]> {
  progress('contracts: the operations of a wallet, each on an embedded network');
  const { costs, secp256r1, rates } = await measureCosts();
  progress("contracts: the same transfer from OpenZeppelin's smart account");
  const ozTransfer = await measureOpenZeppelin();
  if (updateGolden) {
    await writeFile(GOLDEN_FILE, `${JSON.stringify(costs, null, 2)}\n`);
    await writeFile(PEER_GOLDEN_FILE, `${JSON.stringify(ozTransfer, null, 2)}\n`);
    progress('contracts: the golden files now have these costs; explain a rise in CHANGELOG.md');
  }
  const { passkeyTransfer, sessionLimited } = costs;
  const figures = new Map<string, number>([
    ['secp256r1.instructions', secp256r1],
    ['wallet.wasmBytes', (await stat(WALLET_WASM)).size],
    ['passkeyTransfer.overOzTransfer', passkeyTransfer.instructions / ozTransfer.instructions],
    ['sessionLimited.overAdmin', sessionLimited.instructions - passkeyTransfer.instructions],
  ]);
  for (const [operation, cost] of Object.entries<Cost>({ ...costs, ozTransfer })) {
    figures.set(`${operation}.instructions`, cost.instructions);
    figures.set(`${operation}.overSecp256r1`, cost.instructions / secp256r1);
    if (cost.authEntryBytes > 0) figures.set(`${operation}.authEntryBytes`, cost.authEntryBytes);
    figures.set(`${operation}.transactionBytes`, cost.transactionBytes);
    figures.set(`${operation}.computeFeeStroops`, computeFeeStroops(rates, cost));
    figures.set(`${operation}.feeStroops`, cost.feeStroops);
  }
  const aimedAt = Object.entries(targets).map(([key, target]) => {
    const value = figures.get(key);
    if (value === undefined) throw new Error(`nothing measures ${key}`);
    figures.delete(key);
    return { key, value, target };
  });
  return [...aimedAt, ...[...figures].map(([key, value]) => ({ key, value }))];
}
