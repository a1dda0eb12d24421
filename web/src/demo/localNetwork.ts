// The network of the demo: a devnet in a worker of this page, with Latchkey's contracts on it. The SDK talks to it as to
// any node; only the way there is a message to the worker instead of a request. It ends with the page.
import { openDevnetWorker } from '@latchkey/devnet/page';
import { LatchkeyError } from '@latchkey/sdk';
import { contractAddress, parseAddress, type Rpc, RpcError, readBytes } from '@latchkey/sdk/chain';
import {
  ContractExecutable,
  ContractIdPreimage,
  ContractIdPreimageFromAddress,
  CreateContractArgsV2,
  HostFunction,
  ScVal,
} from '@stellar/stellar-sdk/xdr';
import { createPayer, type Payer } from './payer.ts';

const WALLET_CODE = new URL('../../../contracts/wasm/wallet.wasm', import.meta.url);
const FACTORY_CODE = new URL('../../../contracts/wasm/factory.wasm', import.meta.url);

export type LocalNetwork = {
  readonly passphrase: string;
  readonly tokenId: string;
  readonly factoryId: string;
  /** An account that exists, for somebody to send to. */
  readonly shop: string;
  readonly rpc: Rpc;
  readonly payer: Payer;
  fund(address: string): Promise<void>;
  /** Lets time pass; ledgers close as they would have. */
  passTime(seconds: number): Promise<void>;
  now(): Promise<LedgerNow>;
};

export type LedgerNow = { sequence: number; closeTimeSeconds: number };

type Devnet = Awaited<ReturnType<typeof openDevnetWorker>>;

export async function openLocalNetwork(onStep: (step: string) => void): Promise<LocalNetwork> {
  onStep('Starting a Stellar network in this page');
  const devnet = await openDevnetWorker();
  const { passphrase, nativeTokenContractId: tokenId } = devnet;
  const rpc = rpcOf(devnet);
  const payer = await createPayer(rpc, passphrase);
  const shop = await createPayer(rpc, passphrase);
  await devnet.fund(payer.address);
  await devnet.fund(shop.address);
  onStep('Uploading the wallet contract');
  const walletHash = await upload(payer, WALLET_CODE);
  onStep('Creating the factory');
  const factoryId = await create(payer, passphrase, await upload(payer, FACTORY_CODE), [
    ScVal.scvBytes(walletHash),
  ]);
  return {
    passphrase,
    tokenId,
    factoryId,
    shop: shop.address,
    rpc,
    payer,
    fund: async (address) => void (await devnet.fund(address)),
    passTime: (seconds) => devnet.warp({ seconds }),
    now: () => devnet.latestLedger(),
  };
}

function rpcOf(devnet: Devnet): Rpc {
  return {
    url: 'worker:',
    async call(method, params) {
      try {
        return (await devnet.rpc(method, params)) as never;
      } catch (cause) {
        const { code, message } = cause as { code?: unknown; message: string };
        if (typeof code === 'number') throw new RpcError(method, code, message);
        throw new LatchkeyError('NETWORK_UNAVAILABLE', { cause, details: { method } });
      }
    },
  };
}

async function upload(payer: Payer, file: URL): Promise<Uint8Array> {
  const response = await fetch(file);
  if (!response.ok) throw new Error(`a contract could not be fetched: HTTP ${response.status}`);
  const code = new Uint8Array(await response.arrayBuffer());
  const { returnValue } = await payer.submit(HostFunction.hostFunctionTypeUploadContractWasm(code));
  return readBytes(returnValue);
}

async function create(
  payer: Payer,
  passphrase: string,
  wasmHash: Uint8Array,
  constructorArgs: ScVal[],
): Promise<string> {
  const contractIdPreimage = ContractIdPreimage.contractIdPreimageFromAddress(
    new ContractIdPreimageFromAddress({ address: parseAddress(payer.address), salt: new Uint8Array(32) }),
  );
  const executable = ContractExecutable.contractExecutableWasm(wasmHash);
  const args = new CreateContractArgsV2({ contractIdPreimage, executable, constructorArgs });
  await payer.submit(HostFunction.hostFunctionTypeCreateContractV2(args));
  return contractAddress(contractIdPreimage, passphrase);
}
