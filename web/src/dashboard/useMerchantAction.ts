// One thing a merchant can do on a screen, with the session minded: SESSION_EXPIRED ends it, which sends the person to
// sign in, and is not shown as a failure.
import { type Task, useTask } from '../wallet/useTask.ts';
import { merchantFailureOf } from './failure.ts';
import { useSession } from './session.tsx';

export function useMerchantAction<Args extends unknown[]>(
  perform: (...args: Args) => Promise<void>,
): Task<Args> {
  const { expire } = useSession();
  return useTask(
    perform,
    (failure) => {
      if (failure.code !== 'SESSION_EXPIRED') return false;
      expire();
      return true;
    },
    merchantFailureOf,
  );
}
