// The sets of limits and fee rates that a network can start with. `mainnet`: its limits and rates as of July 2026; what
// mainnet does not publish a newer figure for is testnet's setting of protocol 26. `testnet`: as of protocol 26.
// `unlimited`: what a development machine can still carry; the fee rates stay mainnet's.

export type NetworkSettings = {
  readonly contractMaxSizeBytes: number;
  readonly dataKeySizeBytes: number;
  readonly dataEntrySizeBytes: number;
  readonly txMaxInstructions: bigint;
  /** Of each cluster that validators run side by side. */
  readonly ledgerMaxInstructions: bigint;
  /** Stroops per 10,000 instructions. */
  readonly feeRatePerInstructionsIncrement: bigint;
  readonly txMemoryLimitBytes: number;
  readonly txMaxFootprintEntries: number;
  readonly txMaxDiskReadEntries: number;
  readonly ledgerMaxDiskReadEntries: number;
  readonly txMaxDiskReadBytes: number;
  readonly ledgerMaxDiskReadBytes: number;
  readonly txMaxWriteEntries: number;
  readonly ledgerMaxWriteEntries: number;
  readonly txMaxWriteBytes: number;
  readonly ledgerMaxWriteBytes: number;
  readonly txMaxSizeBytes: number;
  readonly ledgerMaxTransactionBytes: number;
  /** Contract transactions in a ledger. */
  readonly ledgerMaxTransactions: number;
  readonly ledgerMaxClusters: number;
  readonly txMaxEventsBytes: number;
  /** Stroops. */
  readonly feeHistorical1Kb: bigint;
  readonly feeTxSize1Kb: bigint;
  /** Lifetimes, in ledgers. */
  readonly maxEntryTtl: number;
  readonly minTemporaryTtl: number;
  readonly minPersistentTtl: number;
  readonly stateSizeSamples: number;
  readonly stateSizeSamplePeriodLedgers: number;
};

export type LimitsName = 'mainnet' | 'testnet' | 'unlimited';

const mainnet: NetworkSettings = {
  contractMaxSizeBytes: 131_072,
  dataKeySizeBytes: 250,
  dataEntrySizeBytes: 65_536,
  txMaxInstructions: 400_000_000n,
  ledgerMaxInstructions: 580_000_000n,
  feeRatePerInstructionsIncrement: 7n,
  txMemoryLimitBytes: 41_943_040,
  txMaxFootprintEntries: 400,
  txMaxDiskReadEntries: 200,
  ledgerMaxDiskReadEntries: 500,
  txMaxDiskReadBytes: 200_000,
  ledgerMaxDiskReadBytes: 3_500_000,
  txMaxWriteEntries: 200,
  ledgerMaxWriteEntries: 250,
  txMaxWriteBytes: 132_096,
  ledgerMaxWriteBytes: 286_720,
  txMaxSizeBytes: 132_096,
  ledgerMaxTransactionBytes: 133_120,
  ledgerMaxTransactions: 100,
  ledgerMaxClusters: 2,
  txMaxEventsBytes: 16_384,
  feeHistorical1Kb: 4_059n,
  feeTxSize1Kb: 406n,
  maxEntryTtl: 3_110_400,
  minTemporaryTtl: 720,
  minPersistentTtl: 120_960,
  stateSizeSamples: 30,
  stateSizeSamplePeriodLedgers: 64,
};

const testnet: NetworkSettings = {
  ...mainnet,
  txMaxInstructions: 100_000_000n,
  ledgerMaxInstructions: 500_000_000n,
  feeRatePerInstructionsIncrement: 25n,
  txMaxFootprintEntries: 100,
  txMaxDiskReadEntries: 100,
  txMaxWriteEntries: 50,
  ledgerMaxWriteBytes: 143_360,
  ledgerMaxClusters: 1,
  feeHistorical1Kb: 16_235n,
  feeTxSize1Kb: 1_624n,
};

/** Many, and yet counts that fit the 32 bits of a declaration. */
const MANY = 1_000_000_000;

const unlimited: NetworkSettings = {
  ...mainnet,
  contractMaxSizeBytes: 1_000_000,
  dataKeySizeBytes: 4_096,
  dataEntrySizeBytes: 1_000_000,
  txMaxInstructions: 4_000_000_000n,
  ledgerMaxInstructions: 400_000_000_000n,
  txMemoryLimitBytes: 500_000_000,
  txMaxFootprintEntries: 10_000,
  txMaxDiskReadEntries: 10_000,
  ledgerMaxDiskReadEntries: MANY,
  txMaxDiskReadBytes: 10_000_000,
  ledgerMaxDiskReadBytes: MANY,
  txMaxWriteEntries: 10_000,
  ledgerMaxWriteEntries: MANY,
  txMaxWriteBytes: 10_000_000,
  ledgerMaxWriteBytes: MANY,
  txMaxSizeBytes: 1_000_000,
  ledgerMaxTransactionBytes: MANY,
  ledgerMaxTransactions: 1_000_000,
  txMaxEventsBytes: 1_000_000,
};

export const LIMITS: Readonly<Record<LimitsName, NetworkSettings>> = { mainnet, testnet, unlimited };
