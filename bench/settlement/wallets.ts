// Upgrades and withdrawals as merchants see them: the ledgers from tapping "upgrade" to a migration that is done, at ledgers of
// one second and with an owner who agrees at once; and how long a withdrawal of a passkey wallet takes to prepare, beside
// the simulation that it cannot do without, and from sending to confirmed where ledgers close at once.
import type {
  GateBody,
  MerchantBody,
  MigrationBody,
  PreparedBody,
  UpgradeBody,
  WithdrawalBody,
} from '@latchkey/sdk/api';
import { simulate, tokenCalls } from '@latchkey/sdk/chain';
import { signPrepared } from '../../sdk/src/merchant/signPrepared.ts';
import { type Figure, median, type Progress, quantile } from '../figure.ts';
import {
  type BenchMerchant,
  provisioned,
  type SettlementService,
  startSettlement,
  until,
} from './service.ts';

const UPGRADES = 5;
const MAX_LEDGERS = 4;
const WITHDRAWALS = 300;
const MAX_PREPARE_MS = 40;
const MAX_SUBMIT_MS = 300;
const path = '/v1/merchants/me/settlement';

type Options = { options_json: { challenge: string } };

export async function wallets(progress: Progress): Promise<Figure[]> {
  const service = await startSettlement();
  try {
    progress(`settlement: ${UPGRADES} upgrades at ledgers of one second`);
    const ledgers: number[] = [];
    let shop: BenchMerchant | null = null;
    for (let index = 0; index < UPGRADES; index++) {
      shop = await service.signUp(`upgrade${index}@example.org`);
      ledgers.push(await upgrade(service, shop));
    }
    progress(`settlement: ${WITHDRAWALS} withdrawals`);
    return [
      { key: 'upgrade.ledgers', value: Math.max(...ledgers), target: MAX_LEDGERS },
      { key: 'upgrade.medianLedgers', value: median(ledgers) },
      ...(await withdrawals(service, shop!)),
    ];
  } finally {
    await service.stop();
  }
}

async function upgrade(service: SettlementService, shop: BenchMerchant): Promise<number> {
  const me = await provisioned(shop);
  await service.giveUsdc(me.settlementAddress!);
  const totp = await shop.appCode();
  const { options_json } = await shop.call<Options>(`${path}/upgrade/options`, {});
  const registrationResponseJSON = await shop.authenticator.register(options_json as never);
  await service.closeLedgers(1);
  const ledger = async () => (await service.rpc.call('getLatestLedger')).sequence;
  const first = await ledger();
  const { status } = await shop.call<UpgradeBody>(`${path}/upgrade`, { registrationResponseJSON, totp });
  if (status !== 'confirmed') throw new Error('the wallet was not made in time');
  const gate = await until(() => shop.call<GateBody>(`${path}/migration/gate`, {}).catch(() => null));
  const authenticationResponseJSON = await shop.authenticator.authenticate(gate.options_json);
  await shop.call(`${path}/migration/confirm`, { authenticationResponseJSON });
  await until(async () => {
    const { state } = await shop.call<MigrationBody>(`${path}/migration`);
    return state === 'done' || null;
  });
  const ledgers = (await ledger()) - first;
  await service.closeLedgers('at once');
  return ledgers;
}

async function withdrawals(service: SettlementService, shop: BenchMerchant): Promise<Figure[]> {
  const { usdc, settlementAddress } = await shop.call<MerchantBody>('/v1/merchants/me');
  const customer = await provisioned(await service.signUp('customer@example.org'));
  const ask = { amount: '1', destination: customer.settlementAddress! };
  const call = tokenCalls.transfer(usdc.contractId, settlementAddress!, ask.destination, 10_000_000n);
  const simulating: number[] = [];
  const preparing: number[] = [];
  const submitting: number[] = [];
  const timed = async <T>(times: number[], act: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now();
    const result = await act();
    times.push(performance.now() - startedAt);
    return result;
  };
  for (let count = 0; count < WITHDRAWALS; count++) {
    await timed(simulating, () => simulate(service.rpc, { hostFunction: call }));
    const prepared = await timed(preparing, () => shop.call<PreparedBody>(`${path}/withdraw/prepare`, ask));
    const assertion = await shop.authenticator.authenticate(prepared.options_json);
    const signedXdr = await signPrepared(prepared, assertion);
    const { status } = await timed(submitting, () =>
      shop.call<WithdrawalBody>(`${path}/withdraw/submit`, { id: prepared.id, signedXdr }),
    );
    if (status !== 'confirmed') throw new Error(`a withdrawal is ${status}`);
  }
  return [
    { key: 'withdrawPrepare.p99Ms', value: quantile(preparing, 0.99), target: MAX_PREPARE_MS },
    { key: 'withdrawPrepare.p50Ms', value: median(preparing) },
    { key: 'withdrawPrepare.simulationP99Ms', value: quantile(simulating, 0.99) },
    { key: 'withdrawPrepare.ofSimulation', value: median(preparing) / median(simulating) },
    { key: 'withdrawSubmit.p99Ms', value: quantile(submitting, 0.99), target: MAX_SUBMIT_MS },
    { key: 'withdrawSubmit.p50Ms', value: median(submitting) },
  ];
}
