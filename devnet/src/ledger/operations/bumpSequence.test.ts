import { type Keypair, Operation, xdr } from '@stellar/stellar-sdk';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AssetNetwork, openAssetNetwork } from '../../testing/assetNetwork.ts';
import { readAccount } from '../../testing/sponsoredEntries.ts';

let world: AssetNetwork;

beforeAll(async () => {
  world = await openAssetNetwork();
});

const bump = (bumpTo: bigint, source?: Keypair) =>
  Operation.bumpSequence({ bumpTo: String(bumpTo), ...(source && { source: source.publicKey() }) });

describe('bumping the sequence number', () => {
  it('raises it, so that the next transaction follows the new one', async () => {
    const alice = await world.network.account();
    const sequence = await world.network.sequence(alice.publicKey());
    await world.done(alice, [bump(sequence + 1_000n)]);
    expect(await world.network.sequence(alice.publicKey())).toBe(sequence + 1_000n);
    await world.done(alice, [bump(0n)]);
    expect(await world.network.sequence(alice.publicKey())).toBe(sequence + 1_001n);
  });

  it('succeeds without effect when the number is not higher', async () => {
    const alice = await world.network.account();
    const sequence = await world.network.sequence(alice.publicKey());
    expect(await world.codes(alice, bump(sequence), bump(0n))).toEqual([
      'bumpSequenceSuccess',
      'bumpSequenceSuccess',
    ]);
    expect(await world.network.sequence(alice.publicKey())).toBe(sequence + 1n);
  });

  it('notes the ledger in which it was used, for the minimum gap, even without effect', async () => {
    const [alice, bob] = [await world.network.account(), await world.network.account()];
    const { ledger } = await world.done([alice, bob], [bump(0n, bob)]);
    const { ext } = (await readAccount(world.network.net, bob))!.account;
    const v2 = ext.type === 'v1' && ext.v1.ext.type === 'v2' ? ext.v1.ext.v2 : null;
    expect(v2?.ext.type === 'v3' && v2.ext.v3.seqLedger).toBe(ledger);
  });

  it('is refused for a negative number', async () => {
    const body = xdr.OperationBody.bumpSequence(new xdr.BumpSequenceOp({ bumpTo: -1n }));
    expect(await world.codeOfRaw(world.alice, body)).toBe('bumpSequenceBadSeq');
  });

  it('needs the low threshold only', async () => {
    const alice = await world.network.account();
    await world.done(alice, [Operation.setOptions({ medThreshold: 2, highThreshold: 2 })]);
    expect(await world.codes(alice, bump(0n))).toEqual(['bumpSequenceSuccess']);
  });
});
