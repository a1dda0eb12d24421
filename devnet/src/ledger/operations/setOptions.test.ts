import { Asset, Keypair, Operation, StrKey, xdr } from '@stellar/stellar-sdk';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AssetNetwork, openAssetNetwork } from '../../testing/assetNetwork.ts';
import { readAccount, sponsored, xlm } from '../../testing/sponsoredEntries.ts';

let world: AssetNetwork;

beforeAll(async () => {
  world = await openAssetNetwork();
});

const account = () => world.network.account();
const read = async (keypair: Keypair) => (await readAccount(world.network.net, keypair))!;
const signer = (keypair: Keypair, weight = 1) => ({ ed25519PublicKey: keypair.publicKey(), weight });
const setSigner = (keypair: Keypair, weight = 1) => Operation.setOptions({ signer: signer(keypair, weight) });

type Options = ConstructorParameters<typeof xdr.SetOptionsOp>[0];
const NO_OPTIONS: Options = {
  inflationDest: null,
  clearFlags: null,
  setFlags: null,
  masterWeight: null,
  lowThreshold: null,
  medThreshold: null,
  highThreshold: null,
  homeDomain: null,
  signer: null,
};
/** The code of options that the SDK would refuse to build. */
const codeOf = (keypair: Keypair, options: Partial<Options>) =>
  world.codeOfRaw(keypair, xdr.OperationBody.setOptions(new xdr.SetOptionsOp({ ...NO_OPTIONS, ...options })));

describe('setting options', () => {
  it('changes what is given and leaves the rest', async () => {
    const alice = await account();
    await world.done(alice, [
      Operation.setOptions({ lowThreshold: 1, medThreshold: 2, highThreshold: 3, masterWeight: 4 }),
      Operation.setOptions({ homeDomain: 'example.org', inflationDest: world.bob.publicKey() }),
      Operation.setOptions({ setFlags: 3 }),
      Operation.setOptions({ clearFlags: 1 }),
    ]);
    const { account: entry } = await read(alice);
    expect([...entry.thresholds.toBytes()]).toEqual([4, 1, 2, 3]);
    expect(entry.homeDomain.toString()).toBe('example.org');
    expect(entry.inflationDest?.equals(world.bob.xdrAccountId())).toBe(true);
    expect(entry.flags).toBe(2);
    await world.done(alice, [Operation.setOptions({ homeDomain: '' })]);
    expect((await read(alice)).account.homeDomain.length).toBe(0);
  });

  it('needs the high threshold for thresholds, master weight and signers, else the medium one', async () => {
    const alice = await account();
    await world.done(alice, [Operation.setOptions({ highThreshold: 2 })]);
    expect(await world.codes(alice, Operation.setOptions({ homeDomain: 'a.b' }))).toEqual([
      'setOptionsSuccess',
    ]);
    const guarded = [
      { masterWeight: 2 },
      { lowThreshold: 0 },
      { medThreshold: 0 },
      { highThreshold: 0 },
      { signer: signer(world.bob) },
    ];
    for (const option of guarded) {
      expect(await world.codes(alice, Operation.setOptions(option))).toEqual(['opBadAuth']);
    }
  });

  it('is refused for unknown or contradictory flags', async () => {
    expect(await codeOf(world.alice, { setFlags: 16 })).toBe('setOptionsUnknownFlag');
    expect(await codeOf(world.alice, { clearFlags: 0x8000_0000 })).toBe('setOptionsUnknownFlag');
    expect(await codeOf(world.alice, { setFlags: 3, clearFlags: 2 })).toBe('setOptionsBadFlags');
  });

  it('is refused for thresholds over 255', async () => {
    for (const name of ['masterWeight', 'lowThreshold', 'medThreshold', 'highThreshold']) {
      expect(await codeOf(world.alice, { [name]: 256 })).toBe('setOptionsThresholdOutOfRange');
    }
  });

  it('is refused for signers that are the account itself, too heavy, or of an empty payload', async () => {
    const key = (keypair: Keypair) => xdr.SignerKey.signerKeyTypeEd25519(keypair.rawPublicKey());
    const empty = xdr.SignerKey.signerKeyTypeEd25519SignedPayload(
      new xdr.SignerKeyEd25519SignedPayload({
        ed25519: world.bob.rawPublicKey(),
        payload: new Uint8Array(),
      }),
    );
    const cases: [xdr.SignerKey, number][] = [
      [key(world.alice), 1],
      [key(world.bob), 256],
      [empty, 1],
    ];
    for (const [signerKey, weight] of cases) {
      const code = await codeOf(world.alice, { signer: new xdr.Signer({ key: signerKey, weight }) });
      expect(code).toBe('setOptionsBadSigner');
    }
  });

  it('is refused for a home domain of other than printable ASCII', async () => {
    expect(await codeOf(world.alice, { homeDomain: 'exämple' })).toBe('setOptionsInvalidHomeDomain');
    expect(await codeOf(world.alice, { homeDomain: 'a\tb' })).toBe('setOptionsInvalidHomeDomain');
  });

  it('fails for an inflation destination that does not exist', async () => {
    const inflationDest = Keypair.random().publicKey();
    expect(await world.codes(world.alice, Operation.setOptions({ inflationDest }))).toEqual([
      'setOptionsInvalidInflation',
    ]);
    const self = Operation.setOptions({ inflationDest: world.alice.publicKey() });
    expect(await world.codes(world.alice, self)).toEqual(['setOptionsSuccess']);
  });

  it('lets flags be cleared and set at once, with clawback only while revocable', async () => {
    const alice = await account();
    expect(await world.codes(alice, Operation.setOptions({ setFlags: 8 }))).toEqual([
      'setOptionsAuthRevocableRequired',
    ]);
    await world.done(alice, [Operation.setOptions({ setFlags: 10 as never })]);
    expect(await world.codes(alice, Operation.setOptions({ clearFlags: 2 }))).toEqual([
      'setOptionsAuthRevocableRequired',
    ]);
    await world.done(alice, [Operation.setOptions({ clearFlags: 10 as never, setFlags: 1 })]);
    expect((await read(alice)).account.flags).toBe(1);
  });

  it('changes no flag of an immutable account', async () => {
    const alice = await account();
    await world.done(alice, [Operation.setOptions({ setFlags: 4 })]);
    expect(await world.codes(alice, Operation.setOptions({ clearFlags: 4 }))).toEqual([
      'setOptionsCantChange',
    ]);
    expect(await world.codes(alice, Operation.setOptions({ setFlags: 1 }))).toEqual(['setOptionsCantChange']);
    expect(await codeOf(alice, { setFlags: 0, clearFlags: 0 })).toBe('setOptionsSuccess');
  });
});

describe('a signer', () => {
  it('is added, reweighed and removed, and counts as a subentry', async () => {
    const alice = await account();
    await world.done(alice, [setSigner(world.bob, 5)]);
    expect(await read(alice)).toMatchObject({ numSubEntries: 1, signers: [[world.bob.publicKey(), 5]] });
    await world.done(alice, [setSigner(world.bob, 7)]);
    expect(await read(alice)).toMatchObject({ numSubEntries: 1, signers: [[world.bob.publicKey(), 7]] });
    await world.done(alice, [setSigner(world.bob, 0), setSigner(world.bob, 0)]);
    expect(await read(alice)).toMatchObject({ numSubEntries: 0, signers: [] });
  });

  it('stands in the order of kinds and keys, and of payloads with the shorter first', async () => {
    const alice = await account();
    const [low, high] = [Buffer.alloc(32, 1), Buffer.alloc(32, 0xfe)];
    const payload = (bytes: number[]) => {
      const value = new xdr.SignerKeyEd25519SignedPayload({ ed25519: low, payload: new Uint8Array(bytes) });
      return StrKey.encodeSignedPayload(Buffer.from(value.toXdr()));
    };
    const ed25519 = [low, high].map((key) => StrKey.encodeEd25519PublicKey(key));
    const sorted = [
      ...ed25519.map((ed25519PublicKey) => ({ ed25519PublicKey })),
      { preAuthTx: low },
      { preAuthTx: high },
      { sha256Hash: low },
      { sha256Hash: high },
      { ed25519SignedPayload: payload([1]) },
      { ed25519SignedPayload: payload([1, 0]) },
      { ed25519SignedPayload: payload([2]) },
    ];
    const mixed = [5, 2, 8, 0, 3, 7, 1, 6, 4].map((index) => ({ index, signer: sorted[index]! }));
    await world.done(
      alice,
      mixed.map(({ index, signer: key }) =>
        Operation.setOptions({ signer: { ...key, weight: index + 1 } as never }),
      ),
    );
    const { signers, numSubEntries } = await read(alice);
    expect(signers.map(([, weight]) => weight)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(numSubEntries).toBe(9);
  });

  it('is one of at most 20, and needs a reserve', async () => {
    const alice = await account();
    const twenty = Array.from({ length: 20 }, () => setSigner(Keypair.random()));
    await world.done(alice, twenty);
    expect(await world.codes(alice, setSigner(Keypair.random()))).toEqual(['setOptionsTooManySigners']);
    const poor = Keypair.random();
    const create = { destination: poor.publicKey(), startingBalance: '1.1' };
    await world.done(world.bob, [Operation.createAccount(create)]);
    expect(await world.codes(poor, setSigner(world.bob))).toEqual(['setOptionsLowReserve']);
  });

  it('has its reserve paid by a sponsor, listed beside it, until it is removed', async () => {
    const [alice, sponsor] = [await account(), await account()];
    const sorted = [Keypair.random(), Keypair.random(), Keypair.random()].sort((left, right) =>
      Buffer.compare(left.rawPublicKey(), right.rawPublicKey()),
    );
    const keys = [sorted[0]!, sorted[2]!, sorted[1]!];
    await world.done(alice, [setSigner(keys[0]!)]);
    await world.done(
      [sponsor, alice],
      [
        ...sponsored(
          sponsor,
          alice,
          Operation.setOptions({ signer: signer(keys[1]!), source: alice.publicKey() }),
        ),
        Operation.setOptions({ signer: signer(keys[2]!), source: alice.publicKey() }),
      ],
    );
    const after = await read(alice);
    expect(after).toMatchObject({ numSubEntries: 3, numSponsored: 1 });
    expect(await read(sponsor)).toMatchObject({ numSubEntries: 0, numSponsoring: 1 });
    const sponsors = new Map(after.signers.map(([key], index) => [key, after.signerSponsors![index]]));
    expect(keys.map((key) => sponsors.get(key.publicKey()))).toEqual([null, sponsor.publicKey(), null]);
    await world.done(alice, [setSigner(keys[1]!, 0)]);
    expect(await read(alice)).toMatchObject({ numSubEntries: 2, numSponsored: 0 });
    expect((await read(alice)).signerSponsors).toEqual([null, null]);
    expect(await read(sponsor)).toMatchObject({ numSponsoring: 0 });
  });

  it('is refused when its sponsor cannot pay the reserve', async () => {
    const [alice, sponsor] = [await account(), await account()];
    const { balance } = (await read(sponsor)).account;
    const rest = 10_000_000n + 4_000_000n;
    const pay = { destination: alice.publicKey(), asset: Asset.native() };
    await world.done(sponsor, [Operation.payment({ ...pay, amount: xlm(balance - 100n - rest) })]);
    const add = Operation.setOptions({ signer: signer(world.bob), source: alice.publicKey() });
    expect(await world.codes([alice, sponsor], ...sponsored(sponsor, alice, add))).toEqual([
      'beginSponsoringFutureReservesSuccess',
      'setOptionsLowReserve',
      'endSponsoringFutureReservesSuccess',
    ]);
  });
});
