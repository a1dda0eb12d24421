// One classic operation, carried out on the ledger by whoever holds the account, with no server in between.
import type { Rpc } from '@latchkey/sdk/chain';
import type { Keypair } from '@stellar/stellar-sdk/base';
import {
  Asset,
  Memo,
  MuxedAccount,
  Operation,
  OperationBody,
  PaymentOp,
  Preconditions,
  TimeBounds,
  Transaction,
  TransactionExt,
} from '@stellar/stellar-sdk/xdr';
import { createSponsor, readAccount } from '../server/src/relayer/sponsor.ts';
import { trustLineAsset } from '../server/src/settlement/balance.ts';

const FEE_STROOPS = 1_000;

/** @returns whether the network took it */
export async function carryOut(
  network: { rpc: Rpc; passphrase: string },
  from: Keypair,
  body: OperationBody,
  memo: Memo = Memo.memoNone(),
): Promise<boolean> {
  const { rpc, passphrase } = network;
  const { sequenceNumber } = await readAccount(rpc, from.publicKey());
  const transaction = new Transaction({
    sourceAccount: MuxedAccount.fromJson(from.publicKey()),
    fee: FEE_STROOPS,
    seqNum: sequenceNumber + 1n,
    cond: Preconditions.precondTime(new TimeBounds({ minTime: 0n, maxTime: 0n })),
    memo,
    operations: [new Operation({ sourceAccount: null, body })],
    ext: TransactionExt.v0(),
  });
  const { envelopeXdr, hash } = await createSponsor(rpc, from.secret(), passphrase).sign(transaction);
  await rpc.call('sendTransaction', { transaction: envelopeXdr });
  return (await rpc.call('getTransaction', { hash })).status === 'SUCCESS';
}

/** A payment of XLM, or of a credit asset. */
export function payment(
  to: string,
  amount: bigint,
  credit?: { code: string; issuer: string },
): OperationBody {
  const asset = credit ? Asset.fromXdr(trustLineAsset(credit).toXdr()) : Asset.assetTypeNative();
  return OperationBody.payment(new PaymentOp({ destination: MuxedAccount.fromJson(to), asset, amount }));
}
