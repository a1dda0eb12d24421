// What the withdrawal form and its review share: the draft as typed, the prepared withdrawal to approve, and the errors that
// came up only on approval. In memory only: an approval must never be made from stale state.
import type { PreparedWithdrawal } from '@latchkey/sdk/merchant';
import { useState } from 'react';
import { Outlet, useOutletContext } from 'react-router';
import { type DraftErrors, NO_ERRORS, type WithdrawDraft } from './withdrawForm.ts';

export interface WithdrawFlow {
  draft: WithdrawDraft;
  setDraft: (draft: WithdrawDraft) => void;
  prepared: PreparedWithdrawal | null;
  setPrepared: (prepared: PreparedWithdrawal | null) => void;
  errors: DraftErrors;
  setErrors: (errors: DraftErrors) => void;
}

export function WithdrawFlowProvider() {
  const [draft, setDraft] = useState<WithdrawDraft>({ amount: '', destination: '', memo: '' });
  const [prepared, setPrepared] = useState<PreparedWithdrawal | null>(null);
  const [errors, setErrors] = useState(NO_ERRORS);
  const flow: WithdrawFlow = { draft, setDraft, prepared, setPrepared, errors, setErrors };
  return <Outlet context={flow} />;
}

export const useWithdrawFlow = (): WithdrawFlow => useOutletContext<WithdrawFlow>();
