// What the send and review screens share: the draft as typed and the prepared transfer to approve. Lives in memory
// only; a reload of the review goes back to the form, because an approval must never be made from stale state.
import type { PreparedTransfer } from '@latchkey/sdk';
import { useState } from 'react';
import { Outlet, useOutletContext } from 'react-router';
import type { TransferDraft } from './transferForm.ts';

export interface SendFlow {
  draft: TransferDraft & { token: string | null };
  setDraft: (draft: SendFlow['draft']) => void;
  prepared: PreparedTransfer | null;
  setPrepared: (prepared: PreparedTransfer | null) => void;
}

export function SendFlowProvider() {
  const [draft, setDraft] = useState<SendFlow['draft']>({ to: '', amount: '', token: null });
  const [prepared, setPrepared] = useState<PreparedTransfer | null>(null);
  const flow: SendFlow = { draft, setDraft, prepared, setPrepared };
  return <Outlet context={flow} />;
}

export const useSendFlow = (): SendFlow => useOutletContext<SendFlow>();
