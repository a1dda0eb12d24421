// The indexer's own affairs, with the server's environment (with --dev that of `npm start`): fills a gap from another node.
// Safe beside a running server, which waits until it is done.
import { parseArgs } from 'node:util';
import { createRpc } from '@latchkey/sdk/chain';
import { pino } from 'pino';
import { ConfigError, readIndexerConfig } from '../server/src/config.ts';
import { openDatabase } from '../server/src/db/database.ts';
import { keptEnvironment } from '../server/src/development/environmentFile.ts';
import { CannotFill } from '../server/src/indexer/fill.ts';
import { IndexerStopped } from '../server/src/indexer/ingest.ts';
import { WrongNetwork } from '../server/src/relayer/network.ts';
import { createIndexerOn } from '../server/src/spawnIndexer.ts';

const USAGE = `npm run indexer -- fill --rpc URL [--to LEDGER] [--dev [--dir FOLDER]]
       reads what is missing from the node at URL, up to its latest ledger or an earlier one`;

function fail(text: string): never {
  console.error(text);
  process.exit(2);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rpc: { type: 'string' },
    to: { type: 'string' },
    dev: { type: 'boolean', default: false },
    dir: { type: 'string', default: '.latchkey' },
  },
});
if (positionals[0] !== 'fill' || !values.rpc || !URL.canParse(values.rpc)) fail(USAGE);
if (values.to !== undefined && !/^\d{1,10}$/.test(values.to)) fail(USAGE);

try {
  const env = values.dev ? await keptEnvironment(values.dir, process.env) : process.env;
  const config = readIndexerConfig(env);
  const db = await openDatabase(config.database);
  try {
    const log = pino({ level: config.logLevel });
    const indexer = createIndexerOn({ config, db, rpc: createRpc(values.rpc), log, nowMs: Date.now });
    const filled = await indexer.fill(values.to === undefined ? null : Number(values.to));
    console.log(filled ? `read ledgers ${filled.fromLedger} to ${filled.toLedger}` : 'nothing is missing');
  } finally {
    await db.destroy();
  }
} catch (error) {
  const isMendable =
    error instanceof ConfigError ||
    error instanceof CannotFill ||
    error instanceof IndexerStopped ||
    error instanceof WrongNetwork;
  if (!isMendable) throw error;
  fail(error.message);
}
