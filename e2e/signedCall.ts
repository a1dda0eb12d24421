// A contract call that others have signed, seen in an envelope and carried out by a stranger: authorization entries belong
// to no transaction.
import { buildTransaction, invokeHostFunction, type Rpc, simulate } from '@latchkey/sdk/chain';
import type { Keypair } from '@stellar/stellar-sdk/base';
import {
  type InvokeHostFunctionOp,
  SorobanTransactionData,
  TransactionEnvelope,
} from '@stellar/stellar-sdk/xdr';
import { resourceFeeWithHeadroom } from '../server/src/relayer/attempt.ts';
import { createSponsor } from '../server/src/relayer/sponsor.ts';

const INCLUSION_FEE_STROOPS = 1_000n;

/** Null where the envelope has no call with signed entries. */
export function signedCall(envelopeXdr: string): InvokeHostFunctionOp | null {
  const envelope = TransactionEnvelope.fromXdr(envelopeXdr, 'base64');
  if (envelope.type === 'envelopeTypeTxV0') return null;
  const inner = envelope.type === 'envelopeTypeTx' ? envelope.value.tx : envelope.value.tx.innerTx.value.tx;
  const body = inner.operations[0]?.body;
  return body?.type === 'invokeHostFunction' && body.value.auth.length > 0 ? body.value : null;
}

/** @throws whatever keeps it from being carried out */
export async function carryOutCall(
  network: { rpc: Rpc; passphrase: string },
  payer: Keypair,
  { hostFunction, auth }: InvokeHostFunctionOp,
): Promise<void> {
  const { rpc, passphrase } = network;
  const source = createSponsor(rpc, payer.secret(), passphrase);
  const simulation = await simulate(rpc, { hostFunction, auth, source: source.address });
  const { ext, resources } = simulation.sorobanData;
  const resourceFee = resourceFeeWithHeadroom(simulation.minResourceFeeStroops);
  const transaction = buildTransaction({
    source: source.address,
    sequenceNumber: (await source.account()).sequenceNumber + 1n,
    feeStroops: Number(INCLUSION_FEE_STROOPS + resourceFee),
    validUntilSeconds: 0n,
    body: invokeHostFunction(hostFunction, auth),
    sorobanData: new SorobanTransactionData({ ext, resources, resourceFee }),
  });
  const { envelopeXdr } = await source.sign(transaction);
  await rpc.call('sendTransaction', { transaction: envelopeXdr });
}
