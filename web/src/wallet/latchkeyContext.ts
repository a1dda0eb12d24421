// The one place where screens get the SDK client from. main.tsx provides the real client, tests their own.
import type { createLatchkey } from '@latchkey/sdk';
import { createContext, useContext } from 'react';

export type Latchkey = ReturnType<typeof createLatchkey>;

export const LatchkeyContext = createContext<Latchkey | null>(null);

/** The SDK client. Throws outside a provider: that is a mistake in the app, not something a person can cause. */
export function useLatchkey(): Latchkey {
  const latchkey = useContext(LatchkeyContext);
  if (latchkey === null) throw new Error('useLatchkey: no LatchkeyContext provider above this component');
  return latchkey;
}
