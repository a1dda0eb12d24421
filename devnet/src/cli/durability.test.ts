import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Keypair } from '@stellar/stellar-sdk/base';
import { LedgerEntry } from '@stellar/stellar-sdk/xdr';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDevnet, type Devnet } from '../index.ts';
import { RunningCommand } from '../testing/runningCommand.ts';

/** A disk that can be cut off: at a chosen write the process is as good as killed, and writes nothing any more. */
const disk = vi.hoisted(() => ({ writesLeft: Number.POSITIVE_INFINITY, isHalf: false, writes: 0 }));

class Killed extends Error {}

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const cut = (half: () => void) => {
    disk.writes += 1;
    disk.writesLeft -= 1;
    if (disk.writesLeft > 0) return;
    if (disk.writesLeft === 0 && disk.isHalf) half();
    throw new Killed('killed');
  };
  return {
    ...fs,
    writeSync(file: number, data: Uint8Array, offset: number) {
      cut(() => fs.writeSync(file, data, offset, Math.floor((data.length - offset) / 2)));
      return fs.writeSync(file, data, offset);
    },
    ftruncateSync(file: number, length: number) {
      cut(() => {});
      fs.ftruncateSync(file, length);
    },
    fsyncSync(file: number) {
      cut(() => {});
      fs.fsyncSync(file);
    },
    renameSync(from: string, to: string) {
      cut(() => {});
      fs.renameSync(from, to);
    },
  };
});

const TOTAL_COINS_STROOPS = 10n ** 18n;
let folder: string;
let statePath: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-devnet-'));
  statePath = join(folder, 'state');
});

afterEach(() => rmSync(folder, { recursive: true }));

const open = () => createDevnet({ statePath, closeIntervalSeconds: 0 });
const statusOf = async (net: Devnet, hash: string) =>
  ((await net.rpc('getTransaction', { hash })) as { status: string }).status;

/** What accounts hold and fees took: a ledger of which only a part was kept would not add up. */
function coins(net: Devnet): bigint {
  type Dump = { ledgers: { feePoolStroops: string; entries: [key: string, entry: string | null][] }[] };
  const { ledgers } = JSON.parse(net.dumpState()) as Dump;
  const entries = new Map(ledgers.flatMap((ledger) => ledger.entries));
  let total = BigInt(ledgers.at(-1)!.feePoolStroops);
  for (const entry of entries.values()) {
    const data = entry === null ? null : LedgerEntry.fromXdr(entry, 'base64').data;
    if (data?.type === 'account') total += data.account.balance;
  }
  return total;
}

type Progress = { answered: string[]; reverted: 'no' | 'begun' | 'done'; lost: string | null };

/** Every kind of write: a new file, ledgers, and the file written anew. */
async function live(progress: Progress): Promise<void> {
  const fund = async (net: Devnet) => (await net.fund(Keypair.random().publicKey())).hash;
  const first = await open();
  progress.answered.push(await fund(first), await fund(first));
  const id = first.snapshot();
  const lost = await fund(first);
  progress.lost = lost;
  progress.reverted = 'begun';
  first.revert(id);
  progress.reverted = 'done';
  progress.answered.push(await fund(first));
  await first.close();
  const second = await open();
  progress.answered.push(await fund(second));
  await second.close();
}

describe('a process killed', () => {
  it('at any write, in its middle too, has kept all that it answered and no half of a ledger', async () => {
    await live({ answered: [], reverted: 'no', lost: null });
    const { writes } = disk;
    expect(writes).toBeGreaterThan(15);
    for (let boundary = 1; boundary <= writes; boundary++) {
      for (const isHalf of [false, true]) {
        rmSync(folder, { recursive: true });
        const progress: Progress = { answered: [], reverted: 'no', lost: null };
        Object.assign(disk, { writesLeft: boundary, isHalf });
        await expect(live(progress)).rejects.toThrow(Killed);
        disk.writesLeft = Number.POSITIVE_INFINITY;
        const net = await open();
        for (const hash of progress.answered) expect(await statusOf(net, hash)).toBe('SUCCESS');
        if (progress.reverted === 'done') expect(await statusOf(net, progress.lost!)).toBe('NOT_FOUND');
        expect(coins(net)).toBe(TOTAL_COINS_STROOPS);
        await net.fund(Keypair.random().publicKey());
        await net.close();
      }
    }
  });

  it('at random moments under load has kept all that it answered', async () => {
    const rounds = Number(process.env.LATCHKEY_KILL_ROUNDS ?? 4);
    const answered: string[] = [];
    for (let round = 0; round < rounds; round++) {
      const args = ['--port', '0', '--accounts', '0', '--no-usdc', '--state', statePath];
      const command = new RunningCommand(args);
      const rpcUrl = await command.rpcUrl();
      setTimeout(() => command.child.kill('SIGKILL'), 20 + Math.random() * 400);
      await Promise.all(Array.from({ length: 4 }, () => load(rpcUrl, answered)));
      await command.ended();
    }
    const net = await open();
    expect(answered.length).toBeGreaterThan(rounds);
    for (const hash of answered) expect(await statusOf(net, hash)).toBe('SUCCESS');
    expect(coins(net)).toBe(TOTAL_COINS_STROOPS);
    await net.close();
  }, 600_000);
});

/** Funds accounts until the other side is gone. */
async function load(rpcUrl: string, answered: string[]): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  for (;;) {
    const params = { address: Keypair.random().publicKey() };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'devnet_fund', params });
    try {
      const reply = await fetch(rpcUrl, { method: 'POST', headers, body });
      answered.push(((await reply.json()) as { result: { hash: string } }).result.hash);
    } catch {
      return;
    }
  }
}
