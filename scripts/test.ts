// `npm test`: every suite that this machine can run, one after the other, and one line at the end that sums them up.
// TypeScript suites and Chromium stories need npm alone; tests on PostgreSQL and Redis need their programs, the native
// tests of the Rust parts cargo, and the clients in other languages what e2e/clients/tools.ts installs. What was left out is said at the end, with the way to get it; with
// CI set, nothing may be left out, and a suite that ran nothing fails.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { INSTALL_COMMAND, isInstalled, tools } from '../e2e/clients/tools.ts';
import { missingPostgres } from '../server/src/testing/postgresServer.ts';
import { missingRedis } from '../server/src/testing/redisServer.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

type Outcome = { suite: string; passed: number; failed: number };

/** Runs a command with its output shown, and returns that output. */
function run(command: string, args: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
  return new Promise<{ code: number; output: string }>((resolve) => {
    const child = spawn(command, args, { cwd: options.cwd ?? root, env: options.env ?? process.env });
    let output = '';
    const show = (to: NodeJS.WriteStream) => (chunk: Buffer) => {
      to.write(chunk);
      output += chunk;
    };
    child.stdout.on('data', show(process.stdout));
    child.stderr.on('data', show(process.stderr));
    child.on('error', () => resolve({ code: 1, output }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

async function vitest(filters: string[]): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-test-'));
  const report = join(folder, 'report.json');
  const cli = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [
    cli,
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...filters,
  ];
  const { code } = await run(process.execPath, args);
  try {
    const counts = JSON.parse(readFileSync(report, 'utf8')) as {
      numPassedTests: number;
      numFailedTests: number;
    };
    const failed = counts.numFailedTests;
    // A suite that cannot even be loaded has no failed test, but the run has failed.
    return {
      suite: 'vitest',
      passed: counts.numPassedTests,
      failed: failed === 0 && code !== 0 ? 1 : failed,
    };
  } catch {
    return { suite: 'vitest', passed: 0, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Native Rust tests of a workspace; they keep their build folder in the user's cache. */
async function cargo(workspace: string, targetName: string): Promise<Outcome> {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const env = {
    CARGO_TARGET_DIR: join(cache, 'latchkey/target', targetName),
    CARGO_TERM_PROGRESS_WHEN: 'never',
    ...process.env,
  };
  const { code, output } = await run('cargo', ['test', '--locked'], { cwd: join(root, workspace), env });
  let [passed, failed] = [0, 0];
  for (const [, ok, bad] of output.matchAll(/^test result: .*? (\d+) passed; (\d+) failed/gm)) {
    passed += Number(ok);
    failed += Number(bad);
  }
  return { suite: `cargo test in ${workspace}`, passed, failed: failed === 0 && code !== 0 ? 1 : failed };
}

const filters = process.argv.slice(2);
const outcomes: Outcome[] = [await vitest(filters)];
const leftOut: string[] = [];
if (filters.length === 0) {
  if (spawnSync('cargo', ['--version']).status === 0) {
    outcomes.push(await cargo('contracts', 'contracts-native'));
    outcomes.push(await cargo('devnet/host', 'devnet-host-native'));
  } else
    leftOut.push(
      'the native tests of contracts/ and devnet/host/: install Rust from https://rustup.rs and run npm test again',
    );
}

const missing = tools.filter((tool) => !isInstalled(tool)).map(({ client }) => client);
if (filters.length === 0 && missing.length > 0) {
  leftOut.push(`the clients ${missing.join(', ')} of e2e/clients/: ${INSTALL_COMMAND} brings them`);
}
for (const sentence of [missingPostgres, missingRedis]) {
  if (filters.length === 0 && sentence !== null) leftOut.push(sentence);
}

const empty = outcomes.filter(({ passed, failed }) => passed + failed === 0);
for (const { suite } of empty) console.error(`${suite} ran no test.`);
for (const what of leftOut) console.log(`Left out: ${what}.`);
const passed = outcomes.reduce((sum, it) => sum + it.passed, 0);
const failed =
  outcomes.reduce((sum, it) => sum + it.failed, 0) + empty.length + (process.env.CI ? leftOut.length : 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
