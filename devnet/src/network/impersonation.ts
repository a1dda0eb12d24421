// Addresses whose authorization is taken for granted, for developers: transactions and operations of an impersonated
// account need no signature, and contract calls that need an impersonated address's authorization get it. Fees,
// sequence numbers and everything else stay as they are. Kept in memory, not with the ledger.
import * as xdr from '@stellar/stellar-sdk/xdr';
import type { Network } from './network.ts';

const MAX_IMPERSONATED = 100;

/** @throws RangeError */
export function impersonate(network: Network, address: string): void {
  const { impersonated } = network.ledger;
  if (impersonated.size >= MAX_IMPERSONATED) {
    throw new RangeError(`more than ${MAX_IMPERSONATED} impersonated addresses`);
  }
  impersonated.add(checkedAddress(address));
}

/** @throws RangeError when the address is not impersonated */
export function stopImpersonating(network: Network, address: string): void {
  const wasImpersonated = network.ledger.impersonated.delete(checkedAddress(address));
  if (!wasImpersonated) throw new RangeError(`${address} is not impersonated`);
}

function checkedAddress(address: string): string {
  try {
    const { type } = xdr.ScAddress.fromJson(address);
    if (type === 'scAddressTypeAccount' || type === 'scAddressTypeContract') return address;
  } catch {
    // falls through to the one error for all bad addresses
  }
  throw new RangeError('the address must be an account (G...) or a contract (C...)');
}
