import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { RunningCommand } from '../testing/runningCommand.ts';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-devnet-'));
const statePath = join(folder, 'state');
afterAll(() => rmSync(folder, { recursive: true }));

async function call(rpcUrl: string, method: string, params?: unknown) {
  const reply = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  return (await reply.json()) as { result: Record<string, unknown>; error?: { message: string } };
}

describe('the command', () => {
  it('prints accounts, addresses and every request, and stops when told to', async () => {
    const command = new RunningCommand(['--port', '0', '--state', statePath]);
    const rpcUrl = await command.rpcUrl();
    const { result } = await call(rpcUrl, 'devnet_accounts');
    const [first] = result.accounts as { publicKey: string; secretKey: string }[];
    expect(command.output).toContain(` 0  ${first!.publicKey}  ${first!.secretKey}\n`);
    expect(command.output).toMatch(/friendbot {3}http:\S+\/friendbot\?addr=\n/);
    expect(command.output).toMatch(/passphrase {2}Standalone Network ; February 2017\n/);
    expect(command.output).toMatch(/USDC {8}C\w{55}\n/);
    await call(rpcUrl, 'getTransaction', { hash: 'ab' });
    await command.printed(/^POST \/rpc devnet_accounts 200 [\d.]+ ms$/m);
    await command.printed(
      /^POST \/rpc getTransaction 200 [\d.]+ ms {2}-32602 unexpected hash length \(2\)$/m,
    );
    command.child.kill('SIGTERM');
    expect(await command.ended()).toBe(0);
    expect(command.errors).toBe('');
  });

  it('prints nothing when it is to be quiet', async () => {
    const port = await freePort();
    const command = new RunningCommand(['--port', String(port), '--quiet', '--accounts', '0']);
    const deadlineMs = Date.now() + 20_000;
    const ask = () => call(`http://127.0.0.1:${port}`, 'getHealth').catch(() => null);
    let reply = await ask();
    while (!reply && Date.now() < deadlineMs) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      reply = await ask();
    }
    expect(reply?.result).toMatchObject({ status: 'healthy' });
    command.child.kill('SIGINT');
    expect(await command.ended()).toBe(0);
    expect(command.output + command.errors).toBe('');
  });

  it('says what to do about a port in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const command = new RunningCommand(['--port', String(port)]);
    expect(await command.ended()).toBe(1);
    expect(command.errors).toMatch(
      `latchkey-devnet: port ${port} is in use, perhaps by another devnet; stop`,
    );
    other.close();
  });

  it('names a state file that it cannot read', async () => {
    const damaged = join(folder, 'damaged');
    writeFileSync(damaged, 'not a state file\nat all\n');
    const command = new RunningCommand(['--port', '0', '--state', damaged]);
    expect(await command.ended()).toBe(1);
    expect(command.errors).toMatch(
      /^latchkey-devnet: line 1 of the state file .+ is damaged; move the file away/,
    );
  });

  it('tells a wrong word from a failed start by its exit code', async () => {
    const command = new RunningCommand(['--prot', '1']);
    expect(await command.ended()).toBe(2);
    expect(command.errors).toMatch("Unknown option '--prot'");
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
