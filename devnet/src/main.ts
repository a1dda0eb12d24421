#!/usr/bin/env node
// The command line: starts a network, serves it over HTTP, and stops cleanly on SIGINT or SIGTERM.
import { parseArgs } from 'node:util';
import { createDevnet, JournalError, serveDevnet } from './index.ts';

const USAGE = `usage: latchkey-devnet [--port 8000] [--host 127.0.0.1] [--state FILE] [--quiet]

  --port    port for JSON-RPC and friendbot (0: any free one)
  --host    address to listen on
  --state   keeps the network in FILE across restarts
  --quiet   no banner and no request log
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8000' },
      host: { type: 'string', default: '127.0.0.1' },
      state: { type: 'string' },
      quiet: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(`--port ${values.port} is not a port number`);
  }
  const print = (line: string) => {
    if (!values.quiet) process.stdout.write(`${line}\n`);
  };
  const devnet = await createDevnet(values.state === undefined ? {} : { statePath: values.state });
  const server = await serveDevnet(devnet, { port, host: values.host, onRequest: print });
  print(`Stellar devnet, protocol ${devnet.protocolVersion}, ledger ${devnet.latestLedger().sequence}`);
  print(`  rpc         ${server.rpcUrl}`);
  print(`  friendbot   ${server.friendbotUrl}?addr=`);
  print(`  passphrase  ${devnet.passphrase}`);
  print(`  XLM token   ${devnet.nativeTokenContractId}`);
  print(`  state       ${values.state ?? 'in memory (keep it with --state FILE)'}`);
  const stop = async () => {
    await server.close();
    await devnet.close();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
}

main().catch((error: NodeJS.ErrnoException) => {
  const isExpected = error instanceof JournalError || error instanceof RangeError || error.code !== undefined;
  process.stderr.write(`latchkey-devnet: ${isExpected ? error.message : error.stack}\n`);
  process.exitCode = 1;
});
