// What a development network has from the start when asked for: funded accounts with known keys, and the test USDC with
// a line and a balance for each of them. Made by ordinary transactions; what is there already (from a state file) is
// left as it is, so this can be repeated.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { accountIdOf, getAccount } from '../ledger/account.ts';
import { rootSigner } from '../ledger/genesis.ts';
import { STARTING_BALANCE_STROOPS } from '../network/friendbot.ts';
import type { Network } from '../network/network.ts';
import { applyHostFunction, applyOperations, operation } from '../network/ownTransaction.ts';
import type { AccountKey } from './seededAccounts.ts';
import { contractCreation, lacksLine, type TestUsdc, trustBody } from './testUsdc.ts';

/** stellar-core's limits: 20 signatures (one is the issuer's), 100 operations. */
const MAX_OTHER_SIGNERS = 19;
const MAX_OPERATIONS = 100;

/** @throws OwnTransactionError */
export function setUpDevelopment(network: Network): void {
  const { accounts, usdc } = network;
  createAccounts(network, usdc ? [...accounts, usdc.issuer] : accounts);
  if (!usdc) return;
  giveLines(network, usdc, accounts);
  const creation = contractCreation(network.ledger, usdc);
  if (creation) applyHostFunction(network, usdc.issuer.signer, creation);
}

function createAccounts(network: Network, accounts: readonly AccountKey[]): void {
  const missing = accounts.filter(({ signer }) => !getAccount(network.ledger, signer.publicKey));
  for (const part of parts(missing, MAX_OPERATIONS)) {
    const operations = part.map(({ signer }) =>
      operation(
        xdr.OperationBody.createAccount(
          new xdr.CreateAccountOp({
            destination: accountIdOf(signer.publicKey),
            startingBalance: STARTING_BALANCE_STROOPS,
          }),
        ),
      ),
    );
    applyOperations(network, [rootSigner(network.ledger.networkId)], operations);
  }
}

function giveLines(network: Network, usdc: TestUsdc, accounts: readonly AccountKey[]): void {
  const without = accounts.filter((account) => lacksLine(network.ledger, usdc, account));
  for (const part of parts(without, MAX_OTHER_SIGNERS)) {
    const operations = part.flatMap(({ signer }) => [
      operation(trustBody(usdc), signer),
      operation(
        xdr.OperationBody.payment(
          new xdr.PaymentOp({
            destination: xdr.MuxedAccount.keyTypeEd25519(signer.publicKey),
            asset: usdc.asset,
            amount: STARTING_BALANCE_STROOPS,
          }),
        ),
      ),
    ]);
    applyOperations(network, [usdc.issuer.signer, ...part.map(({ signer }) => signer)], operations);
  }
}

function parts<Item>(items: readonly Item[], size: number): Item[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
