// The sponsor: the classic account that pays every fee and lends its sequence number. Its key signs transactions here
// and nowhere else; authorization entries are never signed with it.

import { LatchkeyError } from '@latchkey/sdk/api';
import { bytesToHex, type Rpc, transactionHash } from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import {
  DecoratedSignature,
  LedgerEntryData,
  LedgerKey,
  LedgerKeyAccount,
  type Transaction,
  TransactionEnvelope,
  TransactionV1Envelope,
} from '@stellar/stellar-sdk/xdr';

export type SponsorAccount = { sequenceNumber: bigint; balanceStroops: bigint; asOfLedger: number };

export type Sponsor = {
  readonly address: string;
  /** @throws LatchkeyError NETWORK_UNAVAILABLE when the account does not exist or the node is away */
  account(): Promise<SponsorAccount>;
  sign(transaction: Transaction): Promise<{ envelopeXdr: string; hash: string }>;
};

export function createSponsor(rpc: Rpc, secretKey: string, networkPassphrase: string): Sponsor {
  const keypair = Keypair.fromSecret(secretKey);
  const address = keypair.publicKey();
  const key = LedgerKey.account(new LedgerKeyAccount({ accountId: keypair.xdrAccountId() })).toXdr('base64');
  return {
    address,
    async account() {
      const { entries, latestLedger } = await rpc.call('getLedgerEntries', { keys: [key] });
      const data = entries[0] && LedgerEntryData.fromXdr(entries[0].xdr, 'base64');
      if (data?.type !== 'account') {
        throw new LatchkeyError('NETWORK_UNAVAILABLE', {
          message: `The sponsor account ${address} does not exist on the network.`,
        });
      }
      const { seqNum, balance } = data.value;
      return { sequenceNumber: seqNum, balanceStroops: balance, asOfLedger: latestLedger };
    },
    async sign(transaction) {
      const hash = await transactionHash(transaction, networkPassphrase);
      const signature = new DecoratedSignature({
        hint: keypair.signatureHint(),
        signature: keypair.sign(Buffer.from(hash)),
      });
      const envelope = TransactionEnvelope.envelopeTypeTx(
        new TransactionV1Envelope({ tx: transaction, signatures: [signature] }),
      );
      return { envelopeXdr: envelope.toXdr('base64'), hash: bytesToHex(hash) };
    },
  };
}
