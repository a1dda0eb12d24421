import { Asset, Keypair, Operation, xdr } from '@stellar/stellar-sdk';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AssetNetwork, openAssetNetwork } from '../../testing/assetNetwork.ts';
import { dataLedgerKey, readAccount, readEntry, sponsored } from '../../testing/sponsoredEntries.ts';

let world: AssetNetwork;

beforeAll(async () => {
  world = await openAssetNetwork();
});

const account = () => world.network.account();
const counts = async (keypair: Keypair) => (await readAccount(world.network.net, keypair))!;
const set = (name: string, value: string | null, source?: Keypair) =>
  Operation.manageData({ name, value, ...(source && { source: source.publicKey() }) });

async function read(keypair: Keypair, name: string) {
  const found = await readEntry(world.network.net, dataLedgerKey(keypair, name));
  if (found?.data.type !== 'data') return null;
  return { value: Buffer.from(found.data.data.dataValue.toBytes()).toString(), sponsor: found.sponsor };
}

describe('data of an account', () => {
  it('is created, changed and removed, and counts as a subentry', async () => {
    const alice = await account();
    await world.done(alice, [set('colour', 'red')]);
    expect(await read(alice, 'colour')).toEqual({ value: 'red', sponsor: null });
    await world.done(alice, [set('colour', 'blue')]);
    expect(await read(alice, 'colour')).toEqual({ value: 'blue', sponsor: null });
    expect(await counts(alice)).toMatchObject({ numSubEntries: 1 });
    await world.done(alice, [set('colour', null)]);
    expect(await read(alice, 'colour')).toBeNull();
    expect(await counts(alice)).toMatchObject({ numSubEntries: 0 });
  });

  it('is not removed when it is not there', async () => {
    expect(await world.codes(world.alice, set('nothing', null))).toEqual(['manageDataNameNotFound']);
  });

  it('has a name of printable ASCII characters, at least one', async () => {
    for (const dataName of ['', 'ü', 'a\nb']) {
      const body = xdr.OperationBody.manageData(
        new xdr.ManageDataOp({ dataName, dataValue: new Uint8Array([1]) }),
      );
      expect(await world.codeOfRaw(world.alice, body)).toBe('manageDataInvalidName');
    }
  });

  it('needs the medium threshold', async () => {
    const alice = await account();
    await world.done(alice, [Operation.setOptions({ medThreshold: 2, highThreshold: 2 })]);
    expect(await world.codes(alice, set('colour', 'red'))).toEqual(['opBadAuth']);
  });

  it('needs a reserve, which the rest of the balance cannot fall below', async () => {
    const poor = Keypair.random();
    const create = { destination: poor.publicKey(), startingBalance: '1.5000299' };
    await world.done(world.alice, [Operation.createAccount(create)]);
    expect(await world.codes(poor, set('a', '1'), set('b', '1'))).toEqual([
      'manageDataSuccess',
      'manageDataLowReserve',
    ]);
    expect(await world.codes(poor, set('a', '1'))).toEqual(['manageDataLowReserve']);
    const top = { destination: poor.publicKey(), asset: Asset.native(), amount: '0.0000101' };
    await world.done(world.alice, [Operation.payment(top)]);
    expect(await world.codes(poor, set('a', '1'))).toEqual(['manageDataSuccess']);
  });

  it('keeps its sponsor when it changes, and gives the reserve back when it goes', async () => {
    const [alice, sponsor] = [await account(), await account()];
    await world.done([sponsor, alice], sponsored(sponsor, alice, set('colour', 'red', alice)));
    await world.done(alice, [set('colour', 'blue')]);
    expect(await read(alice, 'colour')).toEqual({ value: 'blue', sponsor: sponsor.publicKey() });
    expect(await counts(alice)).toMatchObject({ numSubEntries: 1, numSponsored: 1, numSponsoring: 0 });
    expect(await counts(sponsor)).toMatchObject({ numSubEntries: 0, numSponsored: 0, numSponsoring: 1 });
    await world.done(alice, [set('colour', null)]);
    expect(await counts(alice)).toMatchObject({ numSubEntries: 0, numSponsored: 0 });
    expect(await counts(sponsor)).toMatchObject({ numSponsoring: 0 });
  });

  it('is one of at most 1,000 subentries, sponsored or not', async () => {
    const [alice, sponsor] = [await account(), await account()];
    for (let hundred = 0; hundred < 10; hundred++) {
      const names = Array.from({ length: 100 }, (_, index) => set(`${hundred}.${index}`, '1'));
      await world.done(alice, names);
    }
    expect(await counts(alice)).toMatchObject({ numSubEntries: 1_000 });
    expect(await world.codes(alice, set('more', '1'))).toEqual(['opTooManySubentries']);
    const more = sponsored(sponsor, alice, set('more', '1', alice));
    expect((await world.codes([sponsor, alice], ...more))[1]).toBe('opTooManySubentries');
    const signer = { ed25519PublicKey: sponsor.publicKey(), weight: 1 };
    expect(await world.codes(alice, Operation.setOptions({ signer }))).toEqual(['opTooManySubentries']);
    expect(await world.codes(alice, set('0.0', null), set('more', '1'))).toEqual([
      'manageDataSuccess',
      'manageDataSuccess',
    ]);
  });
});
