// Uploads the contracts' code, creates the factory and, where recoveries have a delay, the contract that keeps it, and
// pays the code's rent, on whatever network the RPC node serves. Every step is looked up first and skipped where it is
// done, so running it again costs nothing, or only the rent that has become due; the address of a contract follows
// from the deploying account, the code and what it is constructed with.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { LatchkeyError } from '@latchkey/sdk/api';
import {
  buildTransaction,
  bytesToHex,
  contractAddress,
  contractInstanceKey,
  invokeHostFunction,
  ledgerEntryExists,
  parseAddress,
  type RecoverySettings,
  type Rpc,
  recoverySettingsToScVals,
  simulate,
  unsignedEnvelope,
} from '@latchkey/sdk/chain';
import {
  Asset,
  ConfigSettingId,
  ContractExecutable,
  ContractIdPreimage,
  ContractIdPreimageFromAddress,
  CreateContractArgs,
  CreateContractArgsV2,
  ExtendFootprintTtlOp,
  ExtensionPoint,
  HostFunction,
  LedgerEntryData,
  LedgerFootprint,
  LedgerKey,
  LedgerKeyConfigSetting,
  LedgerKeyContractCode,
  OperationBody,
  ScVal,
  SorobanResources,
  SorobanTransactionData,
  SorobanTransactionDataExt,
} from '@stellar/stellar-sdk/xdr';
import { resourceFeeWithHeadroom } from '../relayer/attempt.ts';
import type { Sponsor } from '../relayer/sponsor.ts';

const INCLUSION_FEE_STROOPS = 10_000n;
const VALID_FOR_SECONDS = 120n;
const POLL_MS = 500;
/** 30 days at five seconds a ledger. */
const EXTEND_BELOW_LEDGERS = 518_400;
const ARCHIVAL_SETTINGS = LedgerKey.configSetting(
  new LedgerKeyConfigSetting({ configSettingId: ConfigSettingId.configSettingStateArchival }),
);

export type Deployment = {
  factoryId: string;
  nativeTokenId: string;
  /** null without a delay: the guardian then needs no contract */
  recoveryContractId: string | null;
  walletWasmHash: string;
};

const contractsDir = new URL('../../../contracts/wasm/', import.meta.url);

export async function deployContracts(deps: {
  rpc: Rpc;
  sponsor: Sponsor;
  /** guardian and delay of recoveries; null where a guardian acts at once */
  recovery: RecoverySettings | null;
  onStep?: (text: string) => void;
}): Promise<Deployment> {
  const { rpc, sponsor } = deps;
  const onStep = deps.onStep ?? (() => {});

  /** Pays for one operation and waits until it is on the ledger. */
  async function submit(
    body: OperationBody,
    simulated: { sorobanData: string; minResourceFee: bigint },
  ): Promise<void> {
    const { ext, resources } = SorobanTransactionData.fromXdr(simulated.sorobanData, 'base64');
    const resourceFee = resourceFeeWithHeadroom(simulated.minResourceFee);
    const { closeTime } = await rpc.call('getLatestLedger');
    const validUntilSeconds = BigInt(closeTime) + VALID_FOR_SECONDS;
    const transaction = buildTransaction({
      source: sponsor.address,
      sequenceNumber: (await sponsor.account()).sequenceNumber + 1n,
      feeStroops: Number(INCLUSION_FEE_STROOPS + resourceFee),
      validUntilSeconds,
      body,
      sorobanData: new SorobanTransactionData({ ext, resources, resourceFee }),
    });
    const { envelopeXdr, hash } = await sponsor.sign(transaction);
    const sent = await rpc.call('sendTransaction', { transaction: envelopeXdr });
    if (sent.status === 'ERROR') throw new Error(`deployment refused: ${sent.errorResultXdr}`);
    for (;;) {
      const found = await rpc.call('getTransaction', { hash });
      if (found.status === 'SUCCESS') return;
      if (found.status === 'FAILED') throw new Error(`deployment failed: ${found.resultXdr}`);
      if (BigInt(found.latestLedgerCloseTime) > validUntilSeconds)
        throw new LatchkeyError('TRANSACTION_EXPIRED');
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async function run(hostFunction: HostFunction): Promise<void> {
    // The entries allow the deployer's own contract creation: it does so by signing the transaction.
    const { auth, sorobanData, minResourceFeeStroops } = await simulate(rpc, {
      hostFunction,
      source: sponsor.address,
    });
    await submit(invokeHostFunction(hostFunction, auth), {
      sorobanData: sorobanData.toXdr('base64'),
      minResourceFee: minResourceFeeStroops,
    });
  }

  /** Rent of shared code is paid here, by the service, and not by whoever makes the first wallet. */
  async function extendTtl(name: string, key: LedgerKey): Promise<void> {
    const { entries, latestLedger } = await rpc.call('getLedgerEntries', { keys: [key.toXdr('base64')] });
    const remaining = (entries[0]?.liveUntilLedgerSeq ?? 0) - latestLedger;
    if (remaining > EXTEND_BELOW_LEDGERS) return;
    const settings = await rpc.call('getLedgerEntries', { keys: [ARCHIVAL_SETTINGS.toXdr('base64')] });
    const data = settings.entries[0] && LedgerEntryData.fromXdr(settings.entries[0].xdr, 'base64');
    if (data?.type !== 'configSetting' || data.value.type !== 'configSettingStateArchival') {
      throw new Error('the network does not say how long an entry may live');
    }
    onStep(`extending the life of ${name}`);
    const body = OperationBody.extendFootprintTtl(
      new ExtendFootprintTtlOp({ ext: ExtensionPoint.v0(), extendTo: data.value.value.maxEntryTtl - 1 }),
    );
    const footprint = new LedgerFootprint({ readOnly: [key], readWrite: [] });
    const resources = new SorobanResources({ footprint, instructions: 0, diskReadBytes: 0, writeBytes: 0 });
    const draft = buildTransaction({
      source: sponsor.address,
      sequenceNumber: 1n,
      feeStroops: 100,
      validUntilSeconds: 0n,
      body,
      sorobanData: new SorobanTransactionData({
        ext: SorobanTransactionDataExt.v0(),
        resources,
        resourceFee: 0n,
      }),
    });
    const reply = await rpc.call('simulateTransaction', {
      transaction: unsignedEnvelope(draft).toXdr('base64'),
    });
    if (reply.error !== undefined || !reply.transactionData || !reply.minResourceFee) {
      throw new Error(`the life of ${name} cannot be extended: ${reply.error}`);
    }
    await submit(body, { sorobanData: reply.transactionData, minResourceFee: BigInt(reply.minResourceFee) });
  }

  async function upload(name: string): Promise<Uint8Array> {
    const code = await readFile(new URL(`${name}.wasm`, contractsDir));
    const hash = createHash('sha256').update(code).digest();
    const key = LedgerKey.contractCode(new LedgerKeyContractCode({ hash }));
    if (!(await ledgerEntryExists(rpc, key))) {
      onStep(`uploading ${name}, ${code.length} bytes`);
      await run(HostFunction.hostFunctionTypeUploadContractWasm(code));
    }
    await extendTtl(name, key);
    return hash;
  }

  /** Creates a contract at an address that binds its code and what it is constructed with. */
  async function create(name: string, wasmHash: Uint8Array, constructorArgs: ScVal[]): Promise<string> {
    const salt = createHash('sha256').update(wasmHash);
    for (const argument of constructorArgs) salt.update(argument.toXdr());
    const contractIdPreimage = ContractIdPreimage.contractIdPreimageFromAddress(
      new ContractIdPreimageFromAddress({ address: parseAddress(sponsor.address), salt: salt.digest() }),
    );
    const contractId = await contractAddress(contractIdPreimage, passphrase);
    if (!(await ledgerEntryExists(rpc, contractInstanceKey(contractId)))) {
      onStep(`creating ${name}`);
      const executable = ContractExecutable.contractExecutableWasm(wasmHash);
      const args = new CreateContractArgsV2({ contractIdPreimage, executable, constructorArgs });
      await run(HostFunction.hostFunctionTypeCreateContractV2(args));
    }
    return contractId;
  }

  const { passphrase } = await rpc.call('getNetwork');
  const walletHash = await upload('wallet');
  const factoryId = await create('the factory', await upload('factory'), [ScVal.scvBytes(walletHash)]);
  const recoveryContractId =
    deps.recovery &&
    (await create(
      'the recovery contract',
      await upload('recovery'),
      recoverySettingsToScVals(deps.recovery),
    ));

  const native = ContractIdPreimage.contractIdPreimageFromAsset(Asset.assetTypeNative());
  const nativeTokenId = await contractAddress(native, passphrase);
  if (!(await ledgerEntryExists(rpc, contractInstanceKey(nativeTokenId)))) {
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
  return { factoryId, nativeTokenId, recoveryContractId, walletWasmHash: bytesToHex(walletHash) };
}
