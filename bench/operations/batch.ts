// What several calls under one authorization cost: three transfers through the batch contract, signed once.
import { addressToScVal, invokeContract, scStruct, scSymbol, scVec } from '@latchkey/sdk/chain';
import { admin, credential, passkeyOf } from '../participants.ts';
import { passkey } from '../signing.ts';
import { openGround } from './ground.ts';

export async function batchOperations() {
  const ground = await openGround();
  const owner = credential('passkey');
  const wallet = await ground.wallet([admin(passkeyOf(owner))]);
  const transfer = ground.transfer(wallet);
  if (transfer.type !== 'hostFunctionTypeInvokeContract') throw new Error('a transfer is a contract call');
  const call = scStruct({
    arguments: scVec(transfer.value.args),
    contract: addressToScVal(ground.tokenId),
    function: scSymbol('transfer'),
  });
  const batch = invokeContract(await ground.contract('batch'), 'batch', [
    addressToScVal(wallet),
    scVec([call, call, call]),
  ]);
  // The first batch of all pays for the longest life that the contract may have, whoever makes it.
  await ground.cost(batch, passkey(0, owner));
  return { batchOfThree: await ground.cost(batch, passkey(0, owner)) };
}
