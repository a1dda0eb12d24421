// getTransaction: a stored transaction by its hash, or NOT_FOUND. A fee bump is found by its inner hash too.
import type { Network } from '../network/network.ts';
import type { Params } from './params.ts';
import { invalidParams } from './rpcError.ts';
import { transactionRecord } from './transactionRecord.ts';

const HASH_HEX_DIGITS = 64;

export function getTransaction(network: Network, params: Params) {
  const format = params.xdrFormat();
  const hash = params.text('hash');
  if (hash.length !== HASH_HEX_DIGITS) throw invalidParams(`unexpected hash length (${hash.length})`);
  if (!/^[0-9a-f]+$/i.test(hash)) throw invalidParams('incorrect hash: not hexadecimal');
  const { latest } = network;
  const { oldest } = network.ledger.history;
  const range = {
    latestLedger: latest.sequence,
    latestLedgerCloseTime: String(latest.closeTimeSeconds),
    oldestLedger: oldest.sequence,
    oldestLedgerCloseTime: String(oldest.closeTimeSeconds),
  };
  const txHash = hash.toLowerCase();
  const stored = network.ledger.history.byTransactionHash(txHash);
  if (!stored) {
    const nothing = { applicationOrder: 0, feeBump: false, events: {}, ledger: 0, createdAt: '0' };
    return { status: 'NOT_FOUND', ...range, txHash, ...nothing };
  }
  return {
    ...range,
    ...transactionRecord(stored, txHash, format),
    createdAt: String(stored.ledger.closeTimeSeconds),
  };
}
