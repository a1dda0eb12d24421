// What the network recorded, read from it as any indexer would: the token's transfer events, and for each the transaction
// that made it. Nothing here is remembered by the page.
import { type RpcMethods, scSymbol, scValToAddress, scValToI128 } from '@latchkey/sdk/chain';
import { ScVal, TransactionResult } from '@stellar/stellar-sdk/xdr';
import type { LocalNetwork } from './localNetwork.ts';

const PAGE_SIZE = 1_000;
/** How far one answer to getEvents reaches. */
const EVENT_RANGE_LEDGERS = 10_000;

export type LedgerRow = {
  id: string;
  from: string;
  to: string;
  amountStroops: bigint;
  ledger: number;
  closedAtMs: number;
  transactionHash: string;
  feeStroops: bigint;
};

/** Transfers from or to an address, latest first. */
export async function ledgerRows(network: LocalNetwork, address: string): Promise<LedgerRow[]> {
  const rows = (await transferEvents(network)).map(async (event): Promise<LedgerRow> => {
    const topics = event.topic.map((topic) => ScVal.fromXdr(topic, 'base64'));
    const { resultXdr } = await network.rpc.call('getTransaction', { hash: event.txHash });
    return {
      id: event.id,
      from: scValToAddress(topics[1]) ?? '',
      to: scValToAddress(topics[2]) ?? '',
      amountStroops: scValToI128(ScVal.fromXdr(event.value, 'base64')) ?? 0n,
      ledger: event.ledger,
      closedAtMs: Date.parse(event.ledgerClosedAt),
      transactionHash: event.txHash,
      feeStroops: resultXdr ? TransactionResult.fromXdr(resultXdr, 'base64').feeCharged : 0n,
    };
  });
  const all = await Promise.all(rows);
  return all.filter(({ from, to }) => from === address || to === address).reverse();
}

type TransferEvent = RpcMethods['getEvents']['result']['events'][number];

/** Where time was let pass, nearly all ledgers are empty: each range begins with a transaction. */
async function transferEvents(network: LocalNetwork): Promise<TransferEvent[]> {
  const { oldestLedger, latestLedger } = await network.rpc.call('getHealth');
  const transfers = [scSymbol('transfer').toXdr('base64'), '**'];
  const found: TransferEvent[] = [];
  let startLedger = oldestLedger;
  while (startLedger <= latestLedger) {
    const pagination = { limit: 1 };
    const { transactions } = await network.rpc.call('getTransactions', { startLedger, pagination });
    const [next] = transactions;
    if (!next) break;
    const { events } = await network.rpc.call('getEvents', {
      startLedger: next.ledger,
      filters: [{ type: 'contract', contractIds: [network.tokenId], topics: [transfers] }],
      pagination: { limit: PAGE_SIZE },
    });
    found.push(...events);
    startLedger = next.ledger + EVENT_RANGE_LEDGERS;
  }
  return found;
}
