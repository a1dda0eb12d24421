#!/usr/bin/env node
// The command line: starts a network, serves it over HTTP or HTTPS, and stops on SIGINT or SIGTERM once running requests
// are answered and the state is synced; a second signal stops at once. Exit codes: 0 stopped, 1 could not start or go on,
// 2 the command line makes no sense.
import { existsSync } from 'node:fs';
import { banner } from './cli/banner.ts';
import { type CommandLine, readCommandLine, USAGE, UsageError } from './cli/commandLine.ts';
import { certificateFolder, keptCertificate } from './http/tls.ts';
import { createDevnet, type Devnet, type DevnetOptions, type DevnetServer, serveDevnet } from './index.ts';
import { VERSION } from './version.ts';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const EXIT_SIGNAL = 130;

async function main(): Promise<void> {
  const line = readCommandLine(process.argv.slice(2));
  if (typeof line === 'string') {
    process.stdout.write(line === 'help' ? USAGE : `${VERSION}\n`);
    return;
  }
  const print = (text: string) => {
    if (!line.isQuiet) process.stdout.write(`${text}\n`);
  };
  // Whoever reads the log may leave; the network goes on.
  process.stdout.on('error', () => {});
  const isResumed = line.statePath !== undefined && existsSync(line.statePath);
  const devnet = await createDevnet(networkOptions(line));
  const certificate = line.isTls ? keptCertificate(certificateFolder(), [line.host]) : null;
  let server: DevnetServer;
  try {
    server = await serveDevnet(devnet, {
      port: line.port,
      host: line.host,
      onRequest: print,
      ...(certificate ? { tls: { key: certificate.key, cert: certificate.cert } } : {}),
    });
  } catch (error) {
    await devnet.close();
    throw error;
  }
  print(banner(devnet, server, line, certificate?.certPath ?? null, isResumed));
  stopOnSignal(devnet, server, print);
}

function networkOptions(line: CommandLine): DevnetOptions {
  const startedAtMs = Date.now();
  const { statePath, forkUrl, limits, protocol, passphrase, startSeconds, mineIntervalSeconds } = line;
  return {
    ...(statePath === undefined ? {} : { statePath }),
    ...(forkUrl === undefined ? {} : { forkUrl }),
    ...(limits === undefined ? {} : { limits }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(startSeconds === undefined
      ? {}
      : { nowSeconds: () => startSeconds + (Date.now() - startedAtMs) / 1000 }),
    ...(mineIntervalSeconds === undefined ? {} : { closeIntervalSeconds: mineIntervalSeconds }),
    mineMode: line.mineMode,
    accounts: line.accounts,
    seedPhrase: line.seedPhrase,
    usdc: line.hasUsdc,
  };
}

function stopOnSignal(devnet: Devnet, server: DevnetServer, print: (text: string) => void): void {
  let isStopping = false;
  const stop = async () => {
    if (isStopping) process.exit(EXIT_SIGNAL);
    isStopping = true;
    print('stopping');
    await server.close();
    await devnet.close();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop().catch(fail));
}

function fail(error: unknown): void {
  if (error instanceof UsageError) {
    process.stderr.write(`latchkey-devnet: ${error.message}\n(latchkey-devnet --help lists the options)\n`);
    process.exit(EXIT_USAGE);
  }
  process.stderr.write(`latchkey-devnet: ${reasonOf(error)}\n`);
  process.exit(EXIT_FAILED);
}

/** For people: what was foreseen without its stack. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, port, address } = error as NodeJS.ErrnoException & { port?: number; address?: string };
  if (code === 'EADDRINUSE') {
    return `port ${port} is in use, perhaps by another devnet; stop that one or choose another with --port (0: any free one)`;
  }
  if (code === 'EACCES' && port !== undefined)
    return `not allowed to listen on port ${port}; choose one above 1023`;
  if (code === 'EISDIR') return 'the --state file is a folder';
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `this machine cannot listen on ${address ?? 'that host'}`;
  return code !== undefined || error instanceof RangeError ? error.message : (error.stack ?? error.message);
}

main().catch(fail);
