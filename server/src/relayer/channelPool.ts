// The pool of channel accounts, as large as the settings say. Their keys follow from an index, so what is on the ledger
// and what is in the table can always be brought together again: running it twice, in two processes, or after a crash
// anywhere makes nothing twice. The accounts hold nothing; the sponsor stands for their reserves (CAP-33) and gets
// them back when an account is merged into it, which waits until no submission has the account.
import { LatchkeyError } from '@latchkey/sdk/api';
import type { Rpc } from '@latchkey/sdk/chain';
import type { Keypair } from '@stellar/stellar-sdk/base';
import {
  BeginSponsoringFutureReservesOp,
  CreateAccountOp,
  Memo,
  MuxedAccount,
  Operation,
  OperationBody,
  Preconditions,
  TimeBounds,
  Transaction,
  TransactionExt,
} from '@stellar/stellar-sdk/xdr';
import type { Logger } from 'pino';
import { addChannel, type Channel, channelsOf, removeChannel, retireChannels } from '../db/channels.ts';
import type { Database } from '../db/database.ts';
import type { ChannelKeys } from './channelKeys.ts';
import { resultCode } from './resultCodes.ts';
import { accountKey, type Sponsor } from './sponsor.ts';

/** An envelope holds 20 signatures: the sponsor's and one of each account. */
const CHANNELS_PER_TRANSACTION = 19;
const FEE_PER_OPERATION_STROOPS = 10_000;
const VALID_FOR_SECONDS = 60n;
const POLL_MS = 250;
/** How many ledger entries a node answers for in one call. */
const KEYS_PER_CALL = 200;
/** Accounts of another network than the server's own have keys of their own, from this index of the seed on. */
const OTHER_NETWORK_FIRST_KEY = 1_000_000;

export type ChannelPool = {
  /** Makes and merges accounts until the pool has its size. @throws LatchkeyError NETWORK_UNAVAILABLE to try again */
  reconcile(): Promise<void>;
  keypair(channel: Channel): Keypair;
};

export function createChannelPool(deps: {
  db: Database;
  rpc: Rpc;
  sponsor: Sponsor;
  keys: ChannelKeys;
  size: number;
  /** as submissions name it; the server's own if not given */
  network?: string;
  confirmNetwork(): Promise<void>;
  log: Logger;
}): ChannelPool {
  const { db, rpc, sponsor, keys, size, log, network = '' } = deps;
  const firstKey = network === '' ? 0 : OTHER_NETWORK_FIRST_KEY;
  const endKey = firstKey + size;
  // A network that was started afresh has none of the accounts that the table names: the first look is at the ledger.
  let isSeenOnLedger = false;

  async function onLedger(keypairs: Keypair[]): Promise<Set<string>> {
    const found = new Set<string>();
    for (let start = 0; start < keypairs.length; start += KEYS_PER_CALL) {
      const asked = keypairs.slice(start, start + KEYS_PER_CALL);
      const byKey = new Map(asked.map((it) => [accountKey(it).toXdr('base64'), it.publicKey()]));
      const { entries } = await rpc.call('getLedgerEntries', { keys: [...byKey.keys()] });
      for (const { key } of entries) found.add(byKey.get(key)!);
    }
    return found;
  }

  /** Carries operations out, paid by the sponsor; whether they were is then read from the ledger. */
  async function submit(operations: Operation[], signers: Keypair[]): Promise<void> {
    const latest = await rpc.call('getLatestLedger');
    const validUntil = BigInt(latest.closeTime) + VALID_FOR_SECONDS;
    const transaction = new Transaction({
      sourceAccount: MuxedAccount.fromJson(sponsor.address),
      fee: FEE_PER_OPERATION_STROOPS * operations.length,
      seqNum: (await sponsor.account()).sequenceNumber + 1n,
      cond: Preconditions.precondTime(new TimeBounds({ minTime: 0n, maxTime: validUntil })),
      memo: Memo.memoNone(),
      operations,
      ext: TransactionExt.v0(),
    });
    const { envelopeXdr, hash } = await sponsor.sign(transaction, signers);
    const sent = await rpc.call('sendTransaction', { transaction: envelopeXdr });
    // Not taken: waiting for its result would be waiting for the end of its time.
    if (sent.status === 'TRY_AGAIN_LATER')
      throw new LatchkeyError('NETWORK_UNAVAILABLE', { message: 'Channel accounts: the node is busy.' });
    if (sent.status === 'ERROR') {
      const code = sent.errorResultXdr ? resultCode(sent.errorResultXdr) : 'refused';
      throw new LatchkeyError('NETWORK_UNAVAILABLE', { message: `Channel accounts: ${code}.` });
    }
    for (;;) {
      const found = await rpc.call('getTransaction', { hash });
      if (found.status === 'SUCCESS') return;
      if (found.status === 'FAILED') {
        const code = found.resultXdr ? resultCode(found.resultXdr) : 'failed';
        throw new LatchkeyError('NETWORK_UNAVAILABLE', { message: `Channel accounts: ${code}.` });
      }
      if (BigInt(found.latestLedgerCloseTime) > validUntil)
        throw new LatchkeyError('NETWORK_UNAVAILABLE', {
          message: 'Channel accounts: not included in time.',
        });
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async function inBatches(keypairs: Keypair[], operationsOf: (it: Keypair) => Operation[]): Promise<void> {
    for (let start = 0; start < keypairs.length; start += CHANNELS_PER_TRANSACTION) {
      const batch = keypairs.slice(start, start + CHANNELS_PER_TRANSACTION);
      await submit(batch.flatMap(operationsOf), batch);
    }
  }

  async function grow(): Promise<void> {
    const wanted = Array.from({ length: size }, (_, at) => {
      const index = firstKey + at;
      return { index, keypair: keys(index) };
    });
    const known = new Set(
      (await channelsOf(db, network)).filter((it) => it.state === 'active').map((it) => it.key_index),
    );
    const missing = wanted.filter((it) => !isSeenOnLedger || !known.has(it.index));
    if (missing.length === 0) return;
    const existing = await onLedger(missing.map((it) => it.keypair));
    const toMake = missing.filter((it) => !existing.has(it.keypair.publicKey()));
    await inBatches(
      toMake.map((it) => it.keypair),
      sponsoredAccount,
    );
    for (const { index, keypair } of missing)
      await addChannel(db, { address: keypair.publicKey(), key_index: index, network });
    log.info({ network, channels: size, made: toMake.length }, 'channel accounts are ready');
  }

  async function shrink(): Promise<void> {
    await retireChannels(db, endKey, network);
    const leaving = (await channelsOf(db, network)).filter(
      (it) => it.state === 'retiring' && !it.submission_id,
    );
    if (leaving.length === 0) return;
    const keypairs = leaving.map((it) => keys(it.key_index));
    const existing = await onLedger(keypairs);
    await inBatches(
      keypairs.filter((it) => existing.has(it.publicKey())),
      (it) => [operation(it.publicKey(), OperationBody.accountMerge(MuxedAccount.fromJson(sponsor.address)))],
    );
    for (const { address } of leaving) await removeChannel(db, address);
    log.info({ channels: size, merged: leaving.length }, 'channel accounts were given back');
  }

  async function reconcile(): Promise<void> {
    const channels = await channelsOf(db, network);
    const isRight =
      channels.length === size && channels.every((it) => it.state === 'active' && it.key_index < endKey);
    if (isRight && isSeenOnLedger) return;
    await deps.confirmNetwork();
    await grow();
    await shrink();
    isSeenOnLedger = true;
  }

  let inProgress: Promise<void> | null = null;
  return {
    reconcile() {
      inProgress ??= reconcile().finally(() => {
        inProgress = null;
      });
      return inProgress;
    },
    keypair: (channel) => keys(channel.key_index),
  };

  function sponsoredAccount(keypair: Keypair): Operation[] {
    const accountId = keypair.xdrAccountId();
    return [
      operation(
        sponsor.address,
        OperationBody.beginSponsoringFutureReserves(
          new BeginSponsoringFutureReservesOp({ sponsoredId: accountId }),
        ),
      ),
      operation(
        sponsor.address,
        OperationBody.createAccount(new CreateAccountOp({ destination: accountId, startingBalance: 0n })),
      ),
      operation(keypair.publicKey(), OperationBody.endSponsoringFutureReserves()),
    ];
  }
}

function operation(source: string, body: OperationBody): Operation {
  return new Operation({ sourceAccount: MuxedAccount.fromJson(source), body });
}
