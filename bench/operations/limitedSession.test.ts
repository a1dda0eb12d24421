// The session whose cost is measured is under limits: another recipient, another function, and more than its sum are
// refused, so that the figure is that of a transfer that was looked at.
import { addressToScVal, invokeContract, scI128, scU32, tokenCalls } from '@latchkey/sdk/chain';
import { beforeAll, expect, it } from 'vitest';
import { AMOUNT_STROOPS, keypair, RECIPIENT } from '../participants.ts';
import { openLimitedSession, SESSION_STROOPS } from './sessions.ts';

let session: Awaited<ReturnType<typeof openLimitedSession>>;
beforeAll(async () => {
  session = await openLimitedSession();
});

const carryOut = (call: Parameters<typeof session.ground.cost>[0]) => session.ground.cost(call, session.sign);
const pay = (recipient: string, amount: bigint) =>
  carryOut(tokenCalls.transfer(session.ground.tokenId, session.wallet, recipient, amount));
const refusal = expect.objectContaining({ code: 'SIMULATION_FAILED' });

it('pays its recipient', async () => {
  await expect(pay(RECIPIENT, 1n)).resolves.toBeDefined();
});

it('pays nobody else', async () => {
  const other = keypair('shop').publicKey();
  session.ground.net.fund(other);
  await expect(pay(other, 1n)).rejects.toThrow(refusal);
});

it('gives no allowance', async () => {
  const { ground, wallet } = session;
  const args = [addressToScVal(wallet), addressToScVal(RECIPIENT), scI128(1n), scU32(1_000)];
  await expect(carryOut(invokeContract(ground.tokenId, 'approve', args))).rejects.toThrow(refusal);
});

it('pays its sum and no more', async () => {
  await expect(pay(RECIPIENT, SESSION_STROOPS)).rejects.toThrow(refusal);
  await expect(pay(RECIPIENT, AMOUNT_STROOPS)).resolves.toBeDefined();
  await expect(pay(RECIPIENT, AMOUNT_STROOPS)).rejects.toThrow(refusal);
});
