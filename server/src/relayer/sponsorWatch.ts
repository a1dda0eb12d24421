// Looks at the sponsor's balance from time to time, and warns once when it falls below the threshold. The last answer
// is kept for metrics and readiness; it is up to a minute old.
import type { Logger } from 'pino';
import type { Sponsor } from './sponsor.ts';

const LOOK_EVERY_MS = 60_000;

export type SponsorWatch = {
  /** Asks the network when the last answer is old. @throws LatchkeyError NETWORK_UNAVAILABLE */
  look(): Promise<void>;
  /** null before the first answer */
  balanceStroops(): bigint | null;
  isLow(): boolean;
};

export function createSponsorWatch(deps: {
  sponsor: Sponsor;
  lowStroops: bigint;
  nowMs: () => number;
  log: Logger;
}): SponsorWatch {
  const { sponsor, lowStroops, nowMs, log } = deps;
  let balance: bigint | null = null;
  let lookedAt = Number.NEGATIVE_INFINITY;
  const isLow = () => balance !== null && balance < lowStroops;
  return {
    async look() {
      if (nowMs() - lookedAt < LOOK_EVERY_MS) return;
      const wasLow = isLow();
      balance = (await sponsor.account()).balanceStroops;
      lookedAt = nowMs();
      if (isLow() && !wasLow) {
        const figures = { balanceStroops: String(balance), thresholdStroops: String(lowStroops) };
        log.error({ sponsor: sponsor.address, ...figures }, 'the sponsor needs money');
      }
    },
    balanceStroops: () => balance,
    isLow,
  };
}
