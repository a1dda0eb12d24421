// One thing a person can do on a screen, with the session minded: SESSION_EXPIRED ends it, which sends the person to
// sign in, and is not shown as a failure.
import { useSession } from './session.tsx';
import { type Task, useTask } from './useTask.ts';

export type Action<Args extends unknown[]> = Task<Args>;

export function useAction<Args extends unknown[]>(perform: (...args: Args) => Promise<void>): Action<Args> {
  const { expire } = useSession();
  return useTask(perform, (failure) => {
    if (failure.code !== 'SESSION_EXPIRED') return false;
    expire();
    return true;
  });
}
