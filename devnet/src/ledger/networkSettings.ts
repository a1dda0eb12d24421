// The network settings written at genesis: mainnet's limits as of July 2026, with its fee rates per instruction and
// per transaction byte; what mainnet does not publish a newer figure for is testnet's setting of protocol 26.
// The cost parameters are those the host was calibrated with. Settings never change during a network's life.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { keyText, type LedgerDelta } from './entryStore.ts';

export const NETWORK_SETTINGS = {
  contractMaxSizeBytes: 131_072,
  dataKeySizeBytes: 250,
  dataEntrySizeBytes: 65_536,
  txMaxInstructions: 400_000_000n,
  ledgerMaxInstructions: 580_000_000n,
  feeRatePerInstructionsIncrement: 7n,
  txMemoryLimitBytes: 41_943_040,
  txMaxFootprintEntries: 400,
  txMaxDiskReadEntries: 200,
  txMaxDiskReadBytes: 200_000,
  txMaxWriteEntries: 200,
  txMaxWriteBytes: 132_096,
  txMaxSizeBytes: 132_096,
  txMaxEventsBytes: 16_384,
  feeHistorical1Kb: 4_059n,
  feeTxSize1Kb: 406n,
  maxEntryTtl: 3_110_400,
  minTemporaryTtl: 720,
  minPersistentTtl: 120_960,
} as const;

export function putNetworkSettings(
  delta: LedgerDelta,
  sequence: number,
  costParams: { cpu: Uint8Array; memory: Uint8Array },
): void {
  for (const setting of settingEntries(costParams)) {
    const entry = new xdr.LedgerEntry({
      lastModifiedLedgerSeq: sequence,
      data: xdr.LedgerEntryData.configSetting(setting),
      ext: xdr.LedgerEntryExt.v0(),
    });
    // A setting's union tag is its id, and its key is LedgerKey CONFIG_SETTING followed by that id.
    const key = new Uint8Array([0, 0, 0, 8, ...setting.toXdr().subarray(0, 4)]);
    delta.put(keyText(key), { xdr: entry.toXdr(), ttl: null });
  }
}

function settingEntries(costParams: { cpu: Uint8Array; memory: Uint8Array }): xdr.ConfigSettingEntry[] {
  const S = xdr.ConfigSettingEntry;
  const n = NETWORK_SETTINGS;
  return [
    S.configSettingContractMaxSizeBytes(n.contractMaxSizeBytes),
    S.configSettingContractComputeV0(
      new xdr.ConfigSettingContractComputeV0({
        ledgerMaxInstructions: n.ledgerMaxInstructions,
        txMaxInstructions: n.txMaxInstructions,
        feeRatePerInstructionsIncrement: n.feeRatePerInstructionsIncrement,
        txMemoryLimit: n.txMemoryLimitBytes,
      }),
    ),
    S.configSettingContractLedgerCostV0(
      new xdr.ConfigSettingContractLedgerCostV0({
        ledgerMaxDiskReadEntries: 500,
        ledgerMaxDiskReadBytes: 3_500_000,
        ledgerMaxWriteLedgerEntries: 250,
        ledgerMaxWriteBytes: 143_360,
        txMaxDiskReadEntries: n.txMaxDiskReadEntries,
        txMaxDiskReadBytes: n.txMaxDiskReadBytes,
        txMaxWriteLedgerEntries: n.txMaxWriteEntries,
        txMaxWriteBytes: n.txMaxWriteBytes,
        feeDiskReadLedgerEntry: 6_250n,
        feeWriteLedgerEntry: 10_000n,
        feeDiskRead1Kb: 1_786n,
        sorobanStateTargetSizeBytes: 3_000_000_000n,
        rentFee1KbSorobanStateSizeLow: -17_000n,
        rentFee1KbSorobanStateSizeHigh: 10_000n,
        sorobanStateRentFeeGrowthFactor: 5_000,
      }),
    ),
    S.configSettingContractHistoricalDataV0(
      new xdr.ConfigSettingContractHistoricalDataV0({ feeHistorical1Kb: n.feeHistorical1Kb }),
    ),
    S.configSettingContractEventsV0(
      new xdr.ConfigSettingContractEventsV0({
        txMaxContractEventsSizeBytes: n.txMaxEventsBytes,
        feeContractEvents1Kb: 10_000n,
      }),
    ),
    S.configSettingContractBandwidthV0(
      new xdr.ConfigSettingContractBandwidthV0({
        ledgerMaxTxsSizeBytes: 133_120,
        txMaxSizeBytes: n.txMaxSizeBytes,
        feeTxSize1Kb: n.feeTxSize1Kb,
      }),
    ),
    S.configSettingContractCostParamsCpuInstructions(
      xdr.decodeArray(xdr.ContractCostParamEntry, costParams.cpu),
    ),
    S.configSettingContractCostParamsMemoryBytes(
      xdr.decodeArray(xdr.ContractCostParamEntry, costParams.memory),
    ),
    S.configSettingContractDataKeySizeBytes(n.dataKeySizeBytes),
    S.configSettingContractDataEntrySizeBytes(n.dataEntrySizeBytes),
    S.configSettingStateArchival(
      new xdr.StateArchivalSettings({
        maxEntryTtl: n.maxEntryTtl,
        minTemporaryTtl: n.minTemporaryTtl,
        minPersistentTtl: n.minPersistentTtl,
        persistentRentRateDenominator: 1_215n,
        tempRentRateDenominator: 2_430n,
        maxEntriesToArchive: 1_000,
        liveSorobanStateSizeWindowSampleSize: 30,
        liveSorobanStateSizeWindowSamplePeriod: 64,
        evictionScanSize: 500_000,
        startingEvictionScanLevel: 7,
      }),
    ),
    S.configSettingContractExecutionLanes(
      new xdr.ConfigSettingContractExecutionLanesV0({ ledgerMaxTxCount: 100 }),
    ),
    // The window holds one sample, zero: a development network never reaches the size at which rent rises.
    S.configSettingLiveSorobanStateSizeWindow([0n]),
    S.configSettingEvictionIterator(
      new xdr.EvictionIterator({ bucketListLevel: 7, isCurrBucket: true, bucketFileOffset: 0n }),
    ),
    S.configSettingContractParallelComputeV0(
      new xdr.ConfigSettingContractParallelComputeV0({ ledgerMaxDependentTxClusters: 2 }),
    ),
    S.configSettingContractLedgerCostExtV0(
      new xdr.ConfigSettingContractLedgerCostExtV0({
        txMaxFootprintEntries: n.txMaxFootprintEntries,
        feeWrite1Kb: 3_500n,
      }),
    ),
    S.configSettingScpTiming(
      new xdr.ConfigSettingScpTiming({
        ledgerTargetCloseTimeMilliseconds: 5_000,
        nominationTimeoutInitialMilliseconds: 1_000,
        nominationTimeoutIncrementMilliseconds: 1_000,
        ballotTimeoutInitialMilliseconds: 1_000,
        ballotTimeoutIncrementMilliseconds: 1_000,
      }),
    ),
  ];
}
