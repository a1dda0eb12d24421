// Friendbot: pays 10,000 XLM from the root account, or 10,000 of the test USDC from its issuer, to a G or C address, by a
// real transaction that is stored like any other. An account that already has that many XLM is refused, in the words
// that clients look for.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { accountIdOf, getAccount } from '../ledger/account.ts';
import { accountAddress, i128 } from '../ledger/classicEvents.ts';
import type { Ed25519Signer } from '../ledger/ed25519.ts';
import { rootSigner } from '../ledger/genesis.ts';
import { getTrustLine } from '../ledger/trustline.ts';
import { USDC_CODE } from '../setup/testUsdc.ts';
import type { Network } from './network.ts';
import { applyHostFunction, applyOperations, OwnTransactionError, operation } from './ownTransaction.ts';

/** Of XLM or of USDC: both have seven decimals. */
export const STARTING_BALANCE_STROOPS = 100_000_000_000n;
export const FUNDED_ASSETS = ['XLM', USDC_CODE] as const;
export type FundedAsset = (typeof FUNDED_ASSETS)[number];

export type FriendbotErrorCode =
  | 'INVALID_ADDRESS'
  | 'UNKNOWN_ASSET'
  | 'NO_TRUST_LINE'
  | 'ALREADY_FUNDED'
  | 'FUNDING_FAILED';

export class FriendbotError extends Error {
  readonly code: FriendbotErrorCode;

  constructor(code: FriendbotErrorCode, message: string) {
    super(message);
    this.name = 'FriendbotError';
    this.code = code;
  }
}

export type Funding = {
  readonly hash: string;
  readonly envelopeXdr: Uint8Array;
  readonly metaXdr: Uint8Array;
};

/** @throws FriendbotError */
export function fund(network: Network, address: string, asset = 'XLM'): Funding {
  network.advance();
  const target = parseAddress(address);
  try {
    if (asset === USDC_CODE) return payUsdc(network, target);
    if (asset !== 'XLM') {
      throw new FriendbotError('UNKNOWN_ASSET', `asset must be one of ${FUNDED_ASSETS.join(', ')}`);
    }
    const root = rootSigner(network.ledger.networkId);
    return target.type === 'scAddressTypeAccount'
      ? payAccount(network, root, target.accountId.value.toBytes())
      : payContract(network, root, network.ledger.nativeContractId, target);
  } catch (error) {
    if (!(error instanceof OwnTransactionError)) throw error;
    throw new FriendbotError('FUNDING_FAILED', error.message);
  }
}

type Target = Extract<xdr.ScAddress, { type: 'scAddressTypeAccount' | 'scAddressTypeContract' }>;

function parseAddress(address: string): Target {
  try {
    const parsed = xdr.ScAddress.fromJson(address);
    if (parsed.type === 'scAddressTypeAccount' || parsed.type === 'scAddressTypeContract') return parsed;
  } catch {
    // falls through to the one error for all bad addresses
  }
  throw new FriendbotError('INVALID_ADDRESS', 'the address must be an account (G...) or a contract (C...)');
}

function payAccount(network: Network, root: Ed25519Signer, publicKey: Uint8Array): Funding {
  const account = getAccount(network.ledger, publicKey);
  if (account && account.balance >= STARTING_BALANCE_STROOPS) {
    throw new FriendbotError('ALREADY_FUNDED', 'account already funded to starting balance');
  }
  const create = new xdr.CreateAccountOp({
    destination: accountIdOf(publicKey),
    startingBalance: STARTING_BALANCE_STROOPS,
  });
  const body = account
    ? payment(publicKey, xdr.Asset.assetTypeNative())
    : xdr.OperationBody.createAccount(create);
  return applyOperations(network, [root], [operation(body)]);
}

function payUsdc(network: Network, target: Target): Funding {
  const { usdc } = network;
  if (!usdc) throw new FriendbotError('UNKNOWN_ASSET', 'this network was started without the test USDC');
  if (target.type === 'scAddressTypeContract') {
    return payContract(network, usdc.issuer.signer, usdc.contractId, target);
  }
  const publicKey = target.accountId.value.toBytes();
  if (!getTrustLine(network.ledger, publicKey, usdc.asset)) {
    const name = `${USDC_CODE}:${usdc.issuer.publicKey}`;
    throw new FriendbotError('NO_TRUST_LINE', `the account has no trust line for ${name}`);
  }
  return applyOperations(network, [usdc.issuer.signer], [operation(payment(publicKey, usdc.asset))]);
}

function payment(publicKey: Uint8Array, asset: xdr.Asset): xdr.OperationBody {
  const destination = xdr.MuxedAccount.keyTypeEd25519(publicKey);
  return xdr.OperationBody.payment(
    new xdr.PaymentOp({ destination, asset, amount: STARTING_BALANCE_STROOPS }),
  );
}

function payContract(
  network: Network,
  payer: Ed25519Signer,
  assetContractId: Uint8Array,
  contract: xdr.ScAddress,
): Funding {
  const hostFunction = xdr.HostFunction.hostFunctionTypeInvokeContract(
    new xdr.InvokeContractArgs({
      contractAddress: xdr.ScAddress.scAddressTypeContract(new xdr.ContractId(assetContractId)),
      functionName: 'transfer',
      args: [accountAddress(payer.publicKey), xdr.ScVal.scvAddress(contract), i128(STARTING_BALANCE_STROOPS)],
    }),
  );
  return applyHostFunction(network, payer, hostFunction);
}
