// A migration in words: what has happened, what happens now and what comes next, from its state. The states are the
// service's; several of them are one step for a person.
import type { Migration } from '@latchkey/sdk/merchant';

export type StepStatus = 'done' | 'now' | 'later' | 'failed';

export interface MigrationStep {
  title: string;
  status: StepStatus;
}

type State = Migration['state'];

/** Each step with the states in which it is the present one. */
const STEPS: readonly { title: string; during: readonly State[] }[] = [
  { title: 'You approve what is moved', during: ['ready'] },
  { title: 'The balance moves to your new wallet', during: ['confirmed', 'transferring'] },
  { title: 'The old account is emptied and closed', during: ['transferred', 'closing'] },
  { title: 'The old key is deleted', during: ['closed'] },
];

const ORDER: readonly State[] = [
  'ready',
  'confirmed',
  'transferring',
  'transferred',
  'closing',
  'closed',
  'done',
];

export function migrationSteps({ state, error }: Pick<Migration, 'state' | 'error'>): MigrationStep[] {
  return STEPS.map(({ title, during }) => {
    if (during.includes(state)) return { title, status: error ? 'failed' : 'now' };
    return { title, status: ORDER.indexOf(state) > ORDER.indexOf(during.at(-1)!) ? 'done' : 'later' };
  });
}

export const STATUS_WORDS: Record<StepStatus, string> = {
  done: 'Done',
  now: 'In progress',
  later: 'Not yet',
  failed: 'Stopped',
};

/** Where payments go in this state, which is what a merchant wants to know when something stopped. */
export function whereMoneyIs({ state }: Pick<Migration, 'state'>): string {
  switch (state) {
    case 'ready':
    case 'confirmed':
    case 'transferring':
      return 'Your money is in the managed account, and payments arrive there as before.';
    case 'transferred':
    case 'closing':
      return 'Your money is in your new wallet, and payments go there. What still reaches the old account is moved too.';
    case 'closed':
    case 'done':
      return 'Your money is in your new wallet, and payments go there.';
  }
}
