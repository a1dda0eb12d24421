// stellar-cli's commands beyond the story: what it takes for the local network, contracts with constructors, lifetimes,
// bindings, transactions built, signed and sent in steps, and one `tx new` for each operation.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { STANDALONE_PASSPHRASE } from '@latchkey/devnet';
import { Keypair } from '@stellar/stellar-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alice, bob, type DevnetServer, openDevnetServer, wasmPath } from '../devnetServer.ts';
import { INSTALL_COMMAND, isInstalled, stellarCli } from '../tools.ts';
import { openStellar, type Stellar, signedHash } from './stellar.ts';

const LEDGERS_UNTIL_ARCHIVED = 2_100_000;
const wasm = wasmPath('recovery');
const bean = `BEAN:${alice.publicKey()}`;
const isMissing = !isInstalled(stellarCli);
const title = isMissing ? `stellar-cli's commands (brought by ${INSTALL_COMMAND})` : "stellar-cli's commands";

describe.skipIf(isMissing && !process.env.CI)(title, () => {
  let server: DevnetServer;
  let stellar: Stellar;

  beforeAll(async () => {
    server = await openDevnetServer();
    stellar = await openStellar(stellarCli.program, server.rpcUrl, STANDALONE_PASSPHRASE);
    await stellar.addKey('alice', alice.secret());
    await stellar.addKey('bob', bob.secret());
    await stellar.run(['keys', 'fund', 'alice']);
    await stellar.run(['keys', 'fund', 'bob']);
  });
  afterAll(async () => {
    stellar?.close();
    await server?.close();
  });

  async function entry(...args: string[]): Promise<Record<string, unknown>> {
    const reply = await stellar.json<{ entries: { val: Record<string, unknown> }[] }>([
      ...['ledger', 'entry', 'fetch', ...args, '--output', 'json'],
    ]);
    return Object.values(reply.entries[0]!.val)[0] as Record<string, unknown>;
  }

  /** Signs with the source's key, sends, and gives the results of the operations. */
  async function send(source: string, operation: string, ...args: string[]): Promise<unknown> {
    const hash = signedHash(await stellar.progress(['tx', 'new', operation, '--source', source, ...args]));
    const { result } = await stellar.json<{ result: Record<string, unknown> }>([
      ...['tx', 'fetch', 'result', '--hash', hash],
    ]);
    return result;
  }

  const success = (operation: string) => ({ tx_success: [{ op_inner: { [operation]: 'success' } }] });

  describe('the network', () => {
    it('is what the CLI calls local, on the default port', async () => {
      const known = await stellar.run(['network', 'ls', '--long']);
      const local = known.split('\n\n').find((text) => text.includes('Name: local'));
      expect(local).toContain('RPC url: http://localhost:8000/rpc\n');
      expect(local).toContain(`Network passphrase: ${STANDALONE_PASSPHRASE}`);
      const main = fileURLToPath(new URL('../../../devnet/src/main.ts', import.meta.url));
      const { stdout } = spawnSync(process.execPath, [main, '--help'], { encoding: 'utf8' });
      expect(stdout).toMatch(/--port\D*8000/);
    });

    it('funds a key as it is generated', async () => {
      await stellar.run(['keys', 'generate', 'carol', '--fund']);
      expect(await entry('account', '--account', 'carol')).toMatchObject({ balance: '100000000000' });
    });

    it('shows its settings', async () => {
      const { updated_entry: settings } = await stellar.json<{ updated_entry: Record<string, unknown>[] }>([
        ...['network', 'settings', '--internal'],
      ]);
      const names = settings.flatMap((setting) => Object.keys(setting));
      expect(names).toEqual(
        expect.arrayContaining([
          'contract_compute_v0',
          'state_archival',
          'contract_cost_params_cpu_instructions',
        ]),
      );
    });
  });

  describe('a contract', () => {
    let contractId: string;

    beforeAll(async () => {
      contractId = await stellar.run([
        ...['contract', 'deploy', '--source', 'alice', '--wasm', wasm, '--alias', 'recovery'],
        ...['--', '--guardian', 'bob', '--delay_seconds', '3600'],
      ]);
    });

    const settings = () =>
      stellar.json(['contract', 'invoke', '--id', 'recovery', '--source', 'alice', '--', 'settings']);
    const expectedSettings = { delay_seconds: 3600, guardian: bob.publicKey() };

    it('is constructed with arguments', async () => {
      expect(await settings()).toEqual(expectedSettings);
    });

    it('is downloaded as it was uploaded', async () => {
      const file = join(stellar.home, 'fetched.wasm');
      await stellar.run(['contract', 'fetch', '--id', 'recovery', '--out-file', file]);
      expect(readFileSync(file).equals(readFileSync(wasm))).toBe(true);
    });

    it('describes its interface', async () => {
      const rust = await stellar.run(['contract', 'info', 'interface', '--id', 'recovery']);
      expect(rust).toContain('fn propose(');
      expect(await stellar.run(['contract', 'info', 'meta', '--id', 'recovery'])).toContain('rssdkver');
      expect(await stellar.run(['contract', 'info', 'env-meta', '--id', 'recovery'])).toContain('Protocol');
    });

    it('gives TypeScript bindings', async () => {
      const folder = join(stellar.home, 'bindings');
      await stellar.run([
        ...['contract', 'bindings', 'typescript', '--id', 'recovery', '--output-dir', folder],
      ]);
      const source = readFileSync(join(folder, 'src/index.ts'), 'utf8');
      expect(source).toContain(contractId);
      expect(source).toContain('propose');
    });

    it('shows what its instance stores', async () => {
      const stored = await stellar.run(['contract', 'read', '--id', 'recovery', '--output', 'json']);
      expect(stored).toContain('ledger_key_contract_instance');
      expect(stored).toContain(bob.publicKey());
    });
  });

  it('saves what contracts store for tests in Rust', async () => {
    const contractId = await stellar.run([
      ...['contract', 'deploy', '--source', 'alice', '--wasm', wasm, '--salt', '03'.repeat(32)],
      ...['--', '--guardian', 'bob', '--delay_seconds', '9'],
    ]);
    const file = join(stellar.home, 'snapshot.json');
    const archive = new URL('/archive', server.rpcUrl).href;
    await stellar.run([
      ...['snapshot', 'create', '--archive-url', archive, '--out', file],
      ...['--address', contractId],
    ]);
    const text = readFileSync(file, 'utf8');
    expect(JSON.parse(text)).toMatchObject({ protocol_version: 30, sequence_number: expect.any(Number) });
    expect(text).toContain(contractId);
    expect(text).toContain(bob.publicKey());
  });

  // Its constructor and its views leave lifetimes alone, so it has the least that the network gives.
  describe("a contract's lifetime", () => {
    const approvals = ['--id', 'approvals', '--source', 'alice'];
    const target = ['--wallet', 'alice', '--signer', '0'];

    beforeAll(async () => {
      const file = wasmPath('approvals');
      await stellar.run([
        ...['contract', 'deploy', '--source', 'alice', '--wasm', file, '--alias', 'approvals'],
      ]);
    });

    it('is extended from now on', async () => {
      const { sequence } = server.net.latestLedger();
      const liveUntil = await stellar.run([
        ...['contract', 'extend', ...approvals, '--ledgers-to-extend', '2090000', '--ttl-ledger-only'],
      ]);
      expect(Number(liveUntil)).toBeGreaterThanOrEqual(sequence + 2_090_000);
      expect(Number(liveUntil)).toBeLessThan(sequence + 2_090_000 + 5);
    });

    it('ends in the archive, from where restore brings it back', async () => {
      server.net.warp({ ledgers: LEDGERS_UNTIL_ARCHIVED });
      const { sequence } = server.net.latestLedger();
      const restored = await stellar.run(['contract', 'restore', ...approvals]);
      const liveUntil = /New ttl ledger: (\d+)/.exec(restored)?.[1];
      expect(Number(liveUntil)).toBeGreaterThan(sequence);
    });

    it('is renewed by a call, for the code that is still in the archive', async () => {
      const code = await stellar.run(['contract', 'info', 'hash', '--wasm', wasmPath('approvals')]);
      const liveUntil = async () => {
        const args = ['contract-code', '--wasm-hash', code, '--output', 'json'];
        const { entries } = await stellar.json<{ entries: { liveUntilLedgerSeq: number }[] }>([
          ...['ledger', 'entry', 'fetch', ...args],
        ]);
        return entries[0]!.liveUntilLedgerSeq;
      };
      expect(await liveUntil()).toBe(0);
      const call = ['contract', 'invoke', ...approvals, '--send', 'yes', '--', 'approvers', ...target];
      expect(await stellar.json(call)).toBeNull();
      expect(await liveUntil()).toBeGreaterThan(LEDGERS_UNTIL_ARCHIVED);
    });
  });

  describe('a transaction', () => {
    const payment = ['payment', '--destination', bob.publicKey(), '--amount', '5'];

    it('is built, signed and sent in steps', async () => {
      const built = await stellar.run(['tx', 'new', ...payment, '--source', 'alice', '--build-only']);
      const hash = await stellar.run(['tx', 'hash'], { input: built });
      const signed = await stellar.run(['tx', 'sign', '--sign-with-key', 'alice'], { input: built });
      const sent = JSON.parse(await stellar.run(['tx', 'send'], { input: signed })) as { status: string };
      expect(sent.status).toBe('SUCCESS');
      const fetched = await stellar.run(['tx', 'fetch', '--hash', hash]);
      expect(fetched).toContain('"amount":"5"');
    });

    it('shows its events and its changes', async () => {
      const hash = signedHash(await stellar.progress(['tx', 'new', ...payment, '--source', 'alice']));
      const events = await stellar.run(['tx', 'fetch', 'events', '--hash', hash, '--output', 'json']);
      expect(events).toContain('transfer');
      expect(events).toContain('fee');
      expect(await stellar.json(['tx', 'fetch', 'meta', '--hash', hash])).toHaveProperty('v4.operations');
    });

    it('is refused without a signature', async () => {
      const built = await stellar.run(['tx', 'new', ...payment, '--source', 'alice', '--build-only']);
      expect(await stellar.refusal(['tx', 'send', built])).toContain('TxBadAuth');
    });

    it('is refused with an operation of the order book', async () => {
      const offer = ['--selling', 'native', '--buying', bean, '--amount', '10', '--price', '1:1'];
      const refusal = await stellar.refusal([
        'tx',
        'new',
        'manage-sell-offer',
        '--source',
        'alice',
        ...offer,
      ]);
      expect(refusal).toContain('OpNotSupported');
    });

    it('carries two signatures where a sponsor pays the reserve', async () => {
      const dave = Keypair.random();
      await stellar.addKey('dave', dave.secret());
      const begin = ['begin-sponsoring-future-reserves', '--sponsored-id', dave.publicKey()];
      const create = ['create-account', '--destination', dave.publicKey(), '--starting-balance', '0'];
      let envelope = await stellar.run([
        ...['tx', 'new', ...begin, '--source', 'alice', '--inclusion-fee', '300', '--build-only'],
      ]);
      for (const operation of [
        [...create, '--operation-source-account', 'alice'],
        ['end-sponsoring-future-reserves', '--operation-source-account', 'dave'],
      ]) {
        envelope = await stellar.run(['tx', 'operation', 'add', ...operation, '--source', 'alice'], {
          input: envelope,
        });
      }
      for (const signer of ['alice', 'dave']) {
        envelope = await stellar.run(['tx', 'sign', '--sign-with-key', signer], { input: envelope });
      }
      await stellar.run(['tx', 'send'], { input: envelope });
      expect(await entry('account', '--account', dave.publicKey())).toMatchObject({ balance: '0' });
    });
  });

  describe('token', () => {
    const xlm = ['--id', 'native'];

    it('describes the native asset', async () => {
      expect(await stellar.run(['token', 'symbol', ...xlm])).toBe('native');
      expect(await stellar.run(['token', 'decimals', ...xlm])).toBe('7');
    });

    it('transfers and reads balances', async () => {
      const balance = async () => BigInt(await stellar.run(['token', 'balance', ...xlm, '--account', 'bob']));
      const before = await balance();
      await stellar.run([
        ...['token', 'transfer', ...xlm, '--from', 'alice', '--to', 'bob', '--amount', '700'],
      ]);
      expect((await balance()) - before).toBe(700n);
    });
  });

  describe('tx new', () => {
    it('changes signers and thresholds', async () => {
      const address = Keypair.random().publicKey();
      const options = ['--signer', address, '--signer-weight', '2', '--high-threshold', '1'];
      expect(await send('bob', 'set-options', ...options)).toEqual(success('set_options'));
      const { signers } = (await entry('account', '--account', 'bob')) as { signers: { weight: number }[] };
      expect(signers.map(({ weight }) => weight)).toEqual([2]);
    });

    it('writes and deletes data', async () => {
      await send('bob', 'manage-data', '--data-name', 'color', '--data-value', '626c7565');
      const stored = await entry('data', '--account', 'bob', '--data-name', 'color');
      expect(stored).toMatchObject({ data_name: 'color', data_value: '626c7565' });
      expect(await send('bob', 'manage-data', '--data-name', 'color')).toEqual(success('manage_data'));
    });

    it('bumps a sequence number', async () => {
      const { seq_num: before } = (await entry('account', '--account', 'bob')) as { seq_num: string };
      const target = String(BigInt(before) + 100n);
      expect(await send('bob', 'bump-sequence', '--bump-to', target)).toEqual(success('bump_sequence'));
      expect(await entry('account', '--account', 'bob')).toMatchObject({ seq_num: target });
    });

    it('authorizes, freezes and claws back an asset', async () => {
      await send('alice', 'set-options', '--set-required', '--set-revocable');
      await send('alice', 'set-options', '--set-clawback-enabled');
      await send('bob', 'change-trust', '--line', bean);
      const flags = (...set: string[]) =>
        send('alice', 'set-trustline-flags', ...['--trustor', bob.publicKey(), '--asset', bean, ...set]);
      expect(await flags('--set-authorize')).toEqual(success('set_trust_line_flags'));
      await send('alice', 'payment', '--destination', bob.publicKey(), '--asset', bean, '--amount', '70');
      const clawback = ['--from', bob.publicKey(), '--asset', bean, '--amount', '20'];
      expect(await send('alice', 'clawback', ...clawback)).toEqual(success('clawback'));
      expect(await flags('--clear-authorize')).toEqual(success('set_trust_line_flags'));
      const line = await entry('trustline', '--account', 'bob', '--asset', bean);
      expect(line).toMatchObject({ balance: '50', flags: 4 });
    });

    it('merges an account', async () => {
      await stellar.run(['keys', 'generate', 'erin', '--fund']);
      const result = await send('erin', 'account-merge', '--account', bob.publicKey());
      expect(result).toEqual({
        tx_success: [{ op_inner: { account_merge: { success: '99999999900' } } }],
      });
    });
  });
});
