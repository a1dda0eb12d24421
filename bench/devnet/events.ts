// How long a page of events takes where there are a hundred thousand: pages of a hundred from the beginning, the middle
// and the end, and of filters that match everything, little and nothing. The figure is the slowest kind's median.
import { scValToNative } from '@stellar/stellar-sdk/base';
import * as xdr from '@stellar/stellar-sdk/xdr';
import { getAccount } from '../../devnet/src/ledger/account.ts';
import { decodeTransaction } from '../../devnet/src/ledger/transactionFrame.ts';
import { type Figure, median, type Progress } from '../figure.ts';
import { keypair } from '../participants.ts';
import { classicTransactions, openNetwork, payment } from './network.ts';

const LEDGERS = 1_000;
const EVENTS_PER_LEDGER = 100;
const RUNS = 9;
const MAX_PAGE_MS = 20;

export async function events(progress: Progress): Promise<Figure[]> {
  progress(`devnet: pages of ${LEDGERS * EVENTS_PER_LEDGER} events`);
  const { network, fund, rpc } = await openNetwork();
  const alice = keypair('alice');
  await fund(alice.publicKey());
  const { seqNum } = getAccount(network.ledger, new Uint8Array(alice.rawPublicKey()))!;
  const first = network.latest.sequence + 1;
  // Paying oneself changes nothing and is an event.
  const operations = Array.from({ length: EVENTS_PER_LEDGER }, () => payment(alice, 1n));
  for (const envelope of classicTransactions(alice, seqNum + 1n, operations, LEDGERS)) {
    network.submit(decodeTransaction(envelope, network.ledger.networkId));
  }
  const topic = (name: string) => xdr.ScVal.scvSymbol(name).toXdr('base64');
  const filters = {
    everything: [],
    transfers: [{ type: 'contract', topics: [[topic('transfer'), '**']] }],
    fees: [{ type: 'contract', topics: [[topic('fee'), '**']] }],
    nothing: [{ type: 'contract', topics: [[topic('mint'), '**']] }],
  };
  const medians: number[] = [];
  for (const [name, filter] of Object.entries(filters)) {
    for (const start of [first, first + LEDGERS / 2, first + LEDGERS - 1]) {
      const times: number[] = [];
      for (let run = 0; run < RUNS; run++) {
        const began = performance.now();
        const reply = await rpc.call('getEvents', {
          startLedger: start,
          filters: filter,
          pagination: { limit: 100 },
        } as never);
        times.push(performance.now() - began);
        const { events: page } = reply as unknown as { events: { topic: string[] }[] };
        if (
          name === 'transfers' &&
          scValToNative(xdr.ScVal.fromXdr(page[0]!.topic[0]!, 'base64')) !== 'transfer'
        ) {
          throw new Error('a page has an event that was not asked for');
        }
      }
      medians.push(median(times));
    }
  }
  return [{ key: 'getEventsPage.ms', value: Math.max(...medians), target: MAX_PAGE_MS }];
}
