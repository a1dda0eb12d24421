// Uploads and deploys the contracts to the network of STELLAR_RPC_URL, paid by OPEX_WALLET_SECRET_KEY, and prints the
// ids to put into the environment. Safe to run again: what is there is left as it is.
import { createRpc } from '@latchkey/sdk/chain';
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
const { passphrase } = await rpc.call('getNetwork');
const sponsor = createSponsor(rpc, secretKey, passphrase);
const deployment = await deployContracts({ rpc, sponsor, onStep: (text) => console.error(text) });
console.log(`STELLAR_NETWORK_PASSPHRASE="${passphrase}"`);
console.log(`WALLET_FACTORY_CONTRACT_ID=${deployment.factoryId}`);
console.log(`NATIVE_TOKEN_CONTRACT_ID=${deployment.nativeTokenId}`);
