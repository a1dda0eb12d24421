// The operations this network knows. `handlerOf` answers null for all others, and for payments in credit assets;
// such an operation fails with opNOT_SUPPORTED.
import type * as xdr from '@stellar/stellar-sdk/xdr';
import { createAccount } from './createAccount.ts';
import { extendFootprintTtl } from './extendFootprintTtl.ts';
import { invokeHostFunction } from './invokeHostFunction.ts';
import type { OperationHandler } from './operation.ts';
import { payment } from './payment.ts';
import { restoreFootprint } from './restoreFootprint.ts';

const HANDLERS = {
  createAccount,
  payment,
  invokeHostFunction,
  extendFootprintTtl,
  restoreFootprint,
} as const;

export function handlerOf(body: xdr.OperationBody): OperationHandler | null {
  if (!(body.type in HANDLERS)) return null;
  if (body.type === 'payment' && body.paymentOp.asset.type !== 'assetTypeNative') return null;
  return HANDLERS[body.type as keyof typeof HANDLERS] as OperationHandler;
}
