// The operations this network knows. `handlerOf` answers null for all others, and for trust lines to pool shares;
// such an operation fails with opNOT_SUPPORTED.
import type * as xdr from '@stellar/stellar-sdk/xdr';
import { accountMerge } from './accountMerge.ts';
import { beginSponsoringFutureReserves } from './beginSponsoringFutureReserves.ts';
import { bumpSequence } from './bumpSequence.ts';
import { changeTrust } from './changeTrust.ts';
import { claimClaimableBalance } from './claimClaimableBalance.ts';
import { clawback } from './clawback.ts';
import { clawbackClaimableBalance } from './clawbackClaimableBalance.ts';
import { createAccount } from './createAccount.ts';
import { createClaimableBalance } from './createClaimableBalance.ts';
import { endSponsoringFutureReserves } from './endSponsoringFutureReserves.ts';
import { extendFootprintTtl } from './extendFootprintTtl.ts';
import { invokeHostFunction } from './invokeHostFunction.ts';
import { manageData } from './manageData.ts';
import type { OperationHandler } from './operation.ts';
import { payment } from './payment.ts';
import { restoreFootprint } from './restoreFootprint.ts';
import { revokeSponsorship } from './revokeSponsorship.ts';
import { setOptions } from './setOptions.ts';
import { setTrustLineFlags } from './setTrustLineFlags.ts';

const HANDLERS = {
  createAccount,
  payment,
  setOptions,
  changeTrust,
  accountMerge,
  manageData,
  bumpSequence,
  createClaimableBalance,
  claimClaimableBalance,
  beginSponsoringFutureReserves,
  endSponsoringFutureReserves,
  revokeSponsorship,
  clawback,
  clawbackClaimableBalance,
  setTrustLineFlags,
  invokeHostFunction,
  extendFootprintTtl,
  restoreFootprint,
} as const;

export function handlerOf(body: xdr.OperationBody): OperationHandler | null {
  if (!(body.type in HANDLERS)) return null;
  if (body.type === 'changeTrust' && body.changeTrustOp.line.type === 'assetTypePoolShare') return null;
  return HANDLERS[body.type as keyof typeof HANDLERS] as OperationHandler;
}
