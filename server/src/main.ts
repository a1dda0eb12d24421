// Starts the server. `--dev` first makes what is missing for development: embedded network, keys, contracts, web build.
// Without it every setting comes from the environment, and a missing one stops the start with one line. `--reindex` first
// forgets what the indexer has read from the network, so that all of it is read again.
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type Config,
  ConfigError,
  readConfig,
  readIndexerConfig,
  readRelayerConfig,
  readRole,
} from './config.ts';
import { databaseFile, UnusableDatabase } from './db/database.ts';
import { WrongKeyEncryptionKey } from './db/sealing.ts';
import { WrongNetwork } from './relayer/network.ts';
import { WrongSettlementKek } from './settlement/localKek.ts';
import type { Server } from './spawn.ts';

const WEB_PORT = 5173;
const DASHBOARD_PORT = 5174;

/**
 * A network that was started afresh, or a release with other contracts, leaves the database behind: it is set aside, not
 * deleted, and a new one begun.
 */
async function spawnDevelopment(config: Config, onStep: (text: string) => void): Promise<Server> {
  const { spawn } = await import('./spawn.ts');
  try {
    return await spawn(config);
  } catch (error) {
    if (!(error instanceof UnusableDatabase)) throw error;
    const file = databaseFile(config.database.url);
    if (file === null) throw error;
    onStep(error.message);
    onStep(`it is set aside as ${file}.old, and a new one begun`);
    for (const suffix of ['', '-wal', '-shm'])
      await rename(file + suffix, `${file}.old${suffix}`).catch(() => {});
    return spawn(config);
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      dev: { type: 'boolean', default: false },
      dir: { type: 'string', default: join(process.cwd(), '.latchkey') },
      'web-port': { type: 'string', default: String(WEB_PORT) },
      'dashboard-port': { type: 'string', default: String(DASHBOARD_PORT) },
      'devnet-port': { type: 'string' },
      reindex: { type: 'boolean', default: false },
    },
  });
  const startedAt = performance.now();
  const closing: (() => Promise<void>)[] = [];
  const stop = async (signal: string) => {
    console.log(`\n${signal}: finishing what is in progress`);
    for (const close of closing.reverse()) await close();
    process.exit(0);
  };
  process.once('SIGINT', () => stop('SIGINT'));
  process.once('SIGTERM', () => stop('SIGTERM'));

  if (!values.dev) {
    const [{ spawn, spawnRelayer }, { forgetIndex, spawnIndexer }] = await Promise.all([
      import('./spawn.ts'),
      import('./spawnIndexer.ts'),
    ]);
    if (values.reindex) await forgetIndex(readIndexerConfig(process.env));
    const role = readRole(process.env);
    if (role !== 'all') {
      const server = await (role === 'relayer'
        ? spawnRelayer(readRelayerConfig(process.env))
        : spawnIndexer(readIndexerConfig(process.env)));
      closing.push(server.close);
      console.log(`Latchkey is listening on ${server.url}`);
      return;
    }
    const config = readConfig(process.env);
    const server = await spawn(config);
    closing.push(server.close);
    console.log(`Latchkey is listening on ${server.url}`);
    const dashboard = config.settlement?.dashboard;
    if (dashboard)
      console.log(`The dashboard is served on ${await server.serveWeb(dashboard.port, dashboard.dir)}`);
    return;
  }

  const onStep = (text: string) => console.log(`  ${text}`);
  const { prepareDevelopment } = await import('./development/prepare.ts');
  const { keepEnvironment } = await import('./development/environmentFile.ts');
  const { buildDashboard, buildWeb } = await import('./development/buildWeb.ts');
  const webPort = Number(values['web-port']);
  const dashboardPort = Number(values['dashboard-port']);
  const [development, webDir, dashboardDir] = await Promise.all([
    prepareDevelopment({
      dir: values.dir,
      env: process.env,
      webOrigin: `http://localhost:${webPort}`,
      dashboardOrigin: `http://localhost:${dashboardPort}`,
      onStep,
      ...(values['devnet-port'] ? { devnetPort: Number(values['devnet-port']) } : {}),
    }),
    buildWeb(onStep),
    buildDashboard(onStep),
  ]);
  closing.push(development.close);
  await keepEnvironment(values.dir, development.env, process.env);
  const server = await spawnDevelopment(readConfig(development.env), onStep);
  closing.push(server.close);
  const webUrl = await server.serveWeb(webPort, webDir);
  const dashboardUrl = server.services.settlement && (await server.serveWeb(dashboardPort, dashboardDir));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`
Latchkey is ready (${seconds} s)

  Wallet     ${webUrl}
  Dashboard  ${dashboardUrl ?? 'needs SETTLEMENT_USDC'}
  API        ${server.url}/api/health
  Network    ${development.network.rpcUrl}${development.network.embedded ? ' (embedded Stellar network)' : ''}
  Mail       ${server.url}/dev/inbox

Open ${webUrl}, type an e-mail address and tap a passkey. Ctrl+C stops everything; the state is kept in ${values.dir}.
`);
}

/** One line for what the person can mend, the whole error for what they cannot. */
function explain(error: unknown): unknown {
  const isMendable =
    error instanceof ConfigError ||
    error instanceof WrongNetwork ||
    error instanceof WrongKeyEncryptionKey ||
    error instanceof WrongSettlementKek ||
    error instanceof UnusableDatabase;
  if (isMendable) return error.message;
  const { code, port } = error as { code?: string; port?: number };
  if (code === 'EADDRINUSE') {
    return `Port ${port} is in use, perhaps by another Latchkey. Stop that, or choose others: PORT, --web-port, --dashboard-port, --devnet-port.`;
  }
  return error;
}

main().catch((error: unknown) => {
  console.error(explain(error));
  process.exit(1);
});
