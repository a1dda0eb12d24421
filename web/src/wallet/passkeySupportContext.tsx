// Whether this browser can use passkeys, found out once, before any passkey button is offered.
import { passkeySupport } from '@latchkey/sdk';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';

export type PasskeySupport = 'checking' | Awaited<ReturnType<typeof passkeySupport>>;

const PasskeySupportContext = createContext<PasskeySupport>('checking');

export function PasskeySupportProvider({ children }: { children: ReactNode }) {
  const [support, setSupport] = useState<PasskeySupport>('checking');
  useEffect(() => {
    passkeySupport().then(setSupport, () => setSupport({ supported: false, reason: 'no-webauthn' }));
  }, []);
  return <PasskeySupportContext value={support}>{children}</PasskeySupportContext>;
}

export const usePasskeySupport = (): PasskeySupport => useContext(PasskeySupportContext);
