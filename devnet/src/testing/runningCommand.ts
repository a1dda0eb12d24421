// Runs the command line as its users do, in a process of its own, and collects what it prints.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

export class RunningCommand {
  readonly child: ChildProcess;
  output = '';
  errors = '';

  constructor(
    args: readonly string[],
    env: Record<string, string> = {},
    main = MAIN,
    node = process.execPath,
  ) {
    this.child = spawn(node, [main, ...args], { env: { ...process.env, ...env } });
    this.child.stdout!.on('data', (chunk) => {
      this.output += chunk;
    });
    this.child.stderr!.on('data', (chunk) => {
      this.errors += chunk;
    });
  }

  /** The first match in what it prints; fails when it ends before. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.output);
      if (match) return match;
      if (this.child.exitCode !== null) throw new Error(`ended: ${this.output}${this.errors}`);
      await Promise.race([once(this.child.stdout!, 'data'), once(this.child, 'close')]);
    }
  }

  /** Its RPC address, once it can be called. */
  async rpcUrl(): Promise<string> {
    return (await this.printed(/^ {2}rpc +(\S+)$/m))[1]!;
  }

  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close');
    return this.child.exitCode;
  }
}
