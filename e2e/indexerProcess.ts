// An indexer in a process of its own that kills itself, as kill -9 does, at random points of its reading: after a request
// was answered, inside a transaction, or right after one was stored. Tells its parent when it has read everything.
import { createRpc, type Rpc } from '@latchkey/sdk/chain';
import { pino } from 'pino';
import { openDatabase } from '../server/src/db/database.ts';
import { createIndexer, type IndexerSettings } from '../server/src/indexer/indexer.ts';

const { rpcUrl, databaseUrl, settings, eventsPerPage, killedOneIn } = JSON.parse(process.argv[2]!) as {
  rpcUrl: string;
  databaseUrl: string;
  settings: IndexerSettings;
  eventsPerPage: number;
  killedOneIn: number;
};

function maybeDie(): void {
  if (Math.random() < 1 / killedOneIn) process.kill(process.pid, 'SIGKILL');
}

const node = createRpc(rpcUrl);
const rpc: Rpc = {
  url: node.url,
  call: async (method, params) => {
    const answer = await node.call(method, params);
    maybeDie();
    return answer;
  },
};
const db = await openDatabase(databaseUrl);
const indexer = createIndexer({
  db,
  rpc,
  log: pino({ level: 'silent' }),
  nowMs: Date.now,
  settings,
  confirmNetwork: async () => {},
  eventsPerPage,
  onStored: maybeDie,
  inTransaction: maybeDie,
});
await indexer.catchUp();
await indexer.readBalances();
process.send?.('done');
process.disconnect?.();
