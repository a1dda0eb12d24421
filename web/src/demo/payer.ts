// The account that pays the fees in the demo: an ed25519 key that never leaves this page's memory, with coins from the
// network's own friendbot. It signs transactions; what moves a wallet's money is signed by the passkey alone.
import { LatchkeyError } from '@latchkey/sdk';
import {
  buildTransaction,
  bytesToHex,
  invokeHostFunction,
  type Rpc,
  simulate,
  transactionHash,
} from '@latchkey/sdk/chain';
import {
  DecoratedSignature,
  type HostFunction,
  LedgerEntryData,
  LedgerKey,
  LedgerKeyAccount,
  PublicKey,
  type ScVal,
  type SorobanAuthorizationEntry,
  SorobanTransactionData,
  TransactionEnvelope,
  TransactionV1Envelope,
} from '@stellar/stellar-sdk/xdr';

const INCLUSION_FEE_STROOPS = 100n;
const FEE_HEADROOM_PERCENT = 15n;

export type Submitted = { hash: string; returnValue: ScVal };

export type Payer = {
  readonly address: string;
  /** Simulates the call, pays for it, and answers when it is on the ledger. @throws LatchkeyError */
  submit(hostFunction: HostFunction, signed?: SorobanAuthorizationEntry[]): Promise<Submitted>;
};

/** A new key; the account has to be funded before it can pay. */
export async function createPayer(rpc: Rpc, passphrase: string): Promise<Payer> {
  const keys = (await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as CryptoKeyPair;
  const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', keys.publicKey));
  const accountId = PublicKey.publicKeyTypeEd25519(publicKey);
  const address = String(accountId.toJson());
  const ledgerKey = LedgerKey.account(new LedgerKeyAccount({ accountId })).toXdr('base64');

  async function sequenceNumber(): Promise<bigint> {
    const { entries } = await rpc.call('getLedgerEntries', { keys: [ledgerKey] });
    const data = entries[0] && LedgerEntryData.fromXdr(entries[0].xdr, 'base64');
    if (data?.type !== 'account') throw new LatchkeyError('NETWORK_UNAVAILABLE');
    return data.value.seqNum;
  }

  return {
    address,
    async submit(hostFunction, signed) {
      const auth = signed ? { auth: signed } : {};
      const simulation = await simulate(rpc, { hostFunction, source: address, ...auth });
      const { ext, resources } = simulation.sorobanData;
      const resourceFee = (simulation.minResourceFeeStroops * (100n + FEE_HEADROOM_PERCENT)) / 100n;
      const transaction = buildTransaction({
        source: address,
        sequenceNumber: (await sequenceNumber()) + 1n,
        feeStroops: Number(INCLUSION_FEE_STROOPS + resourceFee),
        validUntilSeconds: 0n,
        body: invokeHostFunction(hostFunction, signed ?? simulation.auth),
        sorobanData: new SorobanTransactionData({ ext, resources, resourceFee }),
      });
      const hash = await transactionHash(transaction, passphrase);
      const signature = new Uint8Array(await crypto.subtle.sign('Ed25519', keys.privateKey, hash));
      const envelope = TransactionEnvelope.envelopeTypeTx(
        new TransactionV1Envelope({
          tx: transaction,
          signatures: [new DecoratedSignature({ hint: publicKey.slice(-4), signature })],
        }),
      );
      await rpc.call('sendTransaction', { transaction: envelope.toXdr('base64') });
      // The network in the page closes the ledger before it answers.
      const { status } = await rpc.call('getTransaction', { hash: bytesToHex(hash) });
      if (status !== 'SUCCESS') throw new LatchkeyError('TRANSACTION_FAILED');
      return { hash: bytesToHex(hash), returnValue: simulation.returnValue };
    },
  };
}
