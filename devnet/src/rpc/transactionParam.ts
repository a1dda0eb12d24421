// The `transaction` parameter of sendTransaction and simulateTransaction: an envelope in base64, of bounded size.
import { decodeTransaction, type TransactionFrame } from '../ledger/transactionFrame.ts';
import type { Network } from '../network/network.ts';
import type { Params } from './params.ts';

const MAX_ENVELOPE_BYTES = 1024 * 1024;
const MAX_CHARACTERS = Math.ceil(MAX_ENVELOPE_BYTES / 3) * 4;

/** null when the text is not an envelope, or too large a one. */
export function transactionParam(network: Network, params: Params): TransactionFrame | null {
  const text = params.text('transaction');
  if (text.length > MAX_CHARACTERS) return null;
  try {
    return decodeTransaction(text, network.ledger.networkId);
  } catch {
    return null;
  }
}
