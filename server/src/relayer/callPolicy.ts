// What a holder of an API key may have paid for, decided before a row is written or a key is touched. Whatever is not
// allowed is refused, and the refusal names its rule. The call itself may be anything that the key's terms list; who
// authorizes it has to be a known wallet, and never we. A contract may be created where the key allows it, of known
// wallet code. What a listed contract does when it is called, or created, is not looked at.

import { addressCredentials } from '@latchkey/sdk/chain';
import { extractBaseAddress } from '@stellar/stellar-sdk/base';
import type {
  HostFunction,
  MuxedAccount,
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

/** In the terms of a key, in the place of a contract: any known wallet, and one that does not exist yet. */
export const ANY_WALLET = 'wallet';
export const NEW_WALLET = 'new-wallet';
/** The only function of a new wallet. */
export const CREATE = 'create';
const DAY_MS = 86_400_000;
/** Submissions of one key that may wait at a time, so that no key fills the queue. */
const MAX_WAITING_PER_KEY = 500;

export type Call = { hostFunction: HostFunction; auth: SorobanAuthorizationEntry[] };

/** What decides about a call besides the key's own terms. */
export type Ground = {
  /** the addresses of the sponsor and of the channel accounts */
  own: readonly string[];
  wallets: KnownWallets;
  /** source account of a transaction that is not ours, which may authorize by having signed it */
  signedBy: string | null;
};

/** @returns the addresses that authorize the call. @throws SponsorRefusal */
export async function requireAllowedCall(call: Call, key: ApiKey, ground: Ground): Promise<string[]> {
  const isOfSource = (entry: SorobanAuthorizationEntry) =>
    ground.signedBy !== null && entry.credentials.type === 'sorobanCredentialsSourceAccount';
  const addresses = authorizers(
    call.auth.filter((it) => !isOfSource(it)),
    ground.own,
  );
  for (const entry of call.auth) {
    if (addressCredentials(entry)?.signature.type === 'scvVoid')
      throw new SponsorRefusal('signed', 'an authorization entry has no signature');
  }
  const terms = JSON.parse(key.allowed) as AllowedCall[];
  if (isCreation(call.hostFunction)) {
    const signers = call.auth.some(isOfSource) ? [...addresses, ground.signedBy] : addresses;
    await requireAllowedCreation(call.hostFunction, signers, terms, ground.wallets);
    return addresses;
  }
  const { contractAddress, functionName } = contractCallOf(call.hostFunction);
  const contract = String(contractAddress.toJson());
  const permits = (name: string) =>
    terms.some((it) => it.contract === name && it.functions.includes(String(functionName)));
  const asWallet = !permits(contract) && permits(ANY_WALLET);
  if (!permits(contract) && !asWallet) {
    throw new SponsorRefusal('allowed-call', `this key may not call ${functionName} of ${contract}`);
  }
  const [stranger] = await ground.wallets.strangers(asWallet ? [...addresses, contract] : addresses);
  if (stranger !== undefined)
    throw new SponsorRefusal('known-wallet', `${stranger} is no wallet that is known here`);
  return addresses;
}

type Creation = Extract<
  HostFunction,
  { type: 'hostFunctionTypeCreateContract' | 'hostFunctionTypeCreateContractV2' }
>;

function isCreation(hostFunction: HostFunction): hostFunction is Creation {
  return (
    hostFunction.type === 'hostFunctionTypeCreateContract' ||
    hostFunction.type === 'hostFunctionTypeCreateContractV2'
  );
}

/** Whoever gives the new wallet its address signs for that, whatever account it is, and nobody else signs anything. */
async function requireAllowedCreation(
  creation: Creation,
  signers: (string | null)[],
  terms: AllowedCall[],
  wallets: KnownWallets,
): Promise<void> {
  const isAllowed = terms.some((it) => it.contract === NEW_WALLET && it.functions.includes(CREATE));
  if (!isAllowed) throw new SponsorRefusal('contract-call', 'this key may call contracts, and create none');
  const { contractIdPreimage: preimage, executable } = creation.value;
  const hash = executable.type === 'contractExecutableWasm' ? String(executable.value.toJson()) : null;
  if (hash === null || !(await wallets.isKnownCode(hash)))
    throw new SponsorRefusal('known-code', 'its code is no wallet that is known here');
  const creator =
    preimage.type === 'contractIdPreimageFromAddress' ? String(preimage.value.address.toJson()) : null;
  if (creator === null || signers.some((it) => it !== creator))
    throw new SponsorRefusal('known-wallet', 'only the creator of a wallet signs for its creation');
}

/** The account behind a source; a muxed address is another name of it. */
function accountOf(source: MuxedAccount): string {
  return extractBaseAddress(String(source.toJson()));
}

/** The one call in a transaction that its owner signed. @throws SponsorRefusal */
export function requireAllowedEnvelope(
  { tx, signatures }: TransactionV1Envelope,
  own: readonly string[],
  latestCloseTimeSeconds: bigint,
): { call: Call; sequenceSource: string; callSource: string } {
  const [operation] = tx.operations;
  if (tx.operations.length !== 1 || operation?.body.type !== 'invokeHostFunction')
    throw new SponsorRefusal('one-operation', 'a transaction has to be one contract call');
  const sequenceSource = accountOf(tx.sourceAccount);
  const callSource = accountOf(operation.sourceAccount ?? tx.sourceAccount);
  if ([sequenceSource, callSource].some((it) => own.includes(it)))
    throw new SponsorRefusal('own-sequence-number', 'a transaction has to have a source account of its own');
  if (signatures.length === 0) throw new SponsorRefusal('signed', 'the transaction has no signature');
  const { cond } = tx;
  const hasBegun = cond.type === 'precondTime' && cond.value.minTime <= latestCloseTimeSeconds;
  const validFor = cond.type === 'precondTime' ? cond.value.maxTime - latestCloseTimeSeconds : 0n;
  if (!hasBegun || validFor <= 0n || validFor > GIVEN_VALIDITY_SECONDS) {
    throw new SponsorRefusal(
      'time-bounds',
      `a transaction has to be valid now, and to end within ${GIVEN_VALIDITY_SECONDS} seconds`,
    );
  }
  return { call: operation.body.value, sequenceSource, callSource };
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
