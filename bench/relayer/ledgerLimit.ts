// How many transactions like a given one fit into a ledger with mainnet's limits: the smallest of what each limit has
// room for, by what the transaction declares. That no two of them may be in each other's way is the caller's to see to.
import { TransactionEnvelope } from '@stellar/stellar-sdk/xdr';
import { LIMITS } from '../../devnet/src/ledger/limits.ts';

const BASE64_CHARS_PER_3_BYTES = 4;

export function fitsInLedger(envelopeXdr: string): number {
  const envelope = TransactionEnvelope.fromXdr(envelopeXdr, 'base64');
  if (envelope.type !== 'envelopeTypeTxFeeBump') throw new TypeError('the relayer sends fee bumps');
  const { ext } = envelope.value.tx.innerTx.value.tx;
  if (ext.type !== 'sorobanData') throw new TypeError('the relayer sends contract calls');
  const { resources } = ext.value;
  const limits = LIMITS.mainnet;
  const padding = envelopeXdr.endsWith('==') ? 2 : envelopeXdr.endsWith('=') ? 1 : 0;
  const bytes = (envelopeXdr.length / BASE64_CHARS_PER_3_BYTES) * 3 - padding;
  const room = [
    limits.ledgerMaxTransactions,
    limits.ledgerMaxWriteEntries / resources.footprint.readWrite.length,
    limits.ledgerMaxWriteBytes / resources.writeBytes,
    limits.ledgerMaxDiskReadBytes / Math.max(resources.diskReadBytes, 1),
    limits.ledgerMaxTransactionBytes / bytes,
    // All pay to one address, so they are one cluster.
    Number(limits.ledgerMaxInstructions) / resources.instructions,
  ];
  return Math.floor(Math.min(...room));
}
