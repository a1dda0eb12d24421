// The commands that work beside a running server, each in a process of its own: API keys that the server knows at once, the
// pool, and the filling of gaps; with the server's environment, and with the one that `npm start` leaves behind.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keepEnvironment } from '../server/src/development/environmentFile.ts';
import { postSubmission } from './apiKeyHolder.ts';
import { keyWallet, unsignedCall } from './keyWallets.ts';
import { createWorld, type World } from './world.ts';

let world: World;
let dir: string;

beforeAll(async () => {
  world = await createWorld();
  dir = await mkdtemp(join(tmpdir(), 'latchkey-commands-'));
  await keepEnvironment(dir, world.env, process.env);
});
afterAll(async () => {
  await world?.close();
  await rm(dir, { recursive: true, force: true });
});

function run(script: 'relayer' | 'indexer', args: string[], env: NodeJS.ProcessEnv = {}) {
  const file = fileURLToPath(new URL(`../scripts/${script}.ts`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...env },
  });
  return { status, stdout: stdout.trim(), stderr: stderr.trim() };
}
const relayer = (...args: string[]) => run('relayer', ['--dev', '--dir', dir, ...args]);
const deployment = async () =>
  unsignedCall((await keyWallet(world.rpc, world.server.services.config.factoryId)).deploy);

// The embedded network is in this process, which waits for the command: nothing here may ask the network.
describe('npm run relayer', () => {
  it('makes a key that works at once, shown once, and ends it', async () => {
    const { status, stdout } = relayer('key', 'create', 'shop');
    expect(status).toBe(0);
    const [id, secret] = stdout.split('\n') as [string, string];
    expect((await postSubmission(world, secret, await deployment())).body.status).toBe('confirmed');
    const list = relayer('key', 'list').stdout;
    expect(list).toContain(`${id} shop`);
    expect(list).not.toContain(secret.slice(3));
    expect(relayer('key', 'revoke', id)).toMatchObject({ status: 0, stdout: `revoked ${id}` });
    expect((await postSubmission(world, secret, await deployment())).status).toBe(401);
  });

  it('replaces a key, under the terms that it had', async () => {
    const terms = ['--allow', 'wallet:add,remove', '--allow-create', '--per-day', '7', '--max-fee', '500'];
    const [id] = relayer('key', 'create', 'kit', ...terms).stdout.split('\n') as [string];
    const [newId] = relayer('key', 'rotate', id).stdout.split('\n') as [string];
    const rows = await world.server.services.db.selectFrom('api_keys').selectAll().execute();
    const [old, made] = [id, newId].map((it) => rows.find((row) => row.id === it)!);
    const { id: _, secret_hash: __, created_at: ___, expires_at: oldEnd, ...oldTerms } = old!;
    expect(made).toMatchObject(oldTerms);
    expect(JSON.parse(made!.allowed)).toEqual([
      { contract: 'wallet', functions: ['add', 'remove'] },
      { contract: 'new-wallet', functions: ['create'] },
    ]);
    expect(made).toMatchObject({ submissions_per_day: 7, max_fee_stroops: '500', expires_at: null });
    expect(oldEnd! - Date.now()).toBeGreaterThan(80_000_000);
  });

  it.each([
    [['key', 'create', 'x', '--per-day', 'many'], '--per-day many: write a whole number'],
    [['key', 'create', 'x', '--allow', 'everything'], 'write CONTRACT:function,function'],
    [['key', 'revoke', 'nothing'], 'There is no live key nothing.'],
    [['key'], 'npm run relayer -- key create NAME'],
    [[], 'npm run relayer -- channels'],
  ])('given %s says what is wrong', (args, text) => {
    const { status, stderr } = relayer(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(text);
  });

  it('without settings names the first that is missing', () => {
    expect(run('relayer', ['key', 'list']).stderr).toBe('STELLAR_RPC_URL is missing.');
    const nowhere = run('relayer', ['--dev', '--dir', join(dir, 'nothing'), 'key', 'list']);
    expect(nowhere.stderr).toContain('start the server with npm start first');
  });

  it('finds settings that only their user may read', async () => {
    expect((await stat(join(dir, 'environment.json'))).mode & 0o077).toBe(0);
  });
});

describe('npm run indexer', () => {
  it('says how it is used, and what is missing', () => {
    expect(run('indexer', []).stderr).toContain('npm run indexer -- fill --rpc URL');
    expect(run('indexer', ['fill', '--rpc', 'http://localhost:1']).stderr).toBe(
      'STELLAR_RPC_URL is missing.',
    );
  });
});
