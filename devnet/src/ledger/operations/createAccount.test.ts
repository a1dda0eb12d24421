import { Keypair, Operation, type xdr } from '@stellar/stellar-sdk';
import { describe, expect, it } from 'vitest';
import { openTestNetwork, operationCodes } from '../../testing/testNetwork.ts';

describe('an account created in a ledger with other transactions', () => {
  it('acts in the transaction that creates it', async () => {
    const network = await openTestNetwork({ mineMode: 'manual' });
    const { net } = network;
    const accounts = Array.from({ length: 3 }, () => Keypair.random());
    for (const account of accounts) await net.fund(account.publicKey());
    net.mine();
    const [alice, bob, carol] = accounts as [Keypair, Keypair, Keypair];
    const created = Keypair.random();
    const send = async (signers: Keypair[], ...operations: xdr.Operation[]) => {
      const transaction = await network.build(signers[0]!, operations);
      transaction.sign(...signers);
      return (await network.submit(transaction)).hash;
    };
    const act = (source: Keypair) =>
      Operation.manageData({ name: 'a', value: '1', source: source.publicKey() });
    const create = Operation.createAccount({ destination: created.publicKey(), startingBalance: '5' });
    const hashes = [
      await send([alice, created], create, act(created)),
      await send([bob], act(bob)),
      await send([carol], Operation.createAccount({ destination: bob.publicKey(), startingBalance: '5' })),
    ];
    net.mine();
    const replies = await Promise.all(hashes.map((hash) => network.transaction(hash)));
    expect(new Set(replies.map(({ ledger }) => ledger)).size).toBe(1);
    expect(replies.map(operationCodes)).toEqual([
      ['createAccountSuccess', 'manageDataSuccess'],
      ['manageDataSuccess'],
      ['createAccountAlreadyExist'],
    ]);
  });
});
