// Uploads and deploys the contracts to the network of STELLAR_RPC_URL, paid by OPEX_WALLET_SECRET_KEY, and prints the
// ids to put into the environment. With a delay of recoveries (RECOVERY_DELAY_SECONDS, as the server reads it) that
// needs the guardian, RECOVERY_WALLET_SECRET_KEY. Safe to run again: what is there is left as it is.
import { createRpc, type RecoverySettings } from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import { ConfigError, readRotationDelaySeconds } from '../server/src/config.ts';
import { deployContracts } from '../server/src/deployment/deployContracts.ts';
import { createSponsor } from '../server/src/relayer/sponsor.ts';

function required(name: string): string {
  const value = process.env[name];
  if (!value) {
    console.error(`${name} is missing.`);
    process.exit(1);
  }
  return value;
}

const rpc = createRpc(required('STELLAR_RPC_URL'));
const secretKey = required('OPEX_WALLET_SECRET_KEY');

/** Guardian and delay as the server's settings say; null where a guardian acts at once. */
function recoverySettings(): RecoverySettings | null {
  let delaySeconds: bigint;
  try {
    delaySeconds = readRotationDelaySeconds(process.env);
  } catch (error) {
    console.error(error instanceof ConfigError ? error.message : error);
    process.exit(1);
  }
  if (delaySeconds === 0n) return null;
  const guardian = Keypair.fromSecret(required('RECOVERY_WALLET_SECRET_KEY')).publicKey();
  return { guardian, delaySeconds };
}

const recovery = recoverySettings();
const { passphrase } = await rpc.call('getNetwork');
const sponsor = createSponsor(rpc, secretKey, passphrase);
const deployment = await deployContracts({ rpc, sponsor, recovery, onStep: (text) => console.error(text) });
console.log(`STELLAR_NETWORK_PASSPHRASE="${passphrase}"`);
console.log(`WALLET_FACTORY_CONTRACT_ID=${deployment.factoryId}`);
console.log(`NATIVE_TOKEN_CONTRACT_ID=${deployment.nativeTokenId}`);
if (deployment.recoveryContractId !== null) {
  console.log(`RECOVERY_CONTRACT_ID=${deployment.recoveryContractId}`);
}
