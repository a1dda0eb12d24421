// The network settings: limits, fee rates and lifetimes, as ledger entries (CAP-46-07 and later). They are written at
// genesis from one of `LIMITS` and read back from the ledger, so that whoever changes an entry changes the rule.
// The cost parameters are those the host was calibrated with; nobody but the host reads them.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { toLatin1 } from '../bytes.ts';
import type { EntrySource, KeyText, LedgerDelta, StoredEntry } from './entryStore.ts';
import type { NetworkSettings } from './limits.ts';

const CONFIG_SETTING = 8;

/** A setting's key is LedgerKey CONFIG_SETTING followed by its id, which is its union tag too. */
function settingKey(id: number): KeyText {
  return toLatin1(new Uint8Array([0, 0, 0, CONFIG_SETTING, 0, 0, 0, id]));
}

/** Of all settings but the frozen keys (CAP-77), which nothing here looks at and older networks do not know. */
export const SETTING_KEYS: readonly KeyText[] = Array.from({ length: 17 }, (_, id) => settingKey(id));

export function isSettingKey(key: KeyText): boolean {
  return key.charCodeAt(3) === CONFIG_SETTING && key.startsWith('\0\0\0');
}

const STATE_SIZE_WINDOW = 12;
export const STATE_SIZE_WINDOW_KEY = settingKey(STATE_SIZE_WINDOW);

/** Sizes of the live Soroban state, oldest first. @throws Error when the ledger has none */
export function readStateSizeWindow(entries: EntrySource): readonly bigint[] {
  return readSetting(entries, STATE_SIZE_WINDOW, 'configSettingLiveSorobanStateSizeWindow')
    .liveSorobanStateSizeWindow;
}

export function stateSizeWindow(sequence: number, samples: readonly bigint[]): [KeyText, StoredEntry] {
  const setting = xdr.ConfigSettingEntry.configSettingLiveSorobanStateSizeWindow([...samples]);
  return [STATE_SIZE_WINDOW_KEY, settingEntry(sequence, setting)];
}

export function putSetting(delta: LedgerDelta, sequence: number, setting: xdr.ConfigSettingEntry): void {
  delta.put(settingKey(setting.toXdr()[3]!), settingEntry(sequence, setting));
}

function settingEntry(sequence: number, setting: xdr.ConfigSettingEntry): StoredEntry {
  const entry = new xdr.LedgerEntry({
    lastModifiedLedgerSeq: sequence,
    data: xdr.LedgerEntryData.configSetting(setting),
    ext: xdr.LedgerEntryExt.v0(),
  });
  return { xdr: entry.toXdr(), ttl: null };
}

type CostParams = { readonly cpu: Uint8Array; readonly memory: Uint8Array };

export function putNetworkSettings(
  delta: LedgerDelta,
  sequence: number,
  settings: NetworkSettings,
  costParams: CostParams,
): void {
  putLimits(delta, sequence, settings);
  putCostParams(delta, sequence, costParams);
  const entries = [
    xdr.ConfigSettingEntry.configSettingLiveSorobanStateSizeWindow(
      Array.from({ length: settings.stateSizeSamples }, () => 0n),
    ),
    xdr.ConfigSettingEntry.configSettingEvictionIterator(
      new xdr.EvictionIterator({ bucketListLevel: 7, isCurrBucket: true, bucketFileOffset: 0n }),
    ),
  ];
  for (const entry of entries) putSetting(delta, sequence, entry);
}

/** What the host was calibrated with. */
export function putCostParams(delta: LedgerDelta, sequence: number, { cpu, memory }: CostParams): void {
  const decode = (params: Uint8Array) => xdr.decodeArray(xdr.ContractCostParamEntry, params);
  const S = xdr.ConfigSettingEntry;
  putSetting(delta, sequence, S.configSettingContractCostParamsCpuInstructions(decode(cpu)));
  putSetting(delta, sequence, S.configSettingContractCostParamsMemoryBytes(decode(memory)));
}

/** Limits, fee rates and lifetimes alone; what the host was calibrated with and what was measured stays. */
export function putLimits(delta: LedgerDelta, sequence: number, settings: NetworkSettings): void {
  for (const entry of settingEntries(settings)) putSetting(delta, sequence, entry);
}

function settingEntries(n: NetworkSettings): xdr.ConfigSettingEntry[] {
  const S = xdr.ConfigSettingEntry;
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
        ledgerMaxDiskReadEntries: n.ledgerMaxDiskReadEntries,
        ledgerMaxDiskReadBytes: n.ledgerMaxDiskReadBytes,
        ledgerMaxWriteLedgerEntries: n.ledgerMaxWriteEntries,
        ledgerMaxWriteBytes: n.ledgerMaxWriteBytes,
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
        ledgerMaxTxsSizeBytes: n.ledgerMaxTransactionBytes,
        txMaxSizeBytes: n.txMaxSizeBytes,
        feeTxSize1Kb: n.feeTxSize1Kb,
      }),
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
        liveSorobanStateSizeWindowSampleSize: n.stateSizeSamples,
        liveSorobanStateSizeWindowSamplePeriod: n.stateSizeSamplePeriodLedgers,
        evictionScanSize: 500_000,
        startingEvictionScanLevel: 7,
      }),
    ),
    S.configSettingContractExecutionLanes(
      new xdr.ConfigSettingContractExecutionLanesV0({ ledgerMaxTxCount: n.ledgerMaxTransactions }),
    ),
    S.configSettingContractParallelComputeV0(
      new xdr.ConfigSettingContractParallelComputeV0({ ledgerMaxDependentTxClusters: n.ledgerMaxClusters }),
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

type Setting<Type extends xdr.ConfigSettingEntry['type']> = Extract<xdr.ConfigSettingEntry, { type: Type }>;

function readSetting<Type extends xdr.ConfigSettingEntry['type']>(
  entries: EntrySource,
  id: number,
  type: Type,
): Setting<Type> {
  const stored = entries.get(settingKey(id));
  const data = stored && xdr.LedgerEntry.fromXdr(stored.xdr).data;
  if (data?.type !== 'configSetting' || data.configSetting.type !== type) {
    throw new Error(`the ledger lacks the setting ${type}`);
  }
  return data.configSetting as Setting<Type>;
}

/** The settings that the ledger holds now. @throws Error when one is missing. */
export function readNetworkSettings(entries: EntrySource): NetworkSettings {
  const read = <Type extends xdr.ConfigSettingEntry['type']>(id: number, type: Type) =>
    readSetting(entries, id, type);
  const { contractCompute: compute } = read(1, 'configSettingContractComputeV0');
  const { contractLedgerCost: cost } = read(2, 'configSettingContractLedgerCostV0');
  const { contractHistoricalData: historical } = read(3, 'configSettingContractHistoricalDataV0');
  const { contractEvents: events } = read(4, 'configSettingContractEventsV0');
  const { contractBandwidth: bandwidth } = read(5, 'configSettingContractBandwidthV0');
  const { stateArchivalSettings: archival } = read(10, 'configSettingStateArchival');
  const { contractExecutionLanes: lanes } = read(11, 'configSettingContractExecutionLanes');
  const { contractParallelCompute: parallel } = read(14, 'configSettingContractParallelComputeV0');
  const { contractLedgerCostExt: costExt } = read(15, 'configSettingContractLedgerCostExtV0');
  return {
    contractMaxSizeBytes: read(0, 'configSettingContractMaxSizeBytes').contractMaxSizeBytes,
    dataKeySizeBytes: read(8, 'configSettingContractDataKeySizeBytes').contractDataKeySizeBytes,
    dataEntrySizeBytes: read(9, 'configSettingContractDataEntrySizeBytes').contractDataEntrySizeBytes,
    txMaxInstructions: compute.txMaxInstructions,
    ledgerMaxInstructions: compute.ledgerMaxInstructions,
    feeRatePerInstructionsIncrement: compute.feeRatePerInstructionsIncrement,
    txMemoryLimitBytes: compute.txMemoryLimit,
    txMaxFootprintEntries: costExt.txMaxFootprintEntries,
    txMaxDiskReadEntries: cost.txMaxDiskReadEntries,
    ledgerMaxDiskReadEntries: cost.ledgerMaxDiskReadEntries,
    txMaxDiskReadBytes: cost.txMaxDiskReadBytes,
    ledgerMaxDiskReadBytes: cost.ledgerMaxDiskReadBytes,
    txMaxWriteEntries: cost.txMaxWriteLedgerEntries,
    ledgerMaxWriteEntries: cost.ledgerMaxWriteLedgerEntries,
    txMaxWriteBytes: cost.txMaxWriteBytes,
    ledgerMaxWriteBytes: cost.ledgerMaxWriteBytes,
    txMaxSizeBytes: bandwidth.txMaxSizeBytes,
    ledgerMaxTransactionBytes: bandwidth.ledgerMaxTxsSizeBytes,
    ledgerMaxTransactions: lanes.ledgerMaxTxCount,
    ledgerMaxClusters: parallel.ledgerMaxDependentTxClusters,
    txMaxEventsBytes: events.txMaxContractEventsSizeBytes,
    feeHistorical1Kb: historical.feeHistorical1Kb,
    feeTxSize1Kb: bandwidth.feeTxSize1Kb,
    maxEntryTtl: archival.maxEntryTtl,
    minTemporaryTtl: archival.minTemporaryTtl,
    minPersistentTtl: archival.minPersistentTtl,
    stateSizeSamples: archival.liveSorobanStateSizeWindowSampleSize,
    stateSizeSamplePeriodLedgers: archival.liveSorobanStateSizeWindowSamplePeriod,
  };
}
