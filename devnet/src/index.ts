// A Stellar network in one process. `createDevnet` gives the network as a value: JSON-RPC by function call, funding,
// time travel, snapshots; `serveDevnet` puts it on HTTP. Contracts run in the real Soroban host (wasm); consensus,
// history archives and Horizon do not exist here.
import { readFile } from 'node:fs/promises';
import * as xdr from '@stellar/stellar-sdk/xdr';
import { Engine } from './engine.ts';
import { fund } from './friendbot.ts';
import { openJournal } from './journal.ts';
import type { LimitsName } from './ledger/limits.ts';
import { DEFAULT_CLOSE_INTERVAL_SECONDS, type MineMode, Network } from './network.ts';
import { dispatch } from './rpc/dispatch.ts';
import { type DevnetServer, type ServeOptions, serve } from './server.ts';

export { FriendbotError } from './friendbot.ts';
export { JournalError } from './journal.ts';
export { RpcError } from './rpc/rpcError.ts';
export type { DevnetServer, ServeOptions } from './server.ts';

export const STANDALONE_PASSPHRASE = 'Standalone Network ; February 2017';
const ENGINE_FILE = new URL('../engine/soroban-p30.wasm', import.meta.url);

export type Devnet = {
  readonly passphrase: string;
  readonly protocolVersion: number;
  /** Address of the native asset's contract, which exists from the first ledger. */
  readonly nativeTokenContractId: string;
  /** Calls a JSON-RPC method. @throws RpcError {code, message, data} */
  rpc(method: string, params?: unknown): Promise<unknown>;
  /** Gives 10,000 XLM to a G or C address. @throws FriendbotError */
  fund(address: string): Promise<{ hash: string }>;
  latestLedger(): { sequence: number; closeTimeSeconds: number };
  /** Moves time on; a missing member follows from the close interval (5 s a ledger). */
  warp(step: { ledgers?: number; seconds?: number }): void;
  /** Closes ledgers now, the first ones with the transactions that are pending. */
  mine(ledgers?: number): void;
  snapshot(): number;
  /** Goes back to a snapshot, which is used up. @throws RangeError for an unknown id */
  revert(id: number): void;
  /** Syncs and closes the state file. */
  close(): Promise<void>;
};

export type DevnetOptions = {
  passphrase?: string;
  /** Keeps the network in this file across restarts. */
  statePath?: string;
  /** The clock, in Unix seconds. */
  nowSeconds?: () => number;
  /** Limits and fee rates, `mainnet` by default. */
  limits?: LimitsName;
  /** When a transaction's ledger closes: at once (`instant`, the default), by the clock, or on `mine`. */
  mineMode?: MineMode;
  /** How often an idle network closes a ledger; 0 for never, 5 by default. */
  closeIntervalSeconds?: number;
};

const networks = new WeakMap<Devnet, Network>();
let engineModule: Promise<WebAssembly.Module> | null = null;

/** @throws JournalError when the state file is damaged or belongs to another network. */
export async function createDevnet(options: DevnetOptions = {}): Promise<Devnet> {
  engineModule ??= readFile(ENGINE_FILE).then((bytes) => WebAssembly.compile(bytes));
  const network = new Network(new Engine(await engineModule), {
    passphrase: options.passphrase ?? STANDALONE_PASSPHRASE,
    limits: options.limits ?? 'mainnet',
    mineMode: options.mineMode ?? 'instant',
    nowSeconds: options.nowSeconds ?? (() => Date.now() / 1000),
    closeIntervalSeconds: options.closeIntervalSeconds ?? DEFAULT_CLOSE_INTERVAL_SECONDS,
    ...(options.statePath === undefined ? {} : { openLog: openJournal(options.statePath) }),
  });
  const devnet: Devnet = {
    passphrase: network.passphrase,
    protocolVersion: network.ledger.protocolVersion,
    nativeTokenContractId: String(new xdr.ContractId(network.ledger.nativeContractId).toJson()),
    rpc: (method, params) => dispatch(network, method, params),
    fund: async (address) => ({ hash: fund(network, address).hash }),
    latestLedger() {
      network.advance();
      const { sequence, closeTimeSeconds } = network.latest;
      return { sequence, closeTimeSeconds };
    },
    warp: (step) => network.warp(step),
    mine: (ledgers) => network.mine(ledgers),
    snapshot: () => network.snapshot(),
    revert: (id) => network.revert(id),
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
