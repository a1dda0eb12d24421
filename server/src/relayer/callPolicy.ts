// What a holder of an API key may have paid for, decided before a row is written or a key is touched. Whatever is not
// allowed is refused, and the refusal names its rule. The call itself may be anything that the key's terms list; who
// authorizes it has to be a known wallet, and never we. What a listed contract does when it is called is not looked at.

import { addressCredentials } from '@latchkey/sdk/chain';
import type {
  HostFunction,
  SorobanAuthorizationEntry,
  TransactionV1Envelope,
} from '@stellar/stellar-sdk/xdr';
import type { AllowedCall, ApiKey } from '../db/apiKeys.ts';
import type { Db } from '../db/database.ts';
import { ofWalletSince, stroopsSince, submissionLoad } from '../db/submissions.ts';
import { GIVEN_VALIDITY_SECONDS } from './attempt.ts';
import { bumpFeeStroops } from './bids.ts';
import type { KnownWallets } from './knownWallets.ts';
import { authorizers, contractCallOf, SponsorRefusal } from './policy.ts';

/** In the terms of a key: any known wallet. */
export const ANY_WALLET = 'wallet';
const DAY_MS = 86_400_000;
/** Submissions of one key that may wait at a time, so that no key fills the queue. */
const MAX_WAITING_PER_KEY = 500;

export type Call = { hostFunction: HostFunction; auth: SorobanAuthorizationEntry[] };

/** @returns the addresses that authorize the call. @throws SponsorRefusal */
export async function requireAllowedCall(
  call: Call,
  key: ApiKey,
  ours: { own: readonly string[]; wallets: KnownWallets },
  /** the transaction has a source account of its own, which may authorize by having signed it */
  hasOwnSource: boolean,
): Promise<string[]> {
  const { contractAddress, functionName } = contractCallOf(call.hostFunction);
  const isOfSource = (entry: SorobanAuthorizationEntry) =>
    hasOwnSource && entry.credentials.type === 'sorobanCredentialsSourceAccount';
  const addresses = authorizers(
    call.auth.filter((it) => !isOfSource(it)),
    ours.own,
  );
  for (const entry of call.auth) {
    if (addressCredentials(entry)?.signature.type === 'scvVoid')
      throw new SponsorRefusal('signed', 'an authorization entry has no signature');
  }
  const contract = String(contractAddress.toJson());
  const allowed = JSON.parse(key.allowed) as AllowedCall[];
  const permits = (name: string) =>
    allowed.some((it) => it.contract === name && it.functions.includes(String(functionName)));
  const asWallet = !permits(contract) && permits(ANY_WALLET);
  if (!permits(contract) && !asWallet) {
    throw new SponsorRefusal('allowed-call', `this key may not call ${functionName} of ${contract}`);
  }
  const [stranger] = await ours.wallets.strangers(asWallet ? [...addresses, contract] : addresses);
  if (stranger !== undefined)
    throw new SponsorRefusal('known-wallet', `${stranger} is no wallet that is known here`);
  return addresses;
}

/** The one call in a transaction that its owner signed. @throws SponsorRefusal */
export function requireAllowedEnvelope(
  { tx, signatures }: TransactionV1Envelope,
  own: readonly string[],
  latestCloseTimeSeconds: bigint,
): Call {
  const [operation] = tx.operations;
  if (tx.operations.length !== 1 || operation?.body.type !== 'invokeHostFunction')
    throw new SponsorRefusal('one-operation', 'a transaction has to be one contract call');
  const sources = [tx.sourceAccount, operation.sourceAccount ?? tx.sourceAccount].map((it) =>
    String(it.toJson()),
  );
  if (sources.some((it) => own.includes(it)))
    throw new SponsorRefusal('own-sequence-number', 'a transaction has to have a source account of its own');
  if (signatures.length === 0) throw new SponsorRefusal('signed', 'the transaction has no signature');
  const { cond } = tx;
  const validFor = cond.type === 'precondTime' ? cond.value.maxTime - latestCloseTimeSeconds : 0n;
  if (validFor <= 0n || validFor > GIVEN_VALIDITY_SECONDS) {
    throw new SponsorRefusal(
      'time-bounds',
      `a transaction has to end within ${GIVEN_VALIDITY_SECONDS} seconds, and not have ended`,
    );
  }
  return operation.body.value;
}

/** @throws SponsorRefusal when the request's ceiling, or a lower one, cannot carry what the transaction declares */
export function requireAffordable({ tx }: TransactionV1Envelope, maxFeeStroops: bigint): void {
  if (bumpFeeStroops(tx, 0n) > maxFeeStroops)
    throw new SponsorRefusal('fee-ceiling', `its resource fee alone is above ${maxFeeStroops} stroops`);
}

/** Run it in the transaction that writes the row. @throws SponsorRefusal */
export async function requireWithinQuota(
  db: Db,
  key: ApiKey,
  wallet: string | null,
  maxFeeStroops: bigint,
  nowMs: number,
): Promise<void> {
  const since = nowMs - DAY_MS;
  const load = await submissionLoad(db, { apiKeyId: key.id }, since);
  if (load.waitingOfOwner >= MAX_WAITING_PER_KEY)
    throw new SponsorRefusal('queue-per-key', `${MAX_WAITING_PER_KEY} submissions of this key are waiting`);
  if (load.ofOwner >= key.submissions_per_day)
    throw new SponsorRefusal('submissions-per-day', `${key.submissions_per_day} a day for this key`);
  if ((await stroopsSince(db, key.id, since)) + maxFeeStroops > BigInt(key.stroops_per_day))
    throw new SponsorRefusal('stroops-per-day', `${key.stroops_per_day} stroops a day for this key`);
  if (wallet === null) return;
  if ((await ofWalletSince(db, key.id, wallet, since)) >= key.wallet_submissions_per_day)
    throw new SponsorRefusal(
      'wallet-submissions-per-day',
      `${key.wallet_submissions_per_day} a day for this wallet`,
    );
}
