// The ledger of another network below our own: its entries are read through its RPC when something first needs them,
// and kept as they were then; what is written stays here. Look-ups are synchronous, so one that misses is noted, the
// attempt is thrown away, and after fetching it is made again. An RPC knows only its latest ledger: entries read later
// are of a later ledger than the fork, and there is no forking at an earlier one.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { fromBase64, fromHex, toBase64, toHex } from '../bytes.ts';
import type { SorobanHost } from '../engine/sorobanHost.ts';
import { accountKey, newAccount, putAccount } from '../ledger/account.ts';
import { type ClosedLedger, MINIMUM_BASE_FEES, TOTAL_COINS_STROOPS } from '../ledger/closedLedger.ts';
import {
  type EntrySource,
  type KeyText,
  keyBytes,
  keyText,
  LedgerDelta,
  type StoredEntry,
} from '../ledger/entryStore.ts';
import { rootSigner } from '../ledger/genesis.ts';
import type { LedgerChange } from '../ledger/ledger.ts';
import { ledgerKeyOf } from '../ledger/ledgerKey.ts';
import { putCostParams, SETTING_KEYS } from '../ledger/networkSettings.ts';
import { firstSorobanState, NO_SOROBAN_STATE } from '../ledger/sorobanState.ts';
import { sha256 } from '../sha256.ts';
import { ForkError, RemoteRpc } from './remoteRpc.ts';

/** What stellar-rpc takes in one getLedgerEntries. */
const MAX_KEYS = 200;
/** A call that goes from contract to contract finds out what it needs step by step. */
const MAX_ROUNDS = 200;
const MAX_ENTRIES = 100_000;

/** Entries of the other network have to be fetched before this can be worked out. */
export class MissingEntries extends ForkError {
  constructor() {
    super(
      'entries of the forked network have to be fetched first: call this as a JSON-RPC method, which waits for them',
    );
    this.name = 'MissingEntries';
  }
}

export class Fork implements EntrySource {
  readonly passphrase: string;
  readonly protocolVersion: number;
  readonly #remote: RemoteRpc;
  readonly #start: ClosedLedger;
  /** null for an entry that the other network does not have. */
  #entries = new Map<KeyText, StoredEntry | null>();
  #missing = new Set<KeyText>();

  private constructor(remote: RemoteRpc, network: NetworkIdentity, start: ClosedLedger) {
    this.#remote = remote;
    this.passphrase = network.passphrase;
    this.protocolVersion = network.protocolVersion;
    this.#start = start;
  }

  /** @throws ForkError */
  static async open(rpcUrl: string, timeoutMs?: number): Promise<Fork> {
    const remote = new RemoteRpc(rpcUrl, timeoutMs);
    const network = await readNetwork(remote);
    const fork = new Fork(remote, network, await readLatestLedger(remote));
    await fork.#fetch(SETTING_KEYS);
    return fork;
  }

  get(key: KeyText): StoredEntry | undefined {
    const found = this.#entries.get(key);
    if (found === undefined && !isNonce(key)) this.#missing.add(key);
    return found ?? undefined;
  }

  /** Notes what will be needed, so that it is fetched together. */
  expect(keys: Iterable<KeyText>): void {
    for (const key of keys) if (!this.#entries.has(key) && !isTtl(key)) this.#missing.add(key);
  }

  /** @throws MissingEntries when what ran since the last attempt met an entry that is not here yet */
  assertComplete(): void {
    if (this.#missing.size > 0) throw new MissingEntries();
  }

  forgetMissing(): void {
    this.#missing.clear();
  }

  /** Runs it until it has met every entry that it needs. @throws ForkError, or what it throws itself */
  async attempt<Result>(run: () => Result): Promise<Result> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      this.#missing.clear();
      let result: Result | undefined;
      let failure: { error: unknown } | null = null;
      try {
        result = run();
      } catch (error) {
        failure = { error };
      }
      if (this.#missing.size === 0) {
        if (failure) throw failure.error;
        return result as Result;
      }
      const missing = [...this.#missing];
      this.#missing.clear();
      await this.#fetch(missing);
    }
    throw new ForkError(`this needs more than ${MAX_ROUNDS} rounds of reading from ${this.#remote.host}`);
  }

  /** The ledger that this network goes on from, with a root account of our own that can pay for everything. */
  firstLedger(host: SorobanHost): LedgerChange {
    const delta = new LedgerDelta(this);
    const { sequence } = this.#start;
    for (const key of SETTING_KEYS) {
      const setting = this.get(key);
      if (setting) delta.put(key, setting);
    }
    // Cost parameters go with the host's version, not with the network.
    if (host.protocolVersion !== this.protocolVersion) putCostParams(delta, sequence, host.costParams());
    const root = rootSigner(sha256(new TextEncoder().encode(this.passphrase))).publicKey;
    // The other network's root account is covered by ours, whatever became of it.
    this.#entries.set(accountKey(root), null);
    putAccount(delta, newAccount(root, TOTAL_COINS_STROOPS, sequence), sequence);
    this.#missing.clear();
    // What the other network sampled last is the size of its state; nobody tells it otherwise.
    const changed = delta.touched();
    const sorobanState = firstSorobanState({ host, sequence, before: { get: () => undefined }, changed });
    return { closed: { ...this.#start, sorobanState }, entries: changed };
  }

  async #fetch(keys: readonly KeyText[]): Promise<void> {
    if (this.#entries.size + keys.length > MAX_ENTRIES) this.#entries.clear();
    let wanted = [...keys];
    while (wanted.length > 0) {
      const found = await this.#fetchOnce(wanted.splice(0, MAX_KEYS));
      // Whoever reads a contract's instance runs its code next.
      wanted = [...wanted, ...found.filter((key) => !this.#entries.has(key))];
    }
  }

  /** @returns keys that will be asked for next */
  async #fetchOnce(keys: readonly KeyText[]): Promise<KeyText[]> {
    const asked = new Map(keys.map((key) => [key, null as StoredEntry | null]));
    const reply = await this.#remote.call('getLedgerEntries', {
      keys: keys.map((key) => toBase64(keyBytes(key))),
    });
    const { entries } = reply;
    if (!Array.isArray(entries)) throw this.#remote.failure('answered getLedgerEntries without entries');
    const next: KeyText[] = [];
    for (const item of entries) {
      const { key, stored, code } = this.#decode(item);
      if (!asked.has(key))
        throw this.#remote.failure('answered getLedgerEntries with an entry of another key');
      asked.set(key, stored);
      if (code) next.push(code);
    }
    // Another attempt may have fetched it meanwhile: what was seen once stays as it is.
    for (const [key, stored] of asked) if (!this.#entries.has(key)) this.#entries.set(key, stored);
    return next;
  }

  #decode(item: unknown): { key: KeyText; stored: StoredEntry; code: KeyText | null } {
    try {
      const {
        xdr: data,
        extXdr,
        lastModifiedLedgerSeq,
        liveUntilLedgerSeq,
      } = item as Record<string, unknown>;
      // What the other network changed after the fork is as old as the fork to us.
      const lastModified = Math.min(u32(lastModifiedLedgerSeq), this.#start.sequence);
      const entry = new xdr.LedgerEntry({
        lastModifiedLedgerSeq: lastModified,
        data: xdr.LedgerEntryData.fromXdr(data as string, 'base64'),
        ext: extXdr ? xdr.LedgerEntryExt.fromXdr(extXdr as string, 'base64') : xdr.LedgerEntryExt.v0(),
      });
      const hasLifetime = entry.data.type === 'contractData' || entry.data.type === 'contractCode';
      const ttl = hasLifetime
        ? { liveUntilLedger: u32(liveUntilLedgerSeq), modifiedLedger: lastModified }
        : null;
      const key = keyText(ledgerKeyOf(entry)!.toXdr());
      return { key, stored: { xdr: entry.toXdr(), ttl }, code: codeKeyOf(entry.data) };
    } catch (cause) {
      throw this.#remote.failure('answered getLedgerEntries with an entry that cannot be read', cause);
    }
  }
}

type NetworkIdentity = { readonly passphrase: string; readonly protocolVersion: number };

async function readNetwork(remote: RemoteRpc): Promise<NetworkIdentity> {
  const { passphrase, protocolVersion } = await remote.call('getNetwork');
  if (typeof passphrase !== 'string' || !Number.isInteger(protocolVersion)) {
    throw remote.failure('did not say which network it is');
  }
  return { passphrase, protocolVersion: protocolVersion as number };
}

async function readLatestLedger(remote: RemoteRpc): Promise<ClosedLedger> {
  const latest = await remote.call('getLatestLedger');
  const { id, headerXdr } = 'headerXdr' in latest ? latest : await readHeader(remote, latest.sequence);
  try {
    const header = xdr.LedgerHeader.fromXdr(headerXdr as string, 'base64');
    return {
      sequence: header.ledgerSeq,
      closeTimeSeconds: Number(header.scpValue.closeTime),
      feePoolStroops: header.feePool,
      baseFees: MINIMUM_BASE_FEES,
      hash: fromHex(id as string),
      headerXdr: fromBase64(headerXdr as string),
      transactions: [],
      events: [],
      sorobanState: NO_SOROBAN_STATE,
    };
  } catch (cause) {
    throw remote.failure('answered getLatestLedger without a ledger header that can be read', cause);
  }
}

/** Older RPCs give the header with getLedgers only. */
async function readHeader(remote: RemoteRpc, sequence: unknown): Promise<{ id: string; headerXdr: string }> {
  const { ledgers } = await remote.call('getLedgers', { startLedger: sequence, pagination: { limit: 1 } });
  try {
    const [{ headerXdr }] = ledgers as [{ headerXdr: string }];
    const { hash, header } = xdr.LedgerHeaderHistoryEntry.fromXdr(headerXdr, 'base64');
    return { id: toHex(hash.toBytes()), headerXdr: header.toXdr('base64') };
  } catch (cause) {
    throw remote.failure('answered getLedgers without a ledger header that can be read', cause);
  }
}

/** No RPC is to be asked for these; a footprint that names one is refused here. */
function isTtl(key: KeyText): boolean {
  const TTL = 9;
  return key.charCodeAt(3) === TTL;
}

/** Simulation draws nonces anew each time; those that a transaction names in its footprint are expected anyway. */
function isNonce(key: KeyText): boolean {
  const decoded = xdr.LedgerKey.fromXdr(keyBytes(key));
  return decoded.type === 'contractData' && decoded.contractData.key.type === 'scvLedgerKeyNonce';
}

function codeKeyOf(data: xdr.LedgerEntryData): KeyText | null {
  if (data.type !== 'contractData' || data.contractData.val.type !== 'scvContractInstance') return null;
  const { executable } = data.contractData.val.instance;
  if (executable.type !== 'contractExecutableWasm') return null;
  const key = new xdr.LedgerKeyContractCode({ hash: executable.wasmHash });
  return keyText(xdr.LedgerKey.contractCode(key).toXdr());
}

function u32(value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    throw new RangeError('not a ledger sequence');
  }
  return value;
}
