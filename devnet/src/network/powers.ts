// What developers can do to a network beyond what anybody can, as methods on the value; over JSON-RPC the same is
// called devnet_*. On a fork a method that needs an entry of the other network which is not here yet throws
// MissingEntries, but for those that return a promise, and the JSON-RPC methods, which wait for it.
import * as xdr from '@stellar/stellar-sdk/xdr';
import type { AuthMode } from '../engine/sorobanHost.ts';
import type { LimitsName } from '../ledger/limits.ts';
import { trace } from '../rpc/devnet/trace.ts';
import { Params } from '../rpc/params.ts';
import type { SeededAccount } from '../setup/seededAccounts.ts';
import { USDC_CODE } from '../setup/testUsdc.ts';
import { dumpState, loadState } from './dump.ts';
import { removeLedgerEntry, setLedgerEntry } from './entryChange.ts';
import { type FundedAsset, fund } from './friendbot.ts';
import { impersonate, stopImpersonating } from './impersonation.ts';
import type { MineMode, Network } from './network.ts';

export type DevnetUsdc = {
  readonly code: string;
  readonly issuer: SeededAccount;
  readonly contractId: string;
};

export type Trace = ReturnType<typeof trace>;
export type TraceOptions = { readonly authMode?: AuthMode; readonly xdrFormat?: 'base64' | 'json' };

export type DevnetPowers = {
  /** Funded accounts with known keys; none unless asked for. */
  readonly accounts: readonly SeededAccount[];
  /** The test USDC; null unless asked for. */
  readonly usdc: DevnetUsdc | null;
  /** Gives 10,000 XLM, or USDC, to a G or C address. @throws FriendbotError */
  fund(address: string, asset?: FundedAsset): Promise<{ hash: string }>;
  latestLedger(): { sequence: number; closeTimeSeconds: number };
  /** Moves time on; a missing member follows from the close interval (5 s a ledger). */
  warp(step: { ledgers?: number; seconds?: number }): void;
  /** Closes ledgers now, the first ones with the transactions that are pending. */
  mine(ledgers?: number): void;
  setMineMode(mode: MineMode, intervalSeconds?: number): void;
  /** Orders the close time of the next ledger, in Unix seconds. @throws RangeError before the latest ledger's */
  setNextCloseTime(closeTimeSeconds: number): void;
  snapshot(): number;
  /** Goes back to a snapshot, which is used up. @throws RangeError for an unknown id */
  revert(id: number): void;
  /** Closes a ledger in which this LedgerEntry (XDR, base64) stands. @throws RangeError */
  setLedgerEntry(entryXdr: string, liveUntilLedger?: number): Promise<void>;
  /** Closes a ledger in which the entry under this LedgerKey (XDR, base64) is gone. @throws RangeError */
  removeLedgerEntry(keyXdr: string): Promise<void>;
  setLimits(limits: LimitsName): void;
  /** Takes the authorization of an account or contract for granted. @throws RangeError */
  impersonate(address: string): void;
  stopImpersonating(address: string): void;
  /**
   * What a contract call (a transaction in base64 XDR) would do: calls, authorizations, events, costs.
   * @throws RpcError as devnet_trace answers it
   */
  trace(transaction: string, options?: TraceOptions): Promise<Trace>;
  /** The whole state as text. */
  dumpState(): string;
  /** @throws DumpError, and then nothing has changed */
  loadState(dump: string): void;
};

export function powersOf(network: Network): DevnetPowers {
  return {
    ...setUpOf(network),
    fund: async (address, asset) => ({
      hash: (await network.attempt(() => fund(network, address, asset))).hash,
    }),
    latestLedger() {
      network.once(() => network.advance());
      const { sequence, closeTimeSeconds } = network.latest;
      return { sequence, closeTimeSeconds };
    },
    warp: (step) => network.once(() => network.warp(step)),
    mine: (ledgers) => network.once(() => network.mine(ledgers)),
    setMineMode: (mode, intervalSeconds) => network.once(() => network.setMineMode(mode, intervalSeconds)),
    setNextCloseTime: (closeTimeSeconds) => network.setNextCloseTime(closeTimeSeconds),
    snapshot: () => network.snapshot(),
    revert: (id) => network.revert(id),
    setLedgerEntry: (entryXdr, liveUntilLedger) =>
      network.attempt(() => setLedgerEntry(network, entryXdr, liveUntilLedger)),
    removeLedgerEntry: (keyXdr) => network.attempt(() => removeLedgerEntry(network, keyXdr)),
    setLimits: (limits) => network.once(() => network.setLimits(limits)),
    impersonate: (address) => impersonate(network, address),
    stopImpersonating: (address) => stopImpersonating(network, address),
    trace: (transaction, options) =>
      network.attempt(() => trace(network, new Params({ ...options, transaction }))),
    dumpState: () => dumpState(network),
    loadState: (dump) => network.once(() => loadState(network, dump)),
  };
}

/** The known accounts and the test USDC, without what signs. */
export function setUpOf({ accounts, usdc }: Network): Pick<DevnetPowers, 'accounts' | 'usdc'> {
  const shown = ({ publicKey, secretKey }: SeededAccount) => ({ publicKey, secretKey });
  return {
    accounts: accounts.map(shown),
    usdc: usdc && {
      code: USDC_CODE,
      issuer: shown(usdc.issuer),
      contractId: String(new xdr.ContractId(usdc.contractId).toJson()),
    },
  };
}
