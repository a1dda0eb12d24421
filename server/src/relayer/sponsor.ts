// The sponsor: the classic account that pays every fee, in fee bumps around transactions of other accounts, and that
// pays for the channel accounts' reserves. Its key signs transactions here and nowhere else, and of authorization
// entries only those that return what a merged account brought it (policy.ts holds what such a call may be).

import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { LatchkeyError } from '@latchkey/sdk/api';
import { bytesToHex, type Rpc } from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import {
  DecoratedSignature,
  FeeBumpTransaction,
  FeeBumpTransactionExt,
  FeeBumpTransactionInnerTx,
  LedgerEntryData,
  LedgerKey,
  LedgerKeyAccount,
  MuxedAccount,
  type Transaction,
  TransactionEnvelope,
  TransactionV1Envelope,
} from '@stellar/stellar-sdk/xdr';
import { signedBump, transactionHash } from './transactionHashes.ts';

export type AccountState = { sequenceNumber: bigint; balanceStroops: bigint; asOfLedger: number };

export type Sponsor = {
  readonly address: string;
  /** @throws LatchkeyError NETWORK_UNAVAILABLE when the account does not exist or the node is away */
  account(): Promise<AccountState>;
  /** @param others whose signatures the transaction needs as well */
  sign(transaction: Transaction, others?: Keypair[]): Promise<{ envelopeXdr: string; hash: string }>;
  /** For a transaction that is not its own but has operations of it. */
  signature(transaction: Transaction): Promise<DecoratedSignature>;
  /** The sponsor's part in a call that returns what a merged account brought. @param payload what the entry has signed */
  signAuthorization(payload: Uint8Array): Promise<Uint8Array>;
  /** Offers to pay for a signed transaction; its own hash stays the same whatever is offered. */
  feeBump(inner: TransactionV1Envelope, feeStroops: bigint): Promise<string>;
};

export function accountKey(keypair: Keypair): LedgerKey {
  return LedgerKey.account(new LedgerKeyAccount({ accountId: keypair.xdrAccountId() }));
}

/** Null when there is no such account. @throws LatchkeyError NETWORK_UNAVAILABLE when the node is away */
export async function findAccount(rpc: Rpc, address: string): Promise<AccountState | null> {
  const key = accountKey(Keypair.fromPublicKey(address)).toXdr('base64');
  const { entries, latestLedger } = await rpc.call('getLedgerEntries', { keys: [key] });
  const data = entries[0] && LedgerEntryData.fromXdr(entries[0].xdr, 'base64');
  if (data?.type !== 'account') return null;
  const { seqNum, balance } = data.value;
  return { sequenceNumber: seqNum, balanceStroops: balance, asOfLedger: latestLedger };
}

/** @throws LatchkeyError NETWORK_UNAVAILABLE when the account does not exist or the node is away */
export async function readAccount(rpc: Rpc, address: string): Promise<AccountState> {
  const account = await findAccount(rpc, address);
  if (account) return account;
  throw new LatchkeyError('NETWORK_UNAVAILABLE', {
    message: `The account ${address} does not exist on the network.`,
  });
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

export function createSponsor(rpc: Rpc, secretKey: string, networkPassphrase: string): Sponsor {
  const keypair = Keypair.fromSecret(secretKey);
  const address = keypair.publicKey();
  return {
    address,
    account: () => readAccount(rpc, address),
    async sign(transaction, others = []) {
      const hash = transactionHash(transaction, networkPassphrase);
      const signatures = [keypair, ...others].map((it) => signatureOf(it, hash));
      const envelope = TransactionEnvelope.envelopeTypeTx(
        new TransactionV1Envelope({ tx: transaction, signatures }),
      );
      return { envelopeXdr: envelope.toXdr('base64'), hash: bytesToHex(hash) };
    },
    async signature(transaction) {
      return signatureOf(keypair, transactionHash(transaction, networkPassphrase));
    },
    async signAuthorization(payload) {
      return signatureOf(keypair, payload).signature.value;
    },
    async feeBump(inner, feeStroops) {
      const tx = new FeeBumpTransaction({
        feeSource: MuxedAccount.fromJson(address),
        fee: feeStroops,
        innerTx: FeeBumpTransactionInnerTx.envelopeTypeTx(inner),
        ext: FeeBumpTransactionExt.v0(),
      });
      return signedBump(tx, networkPassphrase, (hash) => signatureOf(keypair, hash));
    },
  };
}
