// The table of developers' methods. Whoever can reach the port can call them: they are no more protected than the rest.
// What a power refuses as out of range is the caller's mistake, and answered as invalid parameters.
import { FriendbotError } from '../../network/friendbot.ts';
import type { Network } from '../../network/network.ts';
import type { Params } from '../params.ts';
import { invalidParams } from '../rpcError.ts';
import { accounts } from './accounts.ts';
import { dumpState } from './dumpState.ts';
import { fund } from './fund.ts';
import { impersonate } from './impersonate.ts';
import { loadState } from './loadState.ts';
import { mine } from './mine.ts';
import { removeLedgerEntry } from './removeLedgerEntry.ts';
import { revert } from './revert.ts';
import { setLedgerEntry } from './setLedgerEntry.ts';
import { setLimits } from './setLimits.ts';
import { setMineMode } from './setMineMode.ts';
import { setNextCloseTime } from './setNextCloseTime.ts';
import { snapshot } from './snapshot.ts';
import { stopImpersonating } from './stopImpersonating.ts';
import { trace } from './trace.ts';
import { warp } from './warp.ts';

type Method = (network: Network, params: Params) => unknown;

/** Each with the names of its parameters: a misspelt one would otherwise do something else than was meant. */
const METHODS: Record<string, readonly [Method, ...parameters: string[]]> = {
  accounts: [accounts],
  dumpState: [dumpState],
  fund: [fund, 'address', 'asset'],
  impersonate: [impersonate, 'address'],
  loadState: [loadState, 'state'],
  mine: [mine, 'ledgers'],
  removeLedgerEntry: [removeLedgerEntry, 'key'],
  revert: [revert, 'snapshotId'],
  setLedgerEntry: [setLedgerEntry, 'entry', 'liveUntilLedger'],
  setLimits: [setLimits, 'limits'],
  setMineMode: [setMineMode, 'mode', 'intervalSeconds'],
  setNextCloseTime: [setNextCloseTime, 'closeTime'],
  snapshot: [snapshot],
  stopImpersonating: [stopImpersonating, 'address'],
  trace: [trace, 'transaction', 'authMode', 'xdrFormat'],
  warp: [warp, 'ledgers', 'seconds'],
};

export const DEVNET_METHODS: readonly [string, Method][] = Object.entries(METHODS).map(
  ([name, [method, ...parameters]]) => [
    `devnet_${name}`,
    (network, params) => {
      params.refuseOthersThan(parameters);
      try {
        return method(network, params);
      } catch (error) {
        if (error instanceof RangeError || error instanceof FriendbotError)
          throw invalidParams(error.message);
        throw error;
      }
    },
  ],
);
