// How many fee bumps like a given one fit into a ledger with mainnet's limits: the smallest of what each limit has
// room for, by what the transaction declares. A fee bump counts as two transactions there, as in stellar-core. That no two of them may be in each other's way is the caller's to see to.
import { TransactionEnvelope } from '@stellar/stellar-sdk/xdr';
import { LIMITS } from '../../devnet/src/ledger/limits.ts';

/** Operations and the bump itself: FeeBumpTransactionFrame::getNumOperations. */
const FEE_BUMP_COUNTS_AS = 2;
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
    limits.ledgerMaxTransactions / FEE_BUMP_COUNTS_AS,
    limits.ledgerMaxWriteEntries / resources.footprint.readWrite.length,
    limits.ledgerMaxWriteBytes / resources.writeBytes,
    limits.ledgerMaxDiskReadBytes / Math.max(resources.diskReadBytes, 1),
    limits.ledgerMaxTransactionBytes / bytes,
    // All pay to one address, so they are one cluster.
    Number(limits.ledgerMaxInstructions) / resources.instructions,
  ];
  return Math.floor(Math.min(...room));
}
