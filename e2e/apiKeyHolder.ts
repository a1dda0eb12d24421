// A holder of an API key, as an honest or a hostile program: keys under any terms, requests in both forms, and
// transactions of accounts of its own with anything in them.
import type { SubmissionBody } from '@latchkey/sdk/api';
import { buildTransaction, invokeHostFunction, simulate, transactionHash } from '@latchkey/sdk/chain';
import { Account, Keypair, MuxedAccount, TransactionBuilder } from '@stellar/stellar-sdk/base';
import {
  type HostFunction,
  SorobanTransactionData,
  type Transaction,
  TransactionEnvelope,
  TransactionV1Envelope,
} from '@stellar/stellar-sdk/xdr';
import { type ApiKeyTerms, createApiKey } from '../server/src/db/apiKeys.ts';
import { resourceFeeWithHeadroom } from '../server/src/relayer/attempt.ts';
import { readAccount, signatureOf } from '../server/src/relayer/sponsor.ts';
import { type Answer, call } from './api.ts';
import type { World } from './world.ts';

export type SubmissionAnswer = Answer<SubmissionBody & { rule?: string }>;
export type RelayAnswer = Answer<{
  success: boolean;
  data: Record<string, unknown>;
  error: string | null;
}>;

/** Transfers of the native token and deployments by the factory, with room for every test, but for `change`. */
export function newApiKey(world: World, change: Partial<ApiKeyTerms> = {}) {
  const { nativeTokenId, factoryId } = world.server.services.config;
  const terms: ApiKeyTerms = {
    name: 'a kit',
    allowed: [
      { contract: nativeTokenId, functions: ['transfer'] },
      { contract: factoryId, functions: ['deploy'] },
    ],
    maxFeeStroops: 10_000_000n,
    submissionsPerDay: 1000,
    stroopsPerDay: 10_000_000_000n,
    walletSubmissionsPerDay: 1000,
    mayRestore: false,
    isPublic: false,
    ...change,
  };
  return createApiKey(world.server.services.db, terms, Date.now());
}

const bearer = (secret: string | null) => (secret === null ? {} : { authorization: `Bearer ${secret}` });

export function postSubmission(
  world: World,
  secret: string | null,
  body: unknown,
  { idempotencyKey, waitSeconds = 20 }: { idempotencyKey?: string; waitSeconds?: number } = {},
): Promise<SubmissionAnswer> {
  const headers = {
    ...bearer(secret),
    ...(idempotencyKey ? { 'idempotency-key': idempotencyKey } : {}),
  };
  return call(world, `/v1/submissions?wait=${waitSeconds}`, { json: body, headers });
}

/** As the kits' clients send it. */
export function postRelay(world: World, secret: string | null, body: unknown): Promise<RelayAnswer> {
  return call(world, '/v1/relay/', { json: body, headers: bearer(secret) });
}

export async function countSubmissions(world: World): Promise<number> {
  const { db } = world.server.services;
  return (await db.selectFrom('submissions').select('id').execute()).length;
}

/** An account with 10,000 XLM. */
export async function fundedKeypair(world: World, keypair = Keypair.random()): Promise<Keypair> {
  await fetch(`${(await world.rpc.call('getNetwork')).friendbotUrl}?addr=${keypair.publicKey()}`);
  return keypair;
}

type ClassicOperation = Parameters<TransactionBuilder['addOperation']>[0];

export type Envelope = { xdr: string; hash: string; tx: Transaction };

/** A transaction signed by `signer`, for whatever network. */
export async function signedEnvelope(
  tx: Transaction,
  signer: Keypair,
  passphrase: string,
): Promise<Envelope> {
  const hash = await transactionHash(tx, passphrase);
  const envelope = new TransactionV1Envelope({ tx, signatures: [signatureOf(signer, hash)] });
  return {
    xdr: TransactionEnvelope.envelopeTypeTx(envelope).toXdr('base64'),
    hash: Buffer.from(hash).toString('hex'),
    tx,
  };
}

export type OwnTransaction = {
  keypair?: Keypair;
  hostFunction: HostFunction;
  validForSeconds?: bigint;
  passphrase?: string;
  /** instead of what it needs */
  resourceFeeStroops?: bigint;
  feeStroops?: number;
  /** how far the sequence number is from the account's next one */
  sequenceGap?: bigint;
};

/** A contract call by an account of its own, funded if it is new, ready to be sent but for its fee. */
export async function ownTransaction(world: World, wish: OwnTransaction): Promise<Envelope> {
  const source = await fundedKeypair(world, wish.keypair);
  const address = source.publicKey();
  const { hostFunction } = wish;
  const { auth, sorobanData, minResourceFeeStroops } = await simulate(world.rpc, {
    hostFunction,
    source: address,
  });
  const { closeTime } = await world.rpc.call('getLatestLedger');
  const resourceFee = wish.resourceFeeStroops ?? resourceFeeWithHeadroom(minResourceFeeStroops);
  const { sequenceNumber } = await readAccount(world.rpc, address);
  const tx = buildTransaction({
    source: address,
    sequenceNumber: sequenceNumber + 1n + (wish.sequenceGap ?? 0n),
    feeStroops: wish.feeStroops ?? Number(resourceFee + 100n),
    validUntilSeconds: BigInt(closeTime) + (wish.validForSeconds ?? 60n),
    body: invokeHostFunction(hostFunction, auth),
    sorobanData: new SorobanTransactionData({ ...sorobanData, resourceFee }),
  });
  return signedEnvelope(tx, source, wish.passphrase ?? world.server.services.config.networkPassphrase);
}

/** A signed transaction of any operations, some of which may name others as their source. */
export async function classicTransaction(
  world: World,
  source: Keypair,
  operations: ClassicOperation[],
  as?: { of: string; muxedId?: string },
): Promise<string> {
  const { networkPassphrase } = world.server.services.config;
  const address = as?.of ?? source.publicKey();
  const account = new Account(address, String((await readAccount(world.rpc, address)).sequenceNumber));
  const builder = new TransactionBuilder(as?.muxedId ? new MuxedAccount(account, as.muxedId) : account, {
    fee: '1000',
    networkPassphrase,
  });
  for (const operation of operations) builder.addOperation(operation);
  const transaction = builder.setTimeout(60).build();
  transaction.sign(source);
  return transaction.toXDR();
}
