// The `stellar` command with a home of its own: configuration, keys and caches live in a temporary folder, and the
// network is the one of an RPC URL. What a command prints comes back as text; what it says on failure is in the error.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NETWORK_NAME = 'devnet';

export type CommandOptions = { input?: string };

export class StellarError extends Error {
  readonly code = 'STELLAR_FAILED';
}

export type Stellar = {
  readonly home: string;
  /** Runs a command and gives what it printed. @throws StellarError with what it said on stderr */
  run(args: string[], options?: CommandOptions): Promise<string>;
  /** What the command says on stderr, which is where the CLI reports progress. */
  progress(args: string[], options?: CommandOptions): Promise<string>;
  /** Runs a command that prints JSON. */
  json<T>(args: string[]): Promise<T>;
  /** The message of a command that must fail. */
  refusal(args: string[]): Promise<string>;
  addKey(name: string, secretKey: string): Promise<void>;
  close(): void;
};

export async function openStellar(binary: string, rpcUrl: string, passphrase: string): Promise<Stellar> {
  const home = mkdtempSync(join(tmpdir(), 'latchkey-stellar-'));
  const env = { PATH: process.env.PATH, HOME: home, STELLAR_NETWORK: NETWORK_NAME, NO_COLOR: '1' };

  async function execute(args: string[], { input = '' }: CommandOptions = {}) {
    const child = spawn(binary, args, { env });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      stderr += chunk;
    });
    child.stdin.on('error', () => {}).end(input);
    const status = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject).on('close', resolve);
    });
    return { status, stdout: stdout.trim(), stderr: stderr.trim() };
  }

  async function succeed(args: string[], options?: CommandOptions) {
    const outcome = await execute(args, options);
    if (outcome.status !== 0) throw new StellarError(`stellar ${args.join(' ')}\n${outcome.stderr}`);
    return outcome;
  }

  const stellar: Stellar = {
    home,
    run: async (args, options) => (await succeed(args, options)).stdout,
    progress: async (args, options) => (await succeed(args, options)).stderr,
    json: async (args) => JSON.parse((await succeed(args)).stdout),
    async refusal(args) {
      const { status, stderr } = await execute(args);
      if (status === 0) throw new StellarError(`stellar ${args.join(' ')} succeeded`);
      return stderr;
    },
    async addKey(name, secretKey) {
      await succeed(['keys', 'add', name, '--secret-key'], { input: `${secretKey}\n` });
    },
    close: () => rmSync(home, { recursive: true, force: true }),
  };
  await stellar.run([
    ...['network', 'add', NETWORK_NAME, '--rpc-url', rpcUrl],
    ...['--network-passphrase', passphrase],
  ]);
  return stellar;
}

/** The hash of the transaction that a command signed. */
export function signedHash(progress: string): string {
  const hash = /Signing transaction: ([0-9a-f]{64})/.exec(progress)?.[1];
  if (hash === undefined) throw new StellarError(`no transaction was signed:\n${progress}`);
  return hash;
}
