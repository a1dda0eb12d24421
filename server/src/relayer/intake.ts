// Submissions by API key, from a request to a row in the queue: read, judged by policy and quota, simulated where the
// transaction is ours to make, and stored together with the Idempotency-Key. Anything that is refused leaves nothing
// behind. A repeated request gets the first one's submission, whatever would be said of it now.
import { LatchkeyError, type SubmissionBody, type SubmissionRequest } from '@latchkey/sdk/api';
import {
  addressCredentials,
  type Rpc,
  type Simulation,
  simulate,
  transactionHash,
} from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import {
  HostFunction,
  SorobanAuthorizationEntry,
  TransactionEnvelope,
  type TransactionV1Envelope,
} from '@stellar/stellar-sdk/xdr';
import { type ApiKey, apiKeyBySecret, publicApiKey } from '../db/apiKeys.ts';
import { channelAddresses } from '../db/channels.ts';
import type { Database, Db } from '../db/database.ts';
import type { Commit } from '../db/groupCommit.ts';
import { insertSubmission, type Submission, submissionById, submissionByKey } from '../db/submissions.ts';
import { resourceFeeWithHeadroom } from './attempt.ts';
import {
  type Call,
  requireAffordable,
  requireAllowedCall,
  requireAllowedEnvelope,
  requireWithinQuota,
} from './callPolicy.ts';
import type { KnownWallets } from './knownWallets.ts';
import { SponsorRefusal, type SponsorRule } from './policy.ts';
import type { KeptSimulations } from './simulations.ts';
import { findAccount, type Sponsor } from './sponsor.ts';

export type RequestUse = { idempotencyKey: string | null; requestHash: string };

export type Intake = {
  /** @param authorization header. @throws LatchkeyError API_KEY_REQUIRED */
  keyOf(authorization: string | undefined): Promise<ApiKey>;
  /** @throws LatchkeyError of a 4xx code, with the rule where policy or quota refuse it */
  submit(key: ApiKey, request: SubmissionRequest, use: RequestUse): Promise<string>;
  /** @throws LatchkeyError NOT_FOUND also for what belongs to another key */
  submission(key: ApiKey, id: string): Promise<Submission>;
};

type Accepted = {
  kind: 'call' | 'envelope';
  call: Call;
  addresses: string[];
  signedXdr: string | null;
  validUntilSeconds: number | null;
  maxFeeStroops: bigint;
};

const quotaRules: SponsorRule[] = [
  'queue-per-key',
  'submissions-per-day',
  'stroops-per-day',
  'wallet-submissions-per-day',
];

export function submissionAnswer(row: Submission): SubmissionBody {
  const { error_code: code, error_message: message } = row;
  return {
    id: row.id,
    status: row.state,
    hash: row.hash,
    ledger: row.ledger,
    feeChargedStroops: row.fee_charged_stroops,
    ...(code === null ? {} : { error: { code, message: message ?? '' } }),
  };
}

export function createIntake(deps: {
  db: Database;
  rpc: Rpc;
  sponsor: Sponsor;
  wallets: KnownWallets;
  simulations: KeptSimulations;
  /** commits what is stored together with what others store */
  commit: Commit;
  networkPassphrase: string;
  confirmNetwork(): Promise<void>;
  wake(): void;
  nowMs: () => number;
}): Intake {
  const { db, rpc, sponsor, wallets, networkPassphrase, nowMs } = deps;

  async function acceptedCall(key: ApiKey, request: SubmissionRequest, own: string[], maxFee: bigint) {
    const call = readCall(request);
    const addresses = await requireAllowedCall(call, key, { own, wallets, signedBy: null });
    // Kept for whoever is about to send it.
    const simulation = await deps.simulations.simulate({ ...call, source: own[1] ?? sponsor.address });
    requireEntriesGiven(call, simulation);
    const { minResourceFeeStroops } = simulation;
    const resourceFee = resourceFeeWithHeadroom(minResourceFeeStroops);
    if (resourceFee > maxFee)
      throw new SponsorRefusal(
        'fee-ceiling',
        `its resource fee of ${resourceFee} is above ${maxFee} stroops`,
      );
    return { kind: 'call' as const, call, addresses, signedXdr: null, validUntilSeconds: null };
  }

  async function acceptedEnvelope(key: ApiKey, xdr: string, own: string[], maxFee: bigint) {
    const envelope = readEnvelope(xdr);
    const { closeTime } = await rpc.call('getLatestLedger');
    const { call, sequenceSource, callSource } = requireAllowedEnvelope(envelope, own, BigInt(closeTime));
    await requireSignedForNetwork(envelope, sequenceSource);
    requireAffordable(envelope, maxFee);
    const addresses = await requireAllowedCall(call, key, { own, wallets, signedBy: callSource });
    await requireNextSequenceNumber(envelope, sequenceSource);
    // What fails in a ledger costs there as well.
    requireEntriesGiven(call, await simulate(rpc, { ...call, source: callSource }));
    const { cond } = envelope.tx;
    const validUntilSeconds = cond.type === 'precondTime' ? Number(cond.value.maxTime) : null;
    return { kind: 'envelope' as const, call, addresses, signedXdr: xdr, validUntilSeconds };
  }

  /** Another one could not be included yet, and would be waited for in the place of others. */
  async function requireNextSequenceNumber({ tx }: TransactionV1Envelope, source: string): Promise<void> {
    const account = await findAccount(rpc, source);
    if (account?.sequenceNumber === tx.seqNum - 1n) return;
    throw new SponsorRefusal(
      'sequence-number',
      account === null
        ? `its source account ${source} does not exist`
        : `its sequence number is ${tx.seqNum}, and that of its source account ${account.sequenceNumber}`,
    );
  }

  async function requireSignedForNetwork(
    { tx, signatures }: TransactionV1Envelope,
    sourceAddress: string,
  ): Promise<void> {
    const source = Keypair.fromPublicKey(sourceAddress);
    const hint = Buffer.from(source.signatureHint()).toString('hex');
    const its = signatures.filter((it) => String(it.hint.toJson()) === hint);
    // An account may have other signers than its own key; whether those are enough the network says.
    if (its.length === 0) return;
    const hash = Buffer.from(await transactionHash(tx, networkPassphrase));
    if (its.some((it) => source.verify(hash, Buffer.from(it.signature.value)))) return;
    throw new LatchkeyError('SIGNATURE_INVALID', {
      message: 'The signature of its source account is not valid for this transaction on this network.',
      details: { field: 'xdr' },
    });
  }

  async function judge(key: ApiKey, request: SubmissionRequest): Promise<Accepted> {
    await deps.confirmNetwork();
    const own = [sponsor.address, ...(await channelAddresses(db))];
    const ofKey = BigInt(key.max_fee_stroops);
    const asked = request.maxFeeStroops === undefined ? ofKey : BigInt(request.maxFeeStroops);
    const maxFeeStroops = asked < ofKey ? asked : ofKey;
    const accepted =
      request.xdr === undefined
        ? await acceptedCall(key, request, own, maxFeeStroops)
        : await acceptedEnvelope(key, request.xdr, own, maxFeeStroops);
    return { ...accepted, maxFeeStroops };
  }

  /** The submission of an earlier, identical request. @throws LatchkeyError IDEMPOTENCY_KEY_REUSED */
  async function earlier(on: Db, key: ApiKey, use: RequestUse): Promise<string | null> {
    if (use.idempotencyKey === null) return null;
    const row = await submissionByKey(on, key.id, use.idempotencyKey);
    if (!row) return null;
    if (row.request_hash !== use.requestHash) throw new LatchkeyError('IDEMPOTENCY_KEY_REUSED');
    return row.id;
  }

  async function store(key: ApiKey, accepted: Accepted, use: RequestUse): Promise<string> {
    const { call, addresses } = accepted;
    const wallet = addresses[0] ?? null;
    const insert = async (trx: Db) => {
      // Holds the key's row until the end, so that requests at once are counted one after another.
      await trx.updateTable('api_keys').set({ name: key.name }).where('id', '=', key.id).execute();
      const made = await earlier(trx, key, use);
      if (made !== null) return made;
      await requireWithinQuota(trx, key, wallet, accepted.maxFeeStroops, nowMs());
      const submission = {
        kind: accepted.kind,
        accountId: null,
        hostFunctionXdr: call.hostFunction.toXdr('base64'),
        authXdr: call.auth.map((it) => it.toXdr('base64')),
        authExpiresAtLedger: firstExpiry(call.auth),
        maxFeeStroops: accepted.maxFeeStroops,
        mayRestore: key.may_restore === 1,
        byKey: {
          apiKeyId: key.id,
          wallet,
          idempotencyKey: use.idempotencyKey,
          requestHash: use.requestHash,
          signedXdr: accepted.signedXdr,
          validUntilSeconds: accepted.validUntilSeconds,
        },
      };
      return insertSubmission(trx, submission, nowMs());
    };
    // As an answer, because an error would undo what others store in the same transaction.
    const stored = await deps.commit((trx) => insert(trx).catch(refusalOnly));
    if (typeof stored !== 'string') throw stored;
    return stored;
  }

  return {
    async keyOf(authorization) {
      const secret = /^Bearer (\S{1,128})$/i.exec(authorization ?? '')?.[1];
      const key = secret ? await apiKeyBySecret(db, secret, nowMs()) : await publicApiKey(db, nowMs());
      if (!key) throw new LatchkeyError('API_KEY_REQUIRED');
      return key;
    },
    async submit(key, request, use) {
      const made = await earlier(db, key, use);
      if (made !== null) return made;
      try {
        const id = await store(key, await judge(key, request), use);
        deps.wake();
        return id;
      } catch (error) {
        throw asAnswer(error);
      }
    },
    async submission(key, id) {
      const row = await submissionById(db, id);
      if (row?.api_key_id !== key.id) throw new LatchkeyError('NOT_FOUND');
      return row;
    },
  };
}

/** @throws whatever is no refusal of ours */
function refusalOnly(error: unknown): Error {
  if (error instanceof SponsorRefusal || error instanceof LatchkeyError) return error;
  throw error;
}

/** Without any entry a simulation takes all permissions for granted, and answers with those it took. @throws SponsorRefusal */
function requireEntriesGiven(call: Call, simulation: Simulation): void {
  if (call.auth.length === 0 && simulation.auth.length > 0)
    throw new SponsorRefusal('signed', 'it needs authorization entries, and came without');
}

function asAnswer(error: unknown): unknown {
  if (error instanceof SponsorRefusal) {
    const code = quotaRules.includes(error.rule) ? 'RATE_LIMITED' : 'NOT_SPONSORED';
    return new LatchkeyError(code, {
      message: `Not sponsored (${error.rule}): ${error.message}.`,
      details: { rule: error.rule },
    });
  }
  // Delegated credentials, which nobody here reviews.
  if (error instanceof LatchkeyError && error.code === 'AUTHORIZATION_MISMATCH')
    return new LatchkeyError('INVALID_REQUEST', { message: error.message, details: { field: 'auth' } });
  return error;
}

function decoded<T>(field: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new LatchkeyError('INVALID_REQUEST', {
      message: `${field} is not the XDR that it should be.`,
      details: { field },
      cause,
    });
  }
}

function readCall(request: SubmissionRequest): Call {
  return {
    hostFunction: decoded('func', () => HostFunction.fromXdr(request.func!, 'base64')),
    auth: decoded('auth', () =>
      (request.auth ?? []).map((it) => SorobanAuthorizationEntry.fromXdr(it, 'base64')),
    ),
  };
}

function readEnvelope(xdr: string): TransactionV1Envelope {
  const envelope = decoded('xdr', () => TransactionEnvelope.fromXdr(xdr, 'base64'));
  if (envelope.type === 'envelopeTypeTx') return envelope.value;
  throw new LatchkeyError('INVALID_REQUEST', {
    message: 'xdr has to be a transaction of version 1 that is not a fee bump.',
    details: { field: 'xdr' },
  });
}

function firstExpiry(auth: SorobanAuthorizationEntry[]): number | null {
  const ledgers = auth.flatMap((it) => {
    const isOfSource = it.credentials.type === 'sorobanCredentialsSourceAccount';
    return isOfSource ? [] : [addressCredentials(it)!.signatureExpirationLedger];
  });
  return ledgers.length === 0 ? null : Math.min(...ledgers);
}
