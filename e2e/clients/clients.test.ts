// Four unmodified clients tell the same story to a network of their own, each in a process of its own, and must report
// the same facts. What each client cannot do or does not show is listed with it.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { STANDALONE_PASSPHRASE } from '@latchkey/devnet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alice, bob, type DevnetServer, openDevnetServer, wasmPath } from './devnetServer.ts';
import { go, INSTALL_COMMAND, isInstalled, python, stellarCli, type Tool } from './tools.ts';

const BUILD_TIMEOUT_MS = 600_000;
const here = fileURLToPath(new URL('.', import.meta.url));
const wasm = wasmPath('approvals');

/** The name of a fact in a script's output, what it says, and what it must be. */
const FACTS: [name: string, sentence: string, expected: unknown][] = [
  ['passphrase', 'knows the network by its passphrase', STANDALONE_PASSPHRASE],
  ['protocolVersion', 'reads the protocol version', 30],
  ['health', 'finds the network healthy', 'healthy'],
  ['rpcProtocolVersion', 'reads the version of the RPC server', 30],
  ['friendbotBalance', 'has 10,000 XLM from friendbot', '100000000000'],
  [
    'friendbotAgain',
    'is told that an account has its funding',
    [400, 'account already funded to starting balance'],
  ],
  ['fundAddress', 'finds the transaction of friendbot', 'SUCCESS'],
  ['createdBalance', 'creates an account', '10000000000'],
  ['paymentFee', 'pays 100 stroops for a payment', '100'],
  ['paidBalance', 'pays', '10012345678'],
  ['underfunded', 'sees why a payment fails', ['FAILED', expect.stringMatching(/underfunded$/i)]],
  ['refused', 'sees why a transaction is not taken', ['ERROR', expect.stringMatching(/bad_?seq$/i)]],
  ['feeBump', 'lets another account pay the fee', ['SUCCESS', true, '200']],
  ['bumpedBalance', 'paid a fee for the failed payment only', '10002345578'],
  ['beanBalance', 'pays in another asset over a trust line', '250000000'],
  ['homeDomain', 'sets options and data in one transaction', 'example.org'],
  ['claimableAmount', 'sets a balance aside', '50000000'],
  ['claimed', 'claims it for the fee of 100 stroops', '49999900'],
  ['wasmHash', 'uploads a contract', createHash('sha256').update(readFileSync(wasm)).digest('hex')],
  ['contractId', 'deploys it', 'CACAB7BW5FVWL2MTD6P42SRH6WFMEDRMEMG3GFUYZULQJSHOXNB3R2GZ'],
  ['installed', 'calls it with a structure', 'SUCCESS'],
  ['needsSigningBy', 'knows who else has to sign a call', [bob.publicKey()]],
  ['approved', "calls it with another account's signature", 'SUCCESS'],
  ['approvals', 'reads what the call wrote', [bob.publicKey()]],
  ['contractError', 'sees the error of a contract', 'HostError: Error(Contract, #232)'],
  ['bindings', "writes a typed client from the contract's interface", true],
  [
    'beanContractId',
    "deploys an asset's contract",
    'CCQY24QBJ75GMAZ2ONQZDM5Y36AUOFKD4BRZTYVQK7TWDBFRGHFZFSBP',
  ],
  ['heldBeans', "reads a trust line's balance through the asset's contract", '250000000'],
  ['events', "reads a contract's events", ['approvers_installed', 'approved']],
  ['approvedEvents', 'filters events by topic', 1],
  ['approvedEventsAfterCursor', 'goes on after a cursor', 0],
  ['pagedTransactions', 'reads all transactions page by page, each once', true],
  ['pagedLedgers', 'reads all ledgers', true],
  ['feeStats', 'reads fee statistics', ['100', true]],
];

type Client = {
  name: string;
  tool: Tool | null;
  /** Facts that this client has no command for, or does not show. */
  without: string[];
  command(buildFolder: string): string[];
};

const clients: Client[] = [
  {
    name: '@stellar/stellar-sdk',
    tool: null,
    without: [],
    command: () => [process.execPath, join(here, 'javascript/story.ts')],
  },
  {
    name: 'stellar-sdk for Python',
    tool: python,
    without: ['fundAddress', 'bindings'],
    command: () => [python.program, join(here, 'python/story.py')],
  },
  {
    name: 'go-stellar-sdk',
    tool: go,
    without: ['fundAddress', 'needsSigningBy', 'bindings'],
    command: (buildFolder) => [buildGo(join(buildFolder, 'story'))],
  },
  {
    name: 'stellar-cli',
    tool: stellarCli,
    without: [
      ...['rpcProtocolVersion', 'friendbotAgain', 'fundAddress', 'refused', 'feeBump', 'bumpedBalance'],
      ...['needsSigningBy', 'bindings', 'pagedTransactions'],
    ],
    command: () => [process.execPath, join(here, 'cli/story.ts')],
  },
];

function buildGo(output: string): string {
  const { status, stderr } = spawnSync(go.program, ['build', '-mod=readonly', '-o', output, '.'], {
    cwd: join(here, 'go'),
    encoding: 'utf8',
    env: { ...process.env, GOTOOLCHAIN: 'local' },
  });
  if (status !== 0) throw new Error(`go build failed: ${stderr}`);
  return output;
}

async function tell([program = '', ...args]: string[], rpcUrl: string): Promise<Map<string, unknown>> {
  const child = spawn(program, args, {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      RPC_URL: rpcUrl,
      ALICE: alice.secret(),
      BOB: bob.secret(),
      WASM: wasm,
      STELLAR: stellarCli.program,
    },
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const status = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (status !== 0) throw new Error(`${program} ended with ${status} after\n${output}\n${errors}`);
  const lines = output.matchAll(/^(\w+): (.*)$/gm);
  return new Map([...lines].map(([, name, json]) => [name!, JSON.parse(json!)]));
}

for (const { name, tool, without, command } of clients) {
  const isMissing = tool !== null && !isInstalled(tool);
  const title = isMissing ? `${name} (brought by ${INSTALL_COMMAND})` : name;
  // With CI set a missing client fails instead.
  describe.skipIf(isMissing && !process.env.CI)(title, () => {
    let server: DevnetServer;
    let facts: Map<string, unknown>;
    let buildFolder: string;

    beforeAll(async () => {
      buildFolder = mkdtempSync(join(tmpdir(), 'latchkey-clients-'));
      server = await openDevnetServer();
      facts = await tell(command(buildFolder), server.rpcUrl);
    }, BUILD_TIMEOUT_MS);
    afterAll(async () => {
      await server?.close();
      rmSync(buildFolder, { recursive: true, force: true });
    });

    it.each(FACTS.filter(([fact]) => !without.includes(fact)))('%s: %s', (fact, _sentence, expected) => {
      expect(facts.get(fact)).toEqual(expected);
    });

    it('reports nothing else', () => {
      const known = FACTS.map(([fact]) => fact).filter((fact) => !without.includes(fact));
      expect([...facts.keys()].filter((fact) => !known.includes(fact))).toEqual([]);
    });
  });
}
