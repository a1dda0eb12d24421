// Finds and runs the server programs that tests need (PostgreSQL, Redis), each in a temporary folder of its own, as a
// user without rights. What is to be done where a program is missing is decided by describeWith.ts.
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, readdirSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const START_TIMEOUT_MS = 20_000;
const LOOK_AGAIN_MS = 25;
/** Debian's "nobody": PostgreSQL refuses to run as root. */
const NOBODY = 65_534;

export type RunningProgram = { url: string; stop(): Promise<void> };

/** The folder of the newest PostgreSQL that Debian installed beside others. */
function debianFolders(): string[] {
  try {
    const versions = readdirSync('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => `/usr/lib/postgresql/${version}/bin`);
  } catch {
    return [];
  }
}

/** The path of the first of these programs that this machine has. */
export function findProgram(...names: string[]): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...debianFolders()];
  for (const path of names.flatMap((name) => folders.map((folder) => join(folder, name)))) {
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Looked for elsewhere.
    }
  }
  return null;
}

const unprivileged = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

export async function temporaryFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `latchkey-${name}-`));
  if ('uid' in unprivileged) await chown(folder, NOBODY, NOBODY);
  return folder;
}

/** Runs a program to its end. @throws Error with what it said when it fails */
export function runProgram(path: string, args: string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, { cwd, ...unprivileged, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${path} failed: ${said}`))));
  });
}

async function untilReady(child: ChildProcess, isReady: () => Promise<boolean>, said: () => string) {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await isReady())) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`did not start: ${said()}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

/** Starts a server in `folder` and waits until it answers; stopping it removes the folder. */
export async function startProgram(
  path: string,
  args: string[],
  options: {
    folder: string;
    url: string;
    isReady: () => Promise<boolean>;
    /** runs as the user who tests, whose files it may have to read */
    isPrivileged?: boolean;
  },
): Promise<RunningProgram> {
  const { folder, url } = options;
  const child = spawn(path, args, {
    cwd: folder,
    ...(options.isPrivileged ? {} : unprivileged),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  // A test process that ends early leaves no server behind.
  const end = () => void child.kill('SIGINT');
  process.once('exit', end);
  const stop = async () => {
    process.off('exit', end);
    if (child.exitCode === null && child.signalCode === null) end();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await untilReady(child, options.isReady, () => said);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
