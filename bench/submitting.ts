// Sends calls and reads what they cost: the server's own through the relayer's steps, and those that its sponsor
// rightly refuses to pay for (uploads, creations, changes to a wallet) in envelopes of the same form.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  buildTransaction,
  contractAddress,
  invokeHostFunction,
  parseAddress,
  simulate,
} from '@latchkey/sdk/chain';
import {
  ContractExecutable,
  ContractIdPreimage,
  ContractIdPreimageFromAddress,
  CreateContractArgsV2,
  HostFunction,
  type ScVal,
  type SorobanAuthorizationEntry,
  SorobanTransactionData,
  TransactionEnvelope,
} from '@stellar/stellar-sdk/xdr';
import type { SubmissionKind } from '../server/src/db/schema.ts';
import { queuedSubmission, type Submission } from '../server/src/db/submissions.ts';
import {
  type Chain,
  ENVELOPE_VALIDITY_SECONDS,
  look,
  prepare,
  resourceFeeWithHeadroom,
  send,
} from '../server/src/relayer/attempt.ts';
import { feeChargedStroops } from '../server/src/relayer/resultCodes.ts';
import { createSponsor, type Sponsor } from '../server/src/relayer/sponsor.ts';
import type { MeteredNetwork } from './meteredNetwork.ts';
import { bytes32, keypair, MAX_FEE_STROOPS } from './participants.ts';

const INCLUSION_FEE_STROOPS = 100n;

export type Cost = {
  /** whole invocation, enforcing mode, filled module cache */
  instructions: number;
  /** XDR bytes of all authorization entries, signatures included */
  authEntryBytes: number;
  /** XDR bytes of the signed envelope */
  transactionBytes: number;
  readOnlyEntries: number;
  readWriteEntries: number;
  /** what the network charged after the refund, inclusion fee of 100 included */
  feeStroops: number;
};

/** Must be asked for before anything else is applied. */
function costOf(net: MeteredNetwork, envelopeXdr: string, feeStroops: bigint): Cost {
  const envelope = TransactionEnvelope.fromXdr(envelopeXdr, 'base64');
  if (envelope.type === 'envelopeTypeTxV0') throw new Error('nobody makes envelopes of this form any more');
  const isBump = envelope.type === 'envelopeTypeTxFeeBump';
  const { ext, operations } = isBump ? envelope.value.tx.innerTx.value.tx : envelope.value.tx;
  if (ext.type !== 'sorobanData') throw new Error('an envelope without resources calls no contract');
  const body = operations[0]?.body;
  if (body?.type !== 'invokeHostFunction') throw new Error('the envelope calls no contract');
  const { readOnly, readWrite } = ext.value.resources.footprint;
  return {
    instructions: net.lastInstructions(),
    authEntryBytes: body.value.auth.reduce((sum, entry) => sum + entry.toXdr().length, 0),
    transactionBytes: envelope.toXdr().length,
    readOnlyEntries: readOnly.length,
    readWriteEntries: readWrite.length,
    feeStroops: Number(feeStroops),
  };
}

/** The account whose transactions the sponsor pays for. */
const channel = keypair('channel');

/** The account that pays in every measurement, with a balance. */
export function fundedSponsor(net: MeteredNetwork): Sponsor {
  const key = keypair('sponsor');
  for (const it of [key, channel]) net.fund(it.publicKey());
  return createSponsor(net.rpc, key.secret(), net.passphrase);
}

/** @param factoryId needed for deployments only */
export function relayerOf(net: MeteredNetwork, sponsor: Sponsor, factoryId = ''): Chain {
  const confirmNetwork = async () => {};
  const { rpc, passphrase: networkPassphrase } = net;
  return { rpc, sponsor, factoryId, nativeTokenId: '', networkPassphrase, confirmNetwork };
}

/** Sends one submission through the relayer's steps. */
export async function relay(
  net: MeteredNetwork,
  chain: Chain,
  kind: SubmissionKind,
  hostFunction: HostFunction,
  auth: SorobanAuthorizationEntry[] = [],
): Promise<Cost> {
  const submission = {
    id: kind,
    kind,
    accountId: 'owner',
    hostFunctionXdr: hostFunction.toXdr('base64'),
    authXdr: auth.map((entry) => entry.toXdr('base64')),
    authExpiresAtLedger: null,
    maxFeeStroops: MAX_FEE_STROOPS,
    mayRestore: true,
  };
  const source = { keypair: channel, sequence: null };
  const prepareFrom = (on: Chain, it: Submission) => prepare(on, it, source);
  let row = queuedSubmission(submission, 0);
  const sendFirst = (on: Chain, it: Submission) => send(on, it, true);
  for (const step of [prepareFrom, sendFirst, look]) {
    if (row.state !== 'failed') row = { ...row, ...(await step(chain, row)) };
  }
  if (row.state !== 'confirmed') throw new Error(`${kind} was not confirmed: ${row.error_message}`);
  return costOf(net, row.envelope_xdr!, BigInt(row.fee_charged_stroops!));
}

/** Sends what the relayer would not. Without `auth`, the sponsor's signature has to be all that the call needs. */
export async function submit(
  net: MeteredNetwork,
  sponsor: Sponsor,
  hostFunction: HostFunction,
  auth?: SorobanAuthorizationEntry[],
): Promise<Cost> {
  const { rpc } = net;
  const source = sponsor.address;
  const simulation = await simulate(rpc, { hostFunction, source, ...(auth ? { auth } : {}) });
  const { ext, resources } = simulation.sorobanData;
  const resourceFee = resourceFeeWithHeadroom(simulation.minResourceFeeStroops);
  const { closeTime } = await rpc.call('getLatestLedger');
  const transaction = buildTransaction({
    source,
    sequenceNumber: (await sponsor.account()).sequenceNumber + 1n,
    feeStroops: Number(INCLUSION_FEE_STROOPS + resourceFee),
    validUntilSeconds: BigInt(closeTime) + ENVELOPE_VALIDITY_SECONDS,
    body: invokeHostFunction(hostFunction, auth ?? simulation.auth),
    sorobanData: new SorobanTransactionData({ ext, resources, resourceFee }),
  });
  const { envelopeXdr, hash } = await sponsor.sign(transaction);
  await rpc.call('sendTransaction', { transaction: envelopeXdr });
  const { status, resultXdr } = await rpc.call('getTransaction', { hash });
  if (status !== 'SUCCESS' || !resultXdr) {
    throw new Error(`${hostFunction.type} ended as ${status}: ${resultXdr}`);
  }
  return costOf(net, envelopeXdr, feeChargedStroops(resultXdr));
}

/**
 * Uploads a contract and creates it. @returns its address, which follows from the sponsor and `name` and not from the
 * code, so that another build of the contract leaves every payload that is signed as it was
 */
export async function create(
  net: MeteredNetwork,
  sponsor: Sponsor,
  name: string,
  wasm: URL,
  constructorArgs: ScVal[] = [],
): Promise<string> {
  const code = await readFile(wasm);
  await submit(net, sponsor, HostFunction.hostFunctionTypeUploadContractWasm(code));
  const contractIdPreimage = ContractIdPreimage.contractIdPreimageFromAddress(
    new ContractIdPreimageFromAddress({ address: parseAddress(sponsor.address), salt: bytes32(name) }),
  );
  const executable = ContractExecutable.contractExecutableWasm(createHash('sha256').update(code).digest());
  const creation = new CreateContractArgsV2({ contractIdPreimage, executable, constructorArgs });
  await submit(net, sponsor, HostFunction.hostFunctionTypeCreateContractV2(creation));
  return contractAddress(contractIdPreimage, net.passphrase);
}
