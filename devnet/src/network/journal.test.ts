import { spawn } from 'node:child_process';
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Keypair, xdr } from '@stellar/stellar-sdk/base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDevnet, type Devnet, type DevnetOptions } from '../index.ts';

let folder: string;
let statePath: string;
const open = (options = {}) => createDevnet({ statePath, ...options });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-devnet-'));
  statePath = join(folder, 'state', 'network');
});

afterEach(() => rmSync(folder, { recursive: true }));

async function everything(net: Devnet) {
  const { transactions } = (await net.rpc('getTransactions', { startLedger: 1 })) as {
    transactions: unknown[];
  };
  const { events } = (await net.rpc('getEvents', { startLedger: 1 })) as { events: unknown[] };
  return { transactions, events };
}

describe('the state file', () => {
  it('keeps its limits unless others are asked for', async () => {
    const bandwidth = async (options: DevnetOptions) => {
      const net = await open(options);
      const key = xdr.LedgerKey.configSetting(
        new xdr.LedgerKeyConfigSetting({
          configSettingId: xdr.ConfigSettingId.configSettingContractBandwidthV0,
        }),
      ).toXdr('base64');
      const { entries } = (await net.rpc('getLedgerEntries', { keys: [key] })) as {
        entries: { xdr: string }[];
      };
      await net.close();
      return entries[0]!.xdr;
    };
    const unlimited = await bandwidth({ limits: 'unlimited' });
    expect(await bandwidth({})).toBe(unlimited);
    expect(await bandwidth({ limits: 'testnet' })).not.toBe(unlimited);
  });

  it('brings back entries, transactions and events, and goes on from there', async () => {
    const address = Keypair.random().publicKey();
    const first = await open();
    await first.fund(address);
    await first.fund(first.nativeTokenContractId);
    const before = await everything(first);
    const { sequence } = first.latestLedger();
    await first.close();
    const second = await open();
    expect(await everything(second)).toEqual(before);
    expect(before.transactions).toHaveLength(2);
    expect(second.latestLedger().sequence).toBeGreaterThan(sequence);
    await expect(second.fund(address)).rejects.toMatchObject({ code: 'ALREADY_FUNDED' });
    await second.fund(Keypair.random().publicKey());
    await second.close();
    const third = await open();
    expect((await everything(third)).transactions).toHaveLength(3);
    await third.close();
  });

  it('holds every answered transaction when the process is killed', async () => {
    const main = fileURLToPath(new URL('../main.ts', import.meta.url));
    const child = spawn(process.execPath, [main, '--port', '0', '--state', statePath]);
    const friendbotUrl = await new Promise<string>((resolve, reject) => {
      let output = '';
      child.stdout.on('data', (chunk) => {
        output += chunk;
        const url = /friendbot\s+(http:\S+)/.exec(output)?.[1];
        if (url) resolve(url);
      });
      child.on('exit', () => reject(new Error(output)));
    });
    const hashes: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      const reply = await fetch(`${friendbotUrl}${Keypair.random().publicKey()}`);
      hashes.push(((await reply.json()) as { hash: string }).hash);
    }
    child.kill('SIGKILL');
    const net = await open();
    for (const hash of hashes) {
      expect(await net.rpc('getTransaction', { hash })).toMatchObject({ status: 'SUCCESS' });
    }
    await net.close();
  });

  it('drops a torn last ledger, wherever it was torn', async () => {
    const net = await open({ closeIntervalSeconds: 0 });
    await net.fund(Keypair.random().publicKey());
    const whole = statSync(statePath).size;
    const { hash } = await net.fund(Keypair.random().publicKey());
    await net.close();
    const content = readFileSync(statePath);
    for (const size of [
      whole + 1,
      whole + 20,
      Math.floor((whole + content.length) / 2),
      content.length - 1,
    ]) {
      writeFileSync(statePath, content);
      truncateSync(statePath, size);
      const reopened = await open({ closeIntervalSeconds: 0 });
      expect((await everything(reopened)).transactions).toHaveLength(1);
      expect(await reopened.rpc('getTransaction', { hash })).toMatchObject({ status: 'NOT_FOUND' });
      await reopened.fund(Keypair.random().publicKey());
      await reopened.close();
    }
  });

  it('stops the start when it is damaged in the middle', async () => {
    const net = await open();
    await net.fund(Keypair.random().publicKey());
    await net.fund(Keypair.random().publicKey());
    await net.close();
    const content = readFileSync(statePath);
    const middle = Math.floor(content.length / 2);
    content.writeUInt8(content.readUInt8(middle) ^ 1, middle);
    writeFileSync(statePath, content);
    await expect(open()).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
  });

  it('stops the start when it belongs to another network or to nobody', async () => {
    await (await open()).close();
    await expect(open({ passphrase: 'another' })).rejects.toMatchObject({ code: 'STATE_OF_ANOTHER_NETWORK' });
    writeFileSync(statePath, 'not a state file\nat all\n');
    await expect(open()).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
  });

  it('goes on with whoever opened it last, and refuses the other', async () => {
    const first = await open();
    await first.fund(Keypair.random().publicKey());
    const second = await open();
    await expect(first.fund(Keypair.random().publicKey())).rejects.toMatchObject({ code: 'STATE_IN_USE' });
    const { hash } = await second.fund(Keypair.random().publicKey());
    await expect(async () => first.warp({ ledgers: 1 })).rejects.toMatchObject({ code: 'STATE_IN_USE' });
    await Promise.all([first.close(), second.close()]);
    const third = await open();
    expect(await third.rpc('getTransaction', { hash })).toMatchObject({ status: 'SUCCESS' });
    rmSync(statePath);
    await expect(async () => third.warp({ ledgers: 1 })).rejects.toMatchObject({ code: 'STATE_IN_USE' });
    await third.close();
  });

  it('notices a ledger that comes twice', async () => {
    const net = await open();
    await net.fund(Keypair.random().publicKey());
    await net.close();
    const lines = readFileSync(statePath, 'utf8').trimEnd().split('\n');
    appendFileSync(statePath, `${lines.at(-1)}\n`);
    await expect(open()).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
  });

  it('is rewritten shorter once it has grown long, and still holds everything', async () => {
    const net = await open({ closeIntervalSeconds: 0 });
    await net.fund(Keypair.random().publicKey());
    for (let count = 0; count < 2_100; count += 1) net.warp({ ledgers: 1 });
    await net.fund(Keypair.random().publicKey());
    const before = await everything(net);
    await net.close();
    expect(readFileSync(statePath, 'utf8').split('\n').length).toBeLessThan(300);
    const reopened = await open({ closeIntervalSeconds: 0 });
    expect(await everything(reopened)).toEqual(before);
    await reopened.close();
  });
});
