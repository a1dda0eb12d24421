// What a settled submission changes in the tables of merchants' settlement addresses. Each effect runs in the transaction
// that settles its submission, so that chain and tables agree after a crash at any point; none asks the network.
import type { SettlementEffects } from '../relayer/worker.ts';
import { deviceEffects } from './deviceEffects.ts';
import { migrationEffects } from './migrationEffects.ts';
import { provisioningEffect } from './provisioning.ts';
import { withdrawalEffect } from './withdrawalOutcome.ts';

export function settlementEffects(deps: { nowMs: () => number; nativeTokenId: string }): SettlementEffects {
  return {
    'provision-settlement': provisioningEffect(deps.nowMs),
    'withdraw-settlement': withdrawalEffect(deps),
    ...migrationEffects(deps),
    ...deviceEffects(deps),
  };
}
