// What a batch of events changes, stored in the caller's transaction. A wallet is known only if a configured factory
// says that it deployed it; its own events count from the first one on, which comes before the factory's in the same
// transaction, so batches have to hold whole ledgers. A wallet that replaces its code by one that is not known is not
// believed any more: from then on its signers are what they were.
import { bytesToHex, signerKeyToScVal, type TokenEvent, type WalletEvent } from '@latchkey/sdk/chain';
import type { Db } from '../db/database.ts';
import { keepBefore } from '../db/indexedBefore.ts';
import {
  type IndexedSigner,
  type IndexedWallet,
  insertWalletEvents,
  type PendingRecovery,
  pendingRecoveriesOf,
  putDueBalances,
  putPendingRecovery,
  putSigners,
  putWallets,
  removePendingRecovery,
  signersOf,
  type WalletBalance,
  type WalletEventRow,
  walletsAmong,
} from '../db/indexedWallets.ts';
import { type ChainEvent, concerned, type DecodedEvent, decodeEvent } from './decode.ts';
import { keyJson, signerColumns, signerJson, signerOf } from './signerRow.ts';

export type IndexRules = {
  factoryIds: ReadonlySet<string>;
  /** hex hashes of wallet code that is believed, beside what a wallet was deployed with */
  knownWasmHashes: ReadonlySet<string>;
  nativeTokenId: string;
  /** the contract of an asset by its SEP-11 name; null when it is no such name */
  assetContract: (asset: string) => string | null;
};

type Of<F extends DecodedEvent['from']> = Extract<DecodedEvent, { from: F }>;

/** The tables, as far as a batch concerns them, and what it changed of them. */
class Batch {
  readonly wallets = new Map<string, IndexedWallet>();
  readonly signers = new Map<string, IndexedSigner>();
  /** null for one that has ended */
  readonly pending = new Map<string, PendingRecovery | null>();
  readonly changedWallets = new Set<string>();
  readonly changedSigners = new Set<string>();
  readonly changedPending = new Set<string>();
  readonly events: WalletEventRow[] = [];
  readonly balances = new Map<string, Pick<WalletBalance, 'wallet' | 'token' | 'changed_at_ledger'>>();
  readonly rules: IndexRules;

  constructor(rules: IndexRules) {
    this.rules = rules;
  }

  note(source: ChainEvent, wallet: string, kind: string, more: Partial<WalletEventRow> = {}): void {
    this.events.push({
      wallet,
      id: source.id,
      kind,
      ledger: source.ledger,
      closed_at: Date.parse(source.ledgerClosedAt),
      hash: source.txHash,
      signer_id: null,
      token: null,
      counterparty: null,
      amount: null,
      asset: null,
      detail: '{}',
      ...more,
    });
  }

  balanceChanged(wallet: string, token: string, ledger: number): void {
    this.balances.set(`${wallet} ${token}`, { wallet, token, changed_at_ledger: ledger });
  }

  register({ source, event }: Of<'factory'>): void {
    if (this.wallets.has(event.wallet)) return;
    const wasmHash = bytesToHex(event.walletWasmHash);
    this.wallets.set(event.wallet, {
      address: event.wallet,
      factory: source.contractId,
      deployment_salt: bytesToHex(event.deploymentSalt),
      deployed_at_ledger: source.ledger,
      wasm_hash: wasmHash,
      is_known_code: 1,
      admin_threshold: 0,
      guardian: null,
      changed_at_ledger: source.ledger,
    });
    this.changedWallets.add(event.wallet);
    this.balanceChanged(event.wallet, this.rules.nativeTokenId, source.ledger);
    this.note(source, event.wallet, event.kind, { detail: JSON.stringify({ factory: source.contractId }) });
  }

  wallet({ source, event }: Of<'wallet'>): void {
    const wallet = this.wallets.get(source.contractId);
    if (!wallet?.is_known_code) return;
    if (event.kind === 'configured' || event.kind === 'updated') this.settings(wallet, source, event);
    else this.signer(wallet.address, source, event);
  }

  settings(
    wallet: IndexedWallet,
    source: ChainEvent,
    event: Extract<WalletEvent, { kind: 'configured' | 'updated' }>,
  ): void {
    const { kind, ...detail } =
      event.kind === 'updated' ? { kind: event.kind, wasmHash: bytesToHex(event.wasmHash) } : event;
    if (event.kind === 'updated') {
      const hash = bytesToHex(event.wasmHash);
      const isKnown = hash === wallet.wasm_hash || this.rules.knownWasmHashes.has(hash);
      wallet.wasm_hash = hash;
      wallet.is_known_code = isKnown ? 1 : 0;
    } else {
      wallet.admin_threshold = event.adminThreshold;
      wallet.guardian = event.recovery;
    }
    wallet.changed_at_ledger = source.ledger;
    this.changedWallets.add(wallet.address);
    this.note(source, wallet.address, kind, { detail: JSON.stringify(detail) });
  }

  signer(
    wallet: string,
    source: ChainEvent,
    event: Exclude<WalletEvent, { kind: 'configured' | 'updated' }>,
  ): void {
    const key = `${wallet} ${event.id}`;
    const before = this.signers.get(key);
    const { ledger } = source;
    let after: IndexedSigner | undefined;
    let detail: unknown = {};
    if ('signer' in event) {
      after = {
        wallet,
        signer_id: event.id,
        ...signerColumns(event.signer),
        policies: event.kind === 'signer-updated' ? (before?.policies ?? '[]') : '[]',
        added_at_ledger: event.kind === 'signer-updated' ? (before?.added_at_ledger ?? ledger) : ledger,
        changed_at_ledger: ledger,
        removed_at_ledger: null,
      };
      detail = { signer: signerJson(event.signer) };
    } else if (event.kind === 'signer-rotated') {
      after = before && { ...before, ...signerColumns({ ...signerOf(before), key: event.key }) };
      detail = { key: keyJson(event.key) };
    } else if (event.kind === 'signer-removed') {
      after = before && { ...before, removed_at_ledger: ledger };
    } else {
      const others = ((before && JSON.parse(before.policies)) as string[] | undefined)?.filter(
        (it) => it !== event.policy,
      );
      const policies = event.kind === 'policy-added' ? [...(others ?? []), event.policy] : others;
      after = before && { ...before, policies: JSON.stringify(policies) };
      detail = { policy: event.policy };
    }
    if (after) {
      this.signers.set(key, { ...after, changed_at_ledger: ledger });
      this.changedSigners.add(key);
    }
    this.note(source, wallet, event.kind, { signer_id: event.id, detail: JSON.stringify(detail) });
  }

  /** A proposal counts if the wallet's guardian keeps it; it outlives a change of guardian. */
  recovery({ source, event }: Of<'recovery'>): void {
    const key = `${event.wallet} ${source.contractId}`;
    const isProposal = event.kind === 'rotation-proposed';
    const counts = isProposal
      ? this.wallets.get(event.wallet)?.guardian === source.contractId
      : this.pending.get(key);
    if (!counts) return;
    const pending: PendingRecovery | null = isProposal
      ? {
          wallet: event.wallet,
          recovery_contract: source.contractId,
          signer_id: event.id,
          key_xdr: signerKeyToScVal(event.key).toXdr('base64'),
          credential_id: signerColumns({ key: event.key, role: { kind: 'admin' }, coSigners: null })
            .credential_id,
          executable_at_seconds: Number(event.executableAtSeconds),
          proposed_at_ledger: source.ledger,
        }
      : null;
    this.pending.set(key, pending);
    this.changedPending.add(key);
    const detail = {
      recoveryContract: source.contractId,
      key: keyJson(event.key),
      ...(pending ? { executableAtSeconds: pending.executable_at_seconds } : {}),
    };
    this.note(source, event.wallet, event.kind, { signer_id: event.id, detail: JSON.stringify(detail) });
  }

  token({ source, event }: Of<'token'>): void {
    const asset =
      event.asset !== null && this.rules.assetContract(event.asset) === source.contractId
        ? event.asset
        : null;
    for (const wallet of new Set([event.from, event.to])) {
      const known = wallet === null ? undefined : this.wallets.get(wallet);
      // What an address received before it was a wallet would depend on where batches end.
      if (wallet === null || !known || source.ledger < known.deployed_at_ledger) continue;
      this.balanceChanged(wallet, source.contractId, source.ledger);
      this.note(source, wallet, tokenKind(event, wallet), {
        token: source.contractId,
        counterparty: wallet === event.from ? event.to : event.from,
        amount: String(event.amount),
        asset,
        detail: event.memo === null ? '{}' : JSON.stringify({ memo: event.memo }),
      });
    }
  }

  async load(db: Db, events: ChainEvent[]): Promise<void> {
    const addresses = [...new Set(events.flatMap(concerned))];
    for (const row of await walletsAmong(db, addresses)) this.wallets.set(row.address, row);
    const known = [...this.wallets.keys()];
    for (const row of await signersOf(db, known)) this.signers.set(`${row.wallet} ${row.signer_id}`, row);
    for (const row of await pendingRecoveriesOf(db, known))
      this.pending.set(`${row.wallet} ${row.recovery_contract}`, row);
  }

  async store(db: Db): Promise<void> {
    await keepBefore(db, {
      wallets: [...this.changedWallets],
      signers: [...this.changedSigners],
      pending: [...this.changedPending],
    });
    await putWallets(
      db,
      [...this.changedWallets].map((it) => this.wallets.get(it)!),
    );
    await putSigners(
      db,
      [...this.changedSigners].map((it) => this.signers.get(it)!),
    );
    for (const key of this.changedPending) {
      const row = this.pending.get(key);
      const [wallet, contract] = key.split(' ');
      await (row ? putPendingRecovery(db, row) : removePendingRecovery(db, wallet!, contract!));
    }
    await insertWalletEvents(db, this.events);
    await putDueBalances(db, [...this.balances.values()]);
  }
}

function tokenKind({ kind, from, to }: TokenEvent, wallet: string): string {
  if (kind === 'transfer') return from === to ? 'moved' : wallet === from ? 'sent' : 'received';
  return { mint: 'minted', burn: 'burned', clawback: 'clawed-back' }[kind];
}

/** @param events in their order, of whole ledgers; @returns how many rows of history they gave */
export async function applyEvents(db: Db, events: ChainEvent[], rules: IndexRules): Promise<number> {
  const batch = new Batch(rules);
  await batch.load(db, events);
  const isKnown = (address: string) => batch.wallets.has(address);
  const decoded = (event: ChainEvent) => {
    const found = decodeEvent(event, rules.factoryIds);
    return found ? [found] : [];
  };
  const factoryEvents = events.filter(({ contractId }) => rules.factoryIds.has(contractId));
  for (const found of factoryEvents.flatMap(decoded)) {
    if (found.from === 'factory') batch.register(found);
  }
  for (const found of events.filter((event) => concerned(event).some(isKnown)).flatMap(decoded)) {
    if (found.from === 'wallet') batch.wallet(found);
    else if (found.from === 'recovery') batch.recovery(found);
    else if (found.from === 'token') batch.token(found);
  }
  await batch.store(db);
  return batch.events.length;
}
