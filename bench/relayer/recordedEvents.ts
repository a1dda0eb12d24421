// A long history for the indexer to read, made of a short one that happened: a wallet's deployment by the factory and a
// transfer from it, with other wallets' addresses put in the place of its own. Pages are text, as they come from a node,
// so that reading them costs what it costs; the node's own work is left out.
import { createHash } from 'node:crypto';
import { eventTopics, type Rpc, type RpcMethods, scSymbol } from '@latchkey/sdk/chain';
import { StrKey } from '@stellar/stellar-sdk/base';
import type { ChainEvent } from '../../server/src/indexer/decode.ts';
import { openNetwork, passkeyTransfers } from '../devnet/network.ts';

const LEDGERS = 1_000;
const TRANSFERS_PER_LEDGER = 80;
/** In the order of the network's ids: 19 digits for the place, 10 for the number of the event. */
const PLACE_DIGITS = 19;
const NUMBER_DIGITS = 10;
const PAGE = 10_000;

export type History = { factoryId: string; rpc: Rpc; events: number };

export async function recordedHistory(): Promise<History> {
  const { factoryId, wallet, deployment, transfer } = await templates();
  const raw = (address: string) => Buffer.from(StrKey.decodeContract(address));
  const original = raw(wallet);
  const walletOf = (ledger: number) =>
    createHash('sha256')
      .update(`wallet ${ledger % LEDGERS}`)
      .digest();
  const events: ChainEvent[] = [];
  const add = (template: ChainEvent, ledger: number, index: number, address: Buffer) => {
    const placed = (text: string) => replaced(text, original, address);
    events.push({
      ...template,
      id: `${String(ledger).padStart(PLACE_DIGITS, '0')}-${String(index).padStart(NUMBER_DIGITS, '0')}`,
      ledger,
      contractId: template.contractId === wallet ? StrKey.encodeContract(address) : template.contractId,
      topic: template.topic.map(placed),
      value: placed(template.value),
    });
  };
  for (let ledger = 1; ledger <= LEDGERS; ledger++) {
    for (const [index, template] of deployment.entries()) add(template, ledger, index, walletOf(ledger));
    // Half of the transfers are of wallets of this history, and half of strangers.
    for (let index = 0; index < TRANSFERS_PER_LEDGER; index++) {
      const isKnown = index % 2 === 0;
      const seed = createHash('sha256').update(`${ledger} ${index}`).digest();
      const address = isKnown ? walletOf(1 + (seed.readUInt32BE() % ledger)) : seed;
      add(transfer, ledger, deployment.length + index, address);
    }
  }
  return { factoryId, rpc: nodeWith(events), events: events.length };
}

/** What a network says of one wallet's deployment, and of a transfer from it. */
async function templates() {
  const measured = await openNetwork();
  const [envelope] = await passkeyTransfers(measured, 1);
  await measured.rpc.call('sendTransaction', { transaction: envelope! });
  const { oldestLedger } = await measured.rpc.call('getHealth');
  const { events } = await measured.rpc.call('getEvents', {
    startLedger: oldestLedger,
    filters: [{ type: 'contract' }],
    pagination: { limit: PAGE },
  });
  const newest = (name: string): ChainEvent => {
    const topic = scSymbol(name).toXdr('base64');
    const found = events.findLast((it) => it.topic[0] === topic);
    if (!found) throw new Error(`no contract said ${name}`);
    return found;
  };
  const { contractId: factoryId, txHash } = newest(eventTopics.factory[0]!.name);
  const { contractId: wallet } = newest('signer_added');
  const fee = scSymbol('fee').toXdr('base64');
  // The indexer does not ask for fees.
  const deployment = events.filter((it) => it.txHash === txHash && it.topic[0] !== fee);
  return { factoryId, wallet, deployment, transfer: newest('transfer') };
}

function replaced(base64: string, from: Buffer, to: Buffer): string {
  const bytes = Buffer.from(base64, 'base64');
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + from.length)) to.copy(bytes, at);
  return bytes.toString('base64');
}

/** A node that has these events, a page after the other. */
function nodeWith(events: ChainEvent[]): Rpc {
  const pages: string[] = [];
  for (let at = 0; at < events.length; at += PAGE) {
    const page = events.slice(at, at + PAGE);
    const result: RpcMethods['getEvents']['result'] = {
      events: page,
      cursor: page.at(-1)!.id,
      latestLedger: LEDGERS,
    } as RpcMethods['getEvents']['result'];
    pages.push(JSON.stringify(result));
  }
  const answers: Record<string, (params: never) => string> = {
    getHealth: () => JSON.stringify({ status: 'healthy', latestLedger: LEDGERS, oldestLedger: 1 }),
    getLedgers: ({ startLedger }: RpcMethods['getLedgers']['params']) =>
      JSON.stringify({ ledgers: [{ sequence: startLedger, hash: 'recorded' }] }),
    getEvents: ({ pagination }: RpcMethods['getEvents']['params']) => {
      const { cursor } = pagination ?? {};
      const next = cursor === undefined ? 0 : events.findIndex(({ id }) => id === cursor) / PAGE;
      return pages[Math.ceil(next)] ?? JSON.stringify({ events: [], cursor, latestLedger: LEDGERS });
    },
  };
  return {
    url: 'recorded',
    call: async (method, params) => JSON.parse(answers[method]!(params as never)) as never,
  };
}
