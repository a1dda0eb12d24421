// Holds what OpenZeppelin's account costs to bench/peers/openzeppelin.golden.json, digit by digit. Its wasm is not
// rebuilt in tests, so what can move the numbers is the network's engine, the crate's version, or how it is measured.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { differingFiles, readSums, sumsOf } from '../../scripts/buildWasm/sums.ts';
import { PEER_GOLDEN_FILE } from '../contracts.ts';
import { openMeteredNetwork } from '../meteredNetwork.ts';
import { secp256r1Instructions } from '../prices.ts';
import type { Cost } from '../submitting.ts';
import { measureOpenZeppelin } from './openzeppelin.ts';

const wasmFolder = fileURLToPath(new URL('openzeppelin/wasm/', import.meta.url));
const golden = JSON.parse(readFileSync(PEER_GOLDEN_FILE, 'utf8')) as Cost;

describe("OpenZeppelin's smart account", () => {
  it('has the wasm that its sums name', () => {
    const named = readSums(wasmFolder);
    expect(Object.keys(named.files)).toEqual(['account.wasm', 'verifier.wasm']);
    expect(differingFiles(named, sumsOf(wasmFolder, Object.keys(named.files), ''))).toEqual([]);
  });

  it('costs what the golden file says', async () => {
    expect(await measureOpenZeppelin()).toEqual(golden);
  });

  it('pays for one signature verification, not none and not two', async () => {
    const secp256r1 = await secp256r1Instructions((await openMeteredNetwork()).rpc);
    const { instructions } = await measureOpenZeppelin();
    expect(instructions).toBeGreaterThan(secp256r1);
    expect(instructions).toBeLessThan(secp256r1 * 2);
  });

  it("refuses a signature over the host's payload instead of the crate's digest", async () => {
    await expect(measureOpenZeppelin((_account, payload) => payload)).rejects.toThrow(
      'transfer was not confirmed',
    );
  });
});
