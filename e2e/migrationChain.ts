// The network that migrations among faults happen on: embedded, in this process, without HTTP, with a clock that can be put
// forward; and those who pay merchants, in USDC and XLM, whatever the merchants' servers are going through.
import { createDevnet } from '@latchkey/devnet';
import type { Rpc } from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import { deployContracts } from '../server/src/deployment/deployContracts.ts';
import { createSponsor } from '../server/src/relayer/sponsor.ts';
import { carryOut, payment } from './classicOperation.ts';
import { type Chain, OUTLAST_SECONDS } from './migrationLane.ts';
import { carryOutCall, signedCall } from './signedCall.ts';

export type FaultyChain = Chain & {
  /** @returns whether the network took it */
  pay(to: string, asset: 'usdc' | 'native', amount: bigint): Promise<boolean>;
  /** Once every payment that is on its way has arrived or was refused. */
  paid(): Promise<void>;
  close(): Promise<void>;
};

export async function openChain(): Promise<FaultyChain> {
  let aheadMs = 0;
  const nowMs = () => Date.now() + aheadMs;
  const net = await createDevnet({ usdc: true, closeIntervalSeconds: 0 });
  const { passphrase } = net;
  const rpc: Rpc = {
    url: 'in process',
    call: (method, params) => net.rpc(method, params as never) as never,
  };
  const [sponsorKey, guardian, payer] = [Keypair.random(), Keypair.random(), Keypair.random()];
  const stranger = Keypair.random();
  for (const it of [sponsorKey, guardian, payer, stranger]) await net.fund(it.publicKey());
  const issuer = Keypair.fromSecret(net.usdc!.issuer.secretKey);
  const usdc = { code: net.usdc!.code, issuer: issuer.publicKey() };
  const sponsor = createSponsor(rpc, sponsorKey.secret(), passphrase);
  const { factoryId } = await deployContracts({ rpc, sponsor, recovery: null, onStep: () => {} });
  let paying: Promise<unknown> = Promise.resolve();

  return {
    net,
    rpc,
    factoryId,
    sponsorSecretKey: sponsorKey.secret(),
    guardianAddress: guardian.publicKey(),
    clock: {
      nowMs,
      outlast() {
        aheadMs += OUTLAST_SECONDS * 1000;
        net.warp({ seconds: OUTLAST_SECONDS, ledgers: 1 });
      },
    },
    pay(to, asset, amount) {
      const isUsdc = asset === 'usdc';
      const body = payment(to, amount, isUsdc ? usdc : undefined);
      // One after another: each needs its account's next sequence number.
      const paid = paying.then(() => carryOut({ rpc, passphrase }, isUsdc ? issuer : payer, body));
      paying = paid.catch(() => {});
      return paid;
    },
    async overtake(envelopeXdr) {
      const call = signedCall(envelopeXdr);
      // Of one stranger, whose transactions need one sequence number after the other.
      if (call) paying = paying.then(() => carryOutCall({ rpc, passphrase }, stranger, call)).catch(() => {});
      await paying;
    },
    async paid() {
      await paying;
    },
    close: () => net.close(),
  };
}
