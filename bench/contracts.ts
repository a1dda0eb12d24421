// The figures of the contracts: what each operation costs on chain, beside the bare verification of its passkey's
// signature, and the same transfer from a peer's account. The reference is what the network's own cost parameters charge for one secp256r1 verification (decoding
// the key, decoding the signature, verifying): no probe contract, so nothing else is in it.
import { writeFile } from 'node:fs/promises';
import { measureCosts } from './costs.ts';
import type { Figure, Progress } from './figure.ts';
import { measureOpenZeppelin } from './peers/openzeppelin.ts';

/** The costs as last accepted; costs.test.ts holds every run to them. */
export const GOLDEN_FILE = new URL('costs.golden.json', import.meta.url);
/** The same of the peer; openzeppelin.test.ts holds it. */
export const PEER_GOLDEN_FILE = new URL('peers/openzeppelin.golden.json', import.meta.url);

const MAX_TRANSFER_INSTRUCTIONS = 3_900_000;
const MAX_AUTH_ENTRY_BYTES = 300;

export async function contracts(progress: Progress, updateGolden: boolean): Promise<Figure[]> {
  progress('contracts: deploying, transferring and rotating on an embedded network');
  const { costs, secp256r1 } = await measureCosts();
  progress("contracts: the same transfer from OpenZeppelin's smart account");
  const ozTransfer = await measureOpenZeppelin();
  if (updateGolden) {
    await writeFile(GOLDEN_FILE, `${JSON.stringify(costs, null, 2)}\n`);
    await writeFile(PEER_GOLDEN_FILE, `${JSON.stringify(ozTransfer, null, 2)}\n`);
    progress('contracts: the golden files now have these costs; explain a rise in CHANGELOG.md');
  }
  const { deploy, transferToContract: transfer, transferToAccount, rotate } = costs;
  return [
    { key: 'secp256r1.instructions', value: secp256r1 },
    { key: 'deploy.instructions', value: deploy.instructions },
    { key: 'deploy.overSecp256r1', value: deploy.instructions / secp256r1 },
    { key: 'deploy.transactionBytes', value: deploy.transactionBytes },
    { key: 'deploy.feeStroops', value: deploy.feeStroops },
    { key: 'transfer.instructions', value: transfer.instructions, target: MAX_TRANSFER_INSTRUCTIONS },
    { key: 'transfer.overSecp256r1', value: transfer.instructions / secp256r1 },
    { key: 'transfer.authEntryBytes', value: transfer.authEntryBytes, target: MAX_AUTH_ENTRY_BYTES },
    { key: 'transfer.transactionBytes', value: transfer.transactionBytes },
    { key: 'transfer.feeStroops', value: transfer.feeStroops },
    {
      key: 'transferToAccount.instructions',
      value: transferToAccount.instructions,
      target: MAX_TRANSFER_INSTRUCTIONS,
    },
    { key: 'transferToAccount.overSecp256r1', value: transferToAccount.instructions / secp256r1 },
    {
      key: 'transferToAccount.authEntryBytes',
      value: transferToAccount.authEntryBytes,
      target: MAX_AUTH_ENTRY_BYTES,
    },
    { key: 'transferToAccount.transactionBytes', value: transferToAccount.transactionBytes },
    { key: 'transferToAccount.feeStroops', value: transferToAccount.feeStroops },
    { key: 'rotate.instructions', value: rotate.instructions },
    { key: 'rotate.overSecp256r1', value: rotate.instructions / secp256r1 },
    { key: 'rotate.authEntryBytes', value: rotate.authEntryBytes },
    { key: 'rotate.transactionBytes', value: rotate.transactionBytes },
    { key: 'rotate.feeStroops', value: rotate.feeStroops },
    { key: 'ozTransfer.instructions', value: ozTransfer.instructions },
    { key: 'ozTransfer.overSecp256r1', value: ozTransfer.instructions / secp256r1 },
    { key: 'ozTransfer.authEntryBytes', value: ozTransfer.authEntryBytes },
    { key: 'ozTransfer.transactionBytes', value: ozTransfer.transactionBytes },
    { key: 'ozTransfer.feeStroops', value: ozTransfer.feeStroops },
  ];
}
