import { Operation, xdr } from '@stellar/stellar-sdk';
import { describe, expect, it } from 'vitest';
import { keyOf, openLedgerScript, withResources } from '../testing/ledgerScript.ts';
import { smallContract } from '../testing/smallContract.ts';
import { LIMITS, type LimitsName } from './limits.ts';

/** The code of a transaction whose footprint has so many entries more than it needs. */
async function codeWith(limits: LimitsName, entries: number): Promise<string> {
  const script = await openLedgerScript({ limits });
  const alice = await script.account('alice');
  const operations = [Operation.uploadContractWasm({ wasm: Buffer.from(smallContract()) })];
  const { data } = await script.prepare({ source: alice, operations });
  const { readOnly, readWrite } = data.resources.footprint;
  const others = Array.from({ length: entries }, (_, index) =>
    xdr.LedgerKey.contractCode(
      new xdr.LedgerKeyContractCode({ hash: new Uint8Array(keyOf(`code ${index}`).rawPublicKey()) }),
    ),
  );
  const footprint = new xdr.LedgerFootprint({ readOnly: [...readOnly, ...others], readWrite });
  const rich = withResources(data, { footprint, instructions: 20_000_000 }, { resourceFee: 50_000_000n });
  return (await script.send({ source: alice, operations, data: rich, fee: 50_000_100 })).code;
}

describe('a set of limits', () => {
  it.each([
    ['testnet', 99, 'txSuccess'],
    ['testnet', 100, 'txSorobanInvalid'],
    ['mainnet', 100, 'txSuccess'],
    ['mainnet', 399, 'txSuccess'],
    ['mainnet', 400, 'txSorobanInvalid'],
    ['unlimited', 400, 'txSuccess'],
  ] as const)('%s, with %i footprint entries beside one: %s', async (limits, entries, code) => {
    expect(await codeWith(limits, entries)).toBe(code);
  });

  it('bounds a ledger at least as widely as a transaction', () => {
    for (const set of Object.values(LIMITS)) {
      expect(set.ledgerMaxInstructions).toBeGreaterThanOrEqual(set.txMaxInstructions);
      expect(set.ledgerMaxDiskReadEntries).toBeGreaterThanOrEqual(set.txMaxDiskReadEntries);
      expect(set.ledgerMaxDiskReadBytes).toBeGreaterThanOrEqual(set.txMaxDiskReadBytes);
      expect(set.ledgerMaxWriteEntries).toBeGreaterThanOrEqual(set.txMaxWriteEntries);
      expect(set.ledgerMaxWriteBytes).toBeGreaterThanOrEqual(set.txMaxWriteBytes);
      expect(set.ledgerMaxTransactionBytes).toBeGreaterThanOrEqual(set.txMaxSizeBytes);
    }
  });
});
