// What the network charges by its own published settings: for one secp256r1 verification, the reference of every
// passkey's figures, and for the instructions and bytes of a transaction. Reads, writes, events, rent and the inclusion
// fee are not here; neither are the 300 bytes of result that the network adds to every transaction's history.
import type { Rpc } from '@latchkey/sdk/chain';
import {
  type ConfigSettingEntry,
  ConfigSettingId,
  ContractCostType,
  LedgerEntryData,
  LedgerKey,
  LedgerKeyConfigSetting,
} from '@stellar/stellar-sdk/xdr';

const INSTRUCTIONS_INCREMENT = 10_000n;
const KB_BYTES = 1024n;

type SettingName = ConfigSettingEntry['type'];
type SettingOf<N extends SettingName> = Extract<ConfigSettingEntry, { type: N }>['value'];

async function setting<N extends SettingName>(rpc: Rpc, name: N): Promise<SettingOf<N>> {
  const key = LedgerKey.configSetting(new LedgerKeyConfigSetting({ configSettingId: ConfigSettingId[name] }));
  const { entries } = await rpc.call('getLedgerEntries', { keys: [key.toXdr('base64')] });
  const data = entries[0] && LedgerEntryData.fromXdr(entries[0].xdr, 'base64');
  if (data?.type !== 'configSetting' || data.value.type !== name) {
    throw new Error(`the network does not publish ${name}`);
  }
  return data.value.value as SettingOf<N>;
}

/** The instructions the host charges for one secp256r1 verification: its three cost types, all without a linear term. */
export async function secp256r1Instructions(rpc: Rpc): Promise<number> {
  const parameters = await setting(rpc, 'configSettingContractCostParamsCpuInstructions');
  return [
    ContractCostType.sec1DecodePointUncompressed,
    ContractCostType.decodeEcdsaCurve256Sig,
    ContractCostType.verifyEcdsaSecp256r1Sig,
  ].reduce((sum, { name, value }) => {
    const parameter = parameters[value];
    if (parameter?.linearTerm !== 0n) throw new Error(`${name} is not priced by a constant`);
    return sum + Number(parameter.constTerm);
  }, 0);
}

export type Rates = {
  stroopsPer10kInstructions: bigint;
  /** sending a transaction, and keeping it in history */
  stroopsPerTransactionKb: readonly bigint[];
};

export async function readRates(rpc: Rpc): Promise<Rates> {
  const compute = await setting(rpc, 'configSettingContractComputeV0');
  const history = await setting(rpc, 'configSettingContractHistoricalDataV0');
  const bandwidth = await setting(rpc, 'configSettingContractBandwidthV0');
  return {
    stroopsPer10kInstructions: compute.feeRatePerInstructionsIncrement,
    stroopsPerTransactionKb: [bandwidth.feeTxSize1Kb, history.feeHistorical1Kb],
  };
}

const divideUp = (value: bigint, by: bigint) => (value + by - 1n) / by;

/** Each part rounded up, as the network does. */
export function computeFeeStroops(
  rates: Rates,
  use: { instructions: number; transactionBytes: number },
): number {
  const compute = divideUp(
    BigInt(use.instructions) * rates.stroopsPer10kInstructions,
    INSTRUCTIONS_INCREMENT,
  );
  const size = rates.stroopsPerTransactionKb.map((rate) =>
    divideUp(BigInt(use.transactionBytes) * rate, KB_BYTES),
  );
  return Number(size.reduce((sum, part) => sum + part, compute));
}
