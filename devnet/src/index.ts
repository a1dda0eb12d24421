// A Stellar network in one process. `createDevnet` gives the network as a value: JSON-RPC by function call, funding,
// time travel, snapshots; `serveDevnet` puts it on HTTP. Contracts run in the real Soroban host (wasm); consensus,
// history archives and Horizon do not exist here. Runs in Node and in browsers, where a state file and HTTP are refused.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { serve } from '#platform/server';
import { openJournal } from '#platform/stateFile';
import { DEFAULT_PROTOCOL_VERSION } from './engine/engineFile.ts';
import { sharedEngine } from './engine/sharedEngine.ts';
import { Fork } from './fork/fork.ts';
import type { DevnetServer, ServeOptions } from './http/server.ts';
import type { LimitsName } from './ledger/limits.ts';
import { DEFAULT_CLOSE_INTERVAL_SECONDS, type MineMode, Network } from './network/network.ts';
import { type DevnetPowers, powersOf } from './network/powers.ts';
import { dispatch } from './rpc/dispatch.ts';
import { setUpDevelopment } from './setup/developmentSetup.ts';
import { DEFAULT_SEED_PHRASE, seededAccounts } from './setup/seededAccounts.ts';

export { ForkError } from './fork/remoteRpc.ts';
export type { DevnetServer, ServeOptions } from './http/server.ts';
export { DumpError } from './network/dump.ts';
export { FriendbotError } from './network/friendbot.ts';
export { JournalError } from './network/journalError.ts';
export type { MineMode } from './network/network.ts';
export { OwnTransactionError } from './network/ownTransaction.ts';
export type { DevnetPowers, DevnetUsdc } from './network/powers.ts';
export { RpcError } from './rpc/rpcError.ts';
export type { SeededAccount } from './setup/seededAccounts.ts';

export const STANDALONE_PASSPHRASE = 'Standalone Network ; February 2017';

export type Devnet = DevnetPowers & {
  readonly passphrase: string;
  readonly protocolVersion: number;
  /** Address of the native asset's contract, which exists from the first ledger. */
  readonly nativeTokenContractId: string;
  /** Calls a JSON-RPC method. @throws RpcError {code, message, data} */
  rpc(method: string, params?: unknown): Promise<unknown>;
  /** Syncs and closes the state file. */
  close(): Promise<void>;
};

export type DevnetOptions = {
  passphrase?: string;
  /** Keeps the network in this file across restarts. */
  statePath?: string;
  /** The clock, in Unix seconds. */
  nowSeconds?: () => number;
  /** Limits and fee rates: `mainnet` by default, where a state file or a fork goes on those that it has. */
  limits?: LimitsName;
  /** When a transaction's ledger closes: at once (`instant`, the default), by the clock, or on `mine`. */
  mineMode?: MineMode;
  /** How often an idle network closes a ledger; 0 for never, 5 by default. */
  closeIntervalSeconds?: number;
  /** The protocol whose host runs contracts; the newest by default, on a fork that of the other network. */
  protocol?: number;
  /** Goes on from what the network behind this RPC holds; passphrase and settings are that network's. */
  forkUrl?: string;
  /** How many funded accounts with known keys there are; none by default. */
  accounts?: number;
  /** The phrase that their keys are derived from (SEP-5). */
  seedPhrase?: string;
  /** Whether there is a test USDC, with a line and a balance for each of those accounts; not by default. */
  usdc?: boolean;
};

const networks = new WeakMap<Devnet, Network>();

/**
 * @throws JournalError when the state file is damaged or belongs to another network.
 * @throws ForkError when the network to fork cannot be read.
 */
export async function createDevnet(options: DevnetOptions = {}): Promise<Devnet> {
  const fork = options.forkUrl === undefined ? undefined : await Fork.open(options.forkUrl);
  const protocol = options.protocol ?? fork?.protocolVersion ?? DEFAULT_PROTOCOL_VERSION;
  const network = new Network(await sharedEngine(protocol), {
    passphrase: fork?.passphrase ?? options.passphrase ?? STANDALONE_PASSPHRASE,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    mineMode: options.mineMode ?? 'instant',
    nowSeconds: options.nowSeconds ?? (() => Date.now() / 1000),
    closeIntervalSeconds: options.closeIntervalSeconds ?? DEFAULT_CLOSE_INTERVAL_SECONDS,
    ...(options.statePath === undefined ? {} : { openLog: openJournal(options.statePath) }),
    ...(fork === undefined ? {} : { fork }),
    accounts: seededAccounts(options.accounts ?? 0, options.seedPhrase ?? DEFAULT_SEED_PHRASE),
    hasUsdc: options.usdc ?? false,
  });
  await network.attempt(() => setUpDevelopment(network));
  const devnet: Devnet = {
    passphrase: network.passphrase,
    protocolVersion: network.ledger.protocolVersion,
    nativeTokenContractId: String(new xdr.ContractId(network.ledger.nativeContractId).toJson()),
    rpc: (method, params) => dispatch(network, method, params),
    ...powersOf(network),
    close: async () => network.close(),
  };
  networks.set(devnet, network);
  return devnet;
}

/** Serves a network over HTTP; closing the server leaves the network open. */
export function serveDevnet(devnet: Devnet, options: ServeOptions = {}): Promise<DevnetServer> {
  const network = networks.get(devnet);
  if (!network) throw new TypeError('serveDevnet needs a network from createDevnet');
  return serve(network, options);
}
