// Calls of a merchant's smart wallet that its passkey signs: made into an unsigned transaction that waits for five minutes,
// and taken back only as exactly that transaction with a valid signature in its one authorization entry. The network itself
// verifies the signature (enforcing simulation) before anything is used up. The prepared transaction is never sent: the
// relayer makes one of its own around the signed entry, so its source account, fee and resources are only for show.
import { randomUUID } from 'node:crypto';
import { LatchkeyError, type PreparedBody, type SubmitRequest } from '@latchkey/sdk/api';
import {
  addressCredentials,
  authorizationPayload,
  authorizesOnly,
  buildTransaction,
  invokeHostFunction,
  type Simulation,
  simulate,
  unsignedEnvelope,
  withExpiration,
  withSignature,
} from '@latchkey/sdk/chain';
import {
  type HostFunction,
  type ScVal,
  type SorobanAuthorizationEntry,
  TransactionEnvelope,
} from '@stellar/stellar-sdk/xdr';
import { authenticationOptions, type RelyingParty } from '../auth/ceremonies.ts';
import type { Database, Db } from '../db/database.ts';
import type { MerchantPasskey } from '../db/merchantPasskeys.ts';
import { type PreparedCall, preparedCall, usePreparedCall } from '../db/preparedCalls.ts';
import type { PreparedAction } from '../db/settlementTables.ts';
import { lockSettlement } from '../db/withdrawals.ts';
import { transferRefusal } from './destination.ts';
import type { SettlementNetwork } from './network.ts';

export const PREPARED_LIFETIME_MS = 5 * 60_000;
/** A signature outlives what was prepared by a few ledgers, also where they close this fast. */
const SECONDS_PER_LEDGER = 2.5;
/** How long anybody can carry out what was signed. */
export const SIGNATURE_LEDGERS = PREPARED_LIFETIME_MS / 1000 / SECONDS_PER_LEDGER + 12;
/** What the wallet contract takes as one passkey's part: three bytes of header, 69 to 1024 of proof. */
const MAX_SIGNATURE_BYTES = 3 + 1024;
const SIGNER_ID_MASK = 0x7fffff;
/** Errors of the wallet contract about the signature; those of the tokens and the rest are about the call. */
const FIRST_SIGNATURE_ERROR = 110;
const LAST_SIGNATURE_ERROR = 119;

const kindOf = {
  withdraw: 'withdraw-settlement',
  'add-device': 'add-settlement-device',
  'remove-device': 'remove-settlement-device',
} as const satisfies Record<PreparedAction, string>;

/** Whose wallet it is. */
export type WalletOwner = { accountId: string; network: SettlementNetwork };

/** What came back from the browser, verified. */
export type SignedCall = {
  row: PreparedCall;
  hostFunctionXdr: string;
  entryXdr: string;
  expiresAtLedger: number;
  /** which of the wallet's signers signed */
  signerId: number;
};

export type PreparedCalls = {
  /** What waits for a signature, to be stored with `insertPreparedCall`. @throws LatchkeyError SIMULATION_FAILED */
  make(ask: {
    owner: WalletOwner;
    wallet: string;
    action: PreparedAction;
    /** what the call does in words, and whatever else its domain wants back */
    detail: { summary: string } & Record<string, unknown>;
    hostFunction: HostFunction;
    simulation: Simulation;
  }): Omit<PreparedCall, 'submission_id' | 'created_at'>;
  /** @param signers whose passkeys may sign it */
  body(
    row: Pick<PreparedCall, 'id' | 'envelope_xdr' | 'detail' | 'expires_at'>,
    network: SettlementNetwork,
    signers: readonly MerchantPasskey[],
  ): Promise<PreparedBody>;
  /**
   * The prepared call that this is the signed form of, and the submission it became if it was submitted before.
   * @throws LatchkeyError NOT_FOUND, INVALID_REQUEST, PREPARED_MISMATCH, PREPARED_EXPIRED, SIGNATURE_INVALID,
   *   SIMULATION_FAILED
   */
  read(
    owner: WalletOwner,
    action: PreparedAction,
    request: SubmitRequest,
  ): Promise<{ submissionId: string } | SignedCall>;
  /**
   * Puts it in the queue with what `act` stores, both or neither, with the merchant's row held. Of several at once one does.
   * @returns the submission
   */
  submitOnce(
    owner: WalletOwner,
    signed: SignedCall,
    act: (trx: Db, submissionId: string) => Promise<void>,
  ): Promise<string>;
};

type CallInEnvelope = { hostFunction: HostFunction; entry: SorobanAuthorizationEntry };

function callInEnvelope(envelope: TransactionEnvelope): CallInEnvelope | null {
  if (envelope.type !== 'envelopeTypeTx') return null;
  const [operation, ...otherOperations] = envelope.value.tx.operations;
  if (operation?.body.type !== 'invokeHostFunction' || otherOperations.length > 0) return null;
  const { hostFunction, auth } = operation.body.value;
  const [entry, ...otherEntries] = auth;
  return entry && otherEntries.length === 0 ? { hostFunction, entry } : null;
}

function preparedIn(row: Pick<PreparedCall, 'envelope_xdr'>): CallInEnvelope {
  const call = callInEnvelope(TransactionEnvelope.fromXdr(row.envelope_xdr, 'base64'));
  if (!call) throw new TypeError('a prepared envelope holds one call with one entry');
  return call;
}

/**
 * The signature in the entry, if putting it into what was prepared gives what was sent, byte for byte.
 * @throws LatchkeyError INVALID_REQUEST, PREPARED_MISMATCH
 */
function signatureAddedTo(row: Pick<PreparedCall, 'envelope_xdr'>, signedXdr: string): ScVal {
  const mismatch = () => new LatchkeyError('PREPARED_MISMATCH', { details: { field: 'signedXdr' } });
  const sent = Buffer.from(signedXdr, 'base64');
  let signature: ScVal | undefined;
  try {
    const signed = callInEnvelope(TransactionEnvelope.fromXdr(sent));
    signature = signed ? addressCredentials(signed.entry)?.signature : undefined;
  } catch (cause) {
    throw new LatchkeyError('INVALID_REQUEST', {
      message: 'signedXdr is not the XDR that it should be.',
      details: { field: 'signedXdr' },
      cause,
    });
  }
  if (!signature) throw mismatch();
  const prepared = Buffer.from(row.envelope_xdr, 'base64');
  const { entry } = preparedIn(row);
  const unsigned = Buffer.from(entry.toXdr());
  const at = prepared.indexOf(unsigned);
  if (at < 0) throw new TypeError('an envelope holds its entry as it is');
  const expected = Buffer.concat([
    prepared.subarray(0, at),
    withSignature(entry, signature).toXdr(),
    prepared.subarray(at + unsigned.length),
  ]);
  if (!expected.equals(sent)) throw mismatch();
  return signature;
}

/** @throws LatchkeyError SIGNATURE_INVALID when it is no signature that a wallet would look at */
function signerIdOf(signature: ScVal): number {
  const bytes = signature.type === 'scvBytes' ? signature.value.value : new Uint8Array();
  if (bytes.length <= 3 || bytes.length > MAX_SIGNATURE_BYTES) {
    throw new LatchkeyError('SIGNATURE_INVALID', {
      message: 'The authorization entry holds no signature of a passkey.',
      details: { field: 'signedXdr' },
    });
  }
  const [high = 0, middle = 0, low = 0] = bytes;
  return ((high << 16) | (middle << 8) | low) & SIGNER_ID_MASK;
}

/** Tells a signature that the wallet refuses from a call that cannot be made any more. */
function refusalOf(error: unknown): unknown {
  if (!(error instanceof LatchkeyError) || error.code !== 'SIMULATION_FAILED') return error;
  const { contractError, hostError } = error.details ?? {};
  const isOfSignature =
    (typeof contractError === 'number' &&
      contractError >= FIRST_SIGNATURE_ERROR &&
      contractError <= LAST_SIGNATURE_ERROR) ||
    /Error\((Auth|Crypto),/.test(String(hostError));
  return isOfSignature
    ? new LatchkeyError('SIGNATURE_INVALID', { details: { field: 'signedXdr' }, cause: error })
    : transferRefusal(error);
}

class SubmittedMeanwhile extends Error {}

export function createPreparedCalls(deps: {
  db: Database;
  relyingParty: RelyingParty;
  nowMs: () => number;
}): PreparedCalls {
  const { db, relyingParty, nowMs } = deps;

  return {
    make({ owner, wallet, action, detail, hostFunction, simulation }) {
      const { accountId, network } = owner;
      const [unsigned, ...others] = simulation.auth;
      const isThisCall = unsigned !== undefined && authorizesOnly(unsigned, hostFunction);
      const signer = unsigned && addressCredentials(unsigned)?.address.toJson();
      if (!isThisCall || others.length > 0 || signer !== wallet) {
        throw new LatchkeyError('SIMULATION_FAILED', {
          message: 'This call would need more than the approval of this wallet.',
        });
      }
      const entry = withExpiration(unsigned, simulation.latestLedger + SIGNATURE_LEDGERS);
      const expiresAt = nowMs() + PREPARED_LIFETIME_MS;
      const transaction = buildTransaction({
        source: network.sponsor.address,
        sequenceNumber: 0n,
        feeStroops: Number(network.maxFeeStroops),
        validUntilSeconds: BigInt(Math.floor(expiresAt / 1000)),
        body: invokeHostFunction(hostFunction, [entry]),
        sorobanData: simulation.sorobanData,
      });
      return {
        id: randomUUID(),
        account_id: accountId,
        network: network.name,
        action,
        detail: JSON.stringify(detail),
        envelope_xdr: unsignedEnvelope(transaction).toXdr('base64'),
        expires_at: expiresAt,
      };
    },

    async body(row, network, signers) {
      const { entry } = preparedIn(row);
      const { networkPassphrase, maxFeeStroops } = network;
      const payload = await authorizationPayload(entry, networkPassphrase);
      const { summary } = JSON.parse(row.detail) as { summary: string };
      return {
        id: row.id,
        options_json: { ...(await authenticationOptions(relyingParty, payload, [...signers])) },
        transactionXdr: row.envelope_xdr,
        authorization: {
          authorizationEntryXdr: entry.toXdr('base64'),
          networkPassphrase,
          expiresAt: row.expires_at,
          expiresAtLedger: addressCredentials(entry)!.signatureExpirationLedger,
          maxFeeStroops: String(maxFeeStroops),
        },
        signers: signers.flatMap(({ id, signer_id, origin }) =>
          signer_id === null ? [] : [{ credentialId: id, signerId: signer_id, origin }],
        ),
        summary,
        expiresAt: row.expires_at,
      };
    },

    async read({ accountId, network }, action, { id, signedXdr }) {
      const row = await preparedCall(db, accountId, id);
      if (row?.action !== action || row.network !== network.name) throw new LatchkeyError('NOT_FOUND');
      const signature = signatureAddedTo(row, signedXdr);
      if (row.submission_id !== null) return { submissionId: row.submission_id };
      if (nowMs() > row.expires_at) throw new LatchkeyError('PREPARED_EXPIRED');
      const signerId = signerIdOf(signature);
      const { hostFunction, entry } = preparedIn(row);
      const signed = withSignature(entry, signature);
      const expiresAtLedger = addressCredentials(entry)!.signatureExpirationLedger;
      await simulate(network.rpc, { hostFunction, auth: [signed] }).catch(async (error: unknown) => {
        const refusal = refusalOf(error);
        if (!(refusal instanceof LatchkeyError) || refusal.code !== 'SIGNATURE_INVALID') throw refusal;
        // Ledgers that close faster than expected end a signature's life first.
        const { sequence } = await network.rpc.call('getLatestLedger');
        throw sequence >= expiresAtLedger ? new LatchkeyError('PREPARED_EXPIRED', { cause: error }) : refusal;
      });
      return {
        row,
        hostFunctionXdr: hostFunction.toXdr('base64'),
        entryXdr: signed.toXdr('base64'),
        expiresAtLedger,
        signerId,
      };
    },

    async submitOnce({ accountId, network }, signed, act) {
      const { row, hostFunctionXdr, entryXdr, expiresAtLedger: authExpiresAtLedger } = signed;
      const submissionId = randomUUID();
      try {
        await db.transaction().execute(async (trx) => {
          await lockSettlement(trx, accountId, network.name);
          if (!(await usePreparedCall(trx, row.id, submissionId))) throw new SubmittedMeanwhile();
          await network.relayer.enqueue(trx, {
            id: submissionId,
            kind: kindOf[row.action],
            accountId,
            hostFunctionXdr,
            authXdr: [entryXdr],
            authExpiresAtLedger,
          });
          await act(trx, submissionId);
        });
      } catch (error) {
        const first = error instanceof SubmittedMeanwhile && (await preparedCall(db, accountId, row.id));
        if (!first || first.submission_id === null) throw error;
        return first.submission_id;
      }
      network.relayer.wake();
      return submissionId;
    },
  };
}
