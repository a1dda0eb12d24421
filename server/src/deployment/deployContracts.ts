// Uploads the wallet and factory code and creates the factory, on whatever network the RPC node serves. Every step is
// looked up first and skipped where it is done, so running it twice costs nothing; the factory's address follows from
// the deploying account and the code, so a repeated run finds the same one.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { LatchkeyError } from '@latchkey/sdk/api';
import {
  buildTransaction,
  bytesToHex,
  contractAddress,
  contractInstanceKey,
  parseAddress,
  type Rpc,
  simulate,
} from '@latchkey/sdk/chain';
import {
  Asset,
  ContractExecutable,
  ContractIdPreimage,
  ContractIdPreimageFromAddress,
  CreateContractArgs,
  CreateContractArgsV2,
  HostFunction,
  LedgerKey,
  LedgerKeyContractCode,
  ScVal,
  SorobanTransactionData,
} from '@stellar/stellar-sdk/xdr';
import type { Sponsor } from '../relayer/sponsor.ts';

const INCLUSION_FEE_STROOPS = 10_000n;
const VALID_FOR_SECONDS = 120n;
const POLL_MS = 500;

export type Deployment = { factoryId: string; nativeTokenId: string; walletWasmHash: string };

export const contractsDir = new URL('../../../contracts/wasm/', import.meta.url);

export async function deployContracts(deps: {
  rpc: Rpc;
  sponsor: Sponsor;
  onStep?: (text: string) => void;
}): Promise<Deployment> {
  const { rpc, sponsor } = deps;
  const onStep = deps.onStep ?? (() => {});

  const exists = async (key: LedgerKey) =>
    (await rpc.call('getLedgerEntries', { keys: [key.toXdr('base64')] })).entries.length > 0;

  async function run(hostFunction: HostFunction): Promise<void> {
    // The entries allow the deployer's own contract creation: it does so by signing the transaction.
    const simulation = await simulate(rpc, { hostFunction, source: sponsor.address });
    const { auth, sorobanData, minResourceFeeStroops } = simulation;
    const { ext, resources } = sorobanData;
    const resourceFee = (minResourceFeeStroops * 115n) / 100n;
    const { closeTime } = await rpc.call('getLatestLedger');
    const transaction = buildTransaction({
      source: sponsor.address,
      sequenceNumber: (await sponsor.account()).sequenceNumber + 1n,
      feeStroops: Number(INCLUSION_FEE_STROOPS + resourceFee),
      validUntilSeconds: BigInt(closeTime) + VALID_FOR_SECONDS,
      hostFunction,
      auth,
      sorobanData: new SorobanTransactionData({ ext, resources, resourceFee }),
    });
    const { envelopeXdr, hash } = await sponsor.sign(transaction);
    const sent = await rpc.call('sendTransaction', { transaction: envelopeXdr });
    if (sent.status === 'ERROR') throw new Error(`deployment refused: ${sent.errorResultXdr}`);
    for (;;) {
      const found = await rpc.call('getTransaction', { hash });
      if (found.status === 'SUCCESS') return;
      if (found.status === 'FAILED') throw new Error(`deployment failed: ${found.resultXdr}`);
      if (BigInt(found.latestLedgerCloseTime) > BigInt(closeTime) + VALID_FOR_SECONDS) {
        throw new LatchkeyError('TRANSACTION_EXPIRED');
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async function upload(name: string): Promise<Uint8Array> {
    const code = await readFile(new URL(`${name}.wasm`, contractsDir));
    const hash = createHash('sha256').update(code).digest();
    if (!(await exists(LedgerKey.contractCode(new LedgerKeyContractCode({ hash }))))) {
      onStep(`uploading ${name}, ${code.length} bytes`);
      await run(HostFunction.hostFunctionTypeUploadContractWasm(code));
    }
    return hash;
  }

  const walletHash = await upload('wallet');
  const factoryHash = await upload('factory');

  const preimage = ContractIdPreimage.contractIdPreimageFromAddress(
    new ContractIdPreimageFromAddress({
      address: parseAddress(sponsor.address),
      salt: createHash('sha256').update(factoryHash).update(walletHash).digest(),
    }),
  );
  const createFactory = HostFunction.hostFunctionTypeCreateContractV2(
    new CreateContractArgsV2({
      contractIdPreimage: preimage,
      executable: ContractExecutable.contractExecutableWasm(factoryHash),
      constructorArgs: [ScVal.scvBytes(walletHash)],
    }),
  );
  const { passphrase } = await rpc.call('getNetwork');
  const factoryId = await contractAddress(preimage, passphrase);
  if (!(await exists(contractInstanceKey(factoryId)))) {
    onStep('creating the factory');
    await run(createFactory);
  }

  const native = ContractIdPreimage.contractIdPreimageFromAsset(Asset.assetTypeNative());
  const nativeTokenId = await contractAddress(native, passphrase);
  if (!(await exists(contractInstanceKey(nativeTokenId)))) {
    onStep('creating the native asset contract');
    await run(
      HostFunction.hostFunctionTypeCreateContract(
        new CreateContractArgs({
          contractIdPreimage: native,
          executable: ContractExecutable.contractExecutableStellarAsset(),
        }),
      ),
    );
  }
  return { factoryId, nativeTokenId, walletWasmHash: bytesToHex(walletHash) };
}
