// The sponsor: the classic account that pays every fee, in fee bumps around transactions of other accounts, and that
// pays for the channel accounts' reserves. Its key signs transactions here and nowhere else; authorization entries are
// never signed with it.

import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { LatchkeyError } from '@latchkey/sdk/api';
import { bytesToHex, type Rpc, sha256, transactionHash } from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import {
  DecoratedSignature,
  FeeBumpTransaction,
  FeeBumpTransactionEnvelope,
  FeeBumpTransactionExt,
  FeeBumpTransactionInnerTx,
  LedgerEntryData,
  LedgerKey,
  LedgerKeyAccount,
  MuxedAccount,
  type Transaction,
  TransactionEnvelope,
  TransactionSignaturePayload,
  TransactionSignaturePayloadTaggedTransaction,
  TransactionV1Envelope,
} from '@stellar/stellar-sdk/xdr';

export type AccountState = { sequenceNumber: bigint; balanceStroops: bigint; asOfLedger: number };

export type Sponsor = {
  readonly address: string;
  /** @throws LatchkeyError NETWORK_UNAVAILABLE when the account does not exist or the node is away */
  account(): Promise<AccountState>;
  /** @param others whose signatures the transaction needs as well */
  sign(transaction: Transaction, others?: Keypair[]): Promise<{ envelopeXdr: string; hash: string }>;
  /** Offers to pay for a signed transaction; its own hash stays the same whatever is offered. */
  feeBump(inner: TransactionV1Envelope, feeStroops: bigint): Promise<string>;
};

export function accountKey(keypair: Keypair): LedgerKey {
  return LedgerKey.account(new LedgerKeyAccount({ accountId: keypair.xdrAccountId() }));
}

/** @throws LatchkeyError NETWORK_UNAVAILABLE when the account does not exist or the node is away */
export async function readAccount(rpc: Rpc, address: string): Promise<AccountState> {
  const key = accountKey(Keypair.fromPublicKey(address)).toXdr('base64');
  const { entries, latestLedger } = await rpc.call('getLedgerEntries', { keys: [key] });
  const data = entries[0] && LedgerEntryData.fromXdr(entries[0].xdr, 'base64');
  if (data?.type !== 'account') {
    throw new LatchkeyError('NETWORK_UNAVAILABLE', {
      message: `The account ${address} does not exist on the network.`,
    });
  }
  const { seqNum, balance } = data.value;
  return { sequenceNumber: seqNum, balanceStroops: balance, asOfLedger: latestLedger };
}

/** By Node's own Ed25519 (RFC 8032, so the same bytes), which takes a tenth of the time. */
export function signatureOf(keypair: Keypair, hash: Uint8Array): DecoratedSignature {
  let key = keyObjects.get(keypair);
  if (!key) {
    const der = Buffer.concat([PKCS8_ED25519, keypair.rawSecretKey()]);
    key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    keyObjects.set(keypair, key);
  }
  return new DecoratedSignature({ hint: keypair.signatureHint(), signature: sign(null, hash, key) });
}

const keyObjects = new WeakMap<Keypair, KeyObject>();
/** What comes before the 32 bytes of a private key (RFC 8410). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

export async function feeBumpHash(
  transaction: FeeBumpTransaction,
  networkPassphrase: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const payload = new TransactionSignaturePayload({
    networkId: await sha256(new TextEncoder().encode(networkPassphrase)),
    taggedTransaction: TransactionSignaturePayloadTaggedTransaction.envelopeTypeTxFeeBump(transaction),
  });
  return sha256(payload.toXdr());
}

export function createSponsor(rpc: Rpc, secretKey: string, networkPassphrase: string): Sponsor {
  const keypair = Keypair.fromSecret(secretKey);
  const address = keypair.publicKey();
  return {
    address,
    account: () => readAccount(rpc, address),
    async sign(transaction, others = []) {
      const hash = await transactionHash(transaction, networkPassphrase);
      const signatures = [keypair, ...others].map((it) => signatureOf(it, hash));
      const envelope = TransactionEnvelope.envelopeTypeTx(
        new TransactionV1Envelope({ tx: transaction, signatures }),
      );
      return { envelopeXdr: envelope.toXdr('base64'), hash: bytesToHex(hash) };
    },
    async feeBump(inner, feeStroops) {
      const tx = new FeeBumpTransaction({
        feeSource: MuxedAccount.fromJson(address),
        fee: feeStroops,
        innerTx: FeeBumpTransactionInnerTx.envelopeTypeTx(inner),
        ext: FeeBumpTransactionExt.v0(),
      });
      const hash = await feeBumpHash(tx, networkPassphrase);
      const envelope = new FeeBumpTransactionEnvelope({ tx, signatures: [signatureOf(keypair, hash)] });
      return TransactionEnvelope.envelopeTypeTxFeeBump(envelope).toXdr('base64');
    },
  };
}
