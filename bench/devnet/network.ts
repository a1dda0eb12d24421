// A network in this process to measure: the value itself, JSON-RPC by function call, and payments and passkey transfers
// made and signed before the clock runs.
import {
  authorizationPayload,
  buildTransaction,
  encodeSignature,
  factoryCalls,
  invokeHostFunction,
  nativeTokenId,
  type Rpc,
  scBytes,
  scValToAddress,
  simulate,
  tokenCalls,
  withSignature,
} from '@latchkey/sdk/chain';
import { hash, type Keypair } from '@stellar/stellar-sdk/base';
import * as xdr from '@stellar/stellar-sdk/xdr';
import { Engine } from '../../devnet/src/engine/engine.ts';
import { DEFAULT_PROTOCOL_VERSION } from '../../devnet/src/engine/engineFile.ts';
import { STANDALONE_PASSPHRASE } from '../../devnet/src/index.ts';
import { fund } from '../../devnet/src/network/friendbot.ts';
import { Network } from '../../devnet/src/network/network.ts';
import { engineModule } from '../../devnet/src/platform/node/engineModule.ts';
import { dispatch } from '../../devnet/src/rpc/dispatch.ts';
import { deployContracts } from '../../server/src/deployment/deployContracts.ts';
import { resourceFeeWithHeadroom } from '../../server/src/relayer/attempt.ts';
import { createSponsor, type Sponsor } from '../../server/src/relayer/sponsor.ts';
import { OWNER_SIGNER_ID } from '../../server/src/wallets/ownerSigner.ts';
import {
  AMOUNT_STROOPS,
  admin,
  bytes32,
  credential,
  keypair,
  passkeyOf,
  RECIPIENT,
} from '../participants.ts';
import { passkey, unsignedEntry } from '../signing.ts';

const INCLUSION_FEE_STROOPS = 100n;
/** Signatures that are made before they are used must not run out: each transfer closes a ledger. */
const APPROVAL_LEDGERS = 50_000;

/** What the measurements need of a network, here or behind HTTP. */
export type Measured = { readonly rpc: Rpc; fund(address: string): Promise<void> | void };

/** @param engine another one than the default, such as one that records */
export async function openNetwork(engine?: Engine): Promise<Measured & { network: Network }> {
  const chosen = engine ?? new Engine(await engineModule(DEFAULT_PROTOCOL_VERSION));
  const network = new Network(chosen, {
    passphrase: STANDALONE_PASSPHRASE,
    limits: 'mainnet',
    mineMode: 'instant',
    nowSeconds: () => Date.now() / 1000,
    closeIntervalSeconds: 0,
  });
  const rpc: Rpc = {
    url: 'in-process',
    call: async (method, params) => dispatch(network, method, params) as never,
  };
  return { network, rpc, fund: (address) => void fund(network, address) };
}

/** Signed envelopes (base64) of transfers from a wallet of ours, each approved by its passkey, to be sent in order. */
export async function passkeyTransfers(measured: Measured, count: number): Promise<string[]> {
  const { rpc } = measured;
  const sponsorKey = keypair('sponsor');
  await measured.fund(sponsorKey.publicKey());
  const sponsor = createSponsor(rpc, sponsorKey.secret(), STANDALONE_PASSPHRASE);
  const tokenId = await nativeTokenId(STANDALONE_PASSPHRASE);
  const { factoryId } = await deployContracts({ rpc, sponsor, recovery: null });
  const owner = credential('passkey');
  const deployment = factoryCalls.deploy(factoryId, bytes32('salt'), {
    signers: [admin(passkeyOf(owner))],
    adminThreshold: 1,
    recovery: null,
  });
  const wallet = scValToAddress((await simulate(rpc, { hostFunction: deployment })).returnValue);
  if (wallet === null) throw new Error('the factory gave no address');
  const [first] = await envelopes(measured, sponsor, [{ hostFunction: deployment }]);
  await rpc.call('sendTransaction', { transaction: first! });
  for (const address of [wallet, RECIPIENT]) await measured.fund(address);
  const calls = [];
  for (let index = 0; index < count; index++) {
    const hostFunction = tokenCalls.transfer(tokenId, wallet, RECIPIENT, AMOUNT_STROOPS);
    const entry = await unsignedEntry(measured, hostFunction, APPROVAL_LEDGERS);
    const part = await passkey(
      OWNER_SIGNER_ID,
      owner,
    )(await authorizationPayload(entry, STANDALONE_PASSPHRASE));
    calls.push({ hostFunction, auth: [withSignature(entry, scBytes(encodeSignature([part])))] });
  }
  return envelopes(measured, sponsor, calls);
}

type Call = { hostFunction: xdr.HostFunction; auth?: xdr.SorobanAuthorizationEntry[] };

async function envelopes({ rpc }: Measured, sponsor: Sponsor, calls: readonly Call[]): Promise<string[]> {
  let { sequenceNumber } = await sponsor.account();
  const made: string[] = [];
  for (const { hostFunction, auth } of calls) {
    const call = { hostFunction, source: sponsor.address, ...(auth ? { auth } : {}) };
    const simulation = await simulate(rpc, call);
    const resourceFee = resourceFeeWithHeadroom(simulation.minResourceFeeStroops);
    const { ext, resources } = simulation.sorobanData;
    sequenceNumber += 1n;
    const transaction = buildTransaction({
      source: sponsor.address,
      sequenceNumber,
      feeStroops: Number(INCLUSION_FEE_STROOPS + resourceFee),
      validUntilSeconds: 0n,
      body: invokeHostFunction(hostFunction, auth ?? simulation.auth),
      sorobanData: new xdr.SorobanTransactionData({ ext, resources, resourceFee }),
    });
    made.push((await sponsor.sign(transaction)).envelopeXdr);
  }
  return made;
}

/** Signed envelopes (base64) of transactions of one account with these operations, to be sent in order. */
export function classicTransactions(
  source: Keypair,
  firstSequence: bigint,
  operations: readonly xdr.OperationBody[],
  count: number,
): string[] {
  const networkId = hash(Buffer.from(STANDALONE_PASSPHRASE));
  return Array.from({ length: count }, (_, index) => {
    const tx = new xdr.Transaction({
      sourceAccount: xdr.MuxedAccount.keyTypeEd25519(new Uint8Array(source.rawPublicKey())),
      fee: 100 * operations.length,
      seqNum: firstSequence + BigInt(index),
      cond: xdr.Preconditions.precondNone(),
      memo: xdr.Memo.memoNone(),
      operations: operations.map((body) => new xdr.Operation({ sourceAccount: null, body })),
      ext: xdr.TransactionExt.v0(),
    });
    const taggedTransaction = xdr.TransactionSignaturePayloadTaggedTransaction.envelopeTypeTx(tx);
    const payload = hash(new xdr.TransactionSignaturePayload({ networkId, taggedTransaction }).toXdr());
    const signatures = [source.signDecorated(payload)];
    return xdr.TransactionEnvelope.envelopeTypeTx(new xdr.TransactionV1Envelope({ tx, signatures })).toXdr(
      'base64',
    );
  });
}

export function payment(destination: Keypair, amountStroops: bigint): xdr.OperationBody {
  return xdr.OperationBody.payment(
    new xdr.PaymentOp({
      destination: xdr.MuxedAccount.keyTypeEd25519(new Uint8Array(destination.rawPublicKey())),
      asset: xdr.Asset.assetTypeNative(),
      amount: amountStroops,
    }),
  );
}
