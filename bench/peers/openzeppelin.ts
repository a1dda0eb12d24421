// What the same transfer costs from OpenZeppelin's smart account (crate stellar-accounts, built in
// bench/peers/openzeppelin/): one passkey behind the crate's WebAuthn verifier is the only signer of the account's one
// rule. Network, passkey, page, amount, submission and metric are those of the wallet's own transfer (bench/operations/).
// Not measured: policies, several rules or signers, and creating the account.
import { createHash } from 'node:crypto';
import {
  addressToScVal,
  authorizationPayload,
  base64UrlToBytes,
  bytesToBase64Url,
  compactSignature,
  nativeTokenId,
  scBytes,
  scSymbol,
  tokenCalls,
  withSignature,
} from '@latchkey/sdk/chain';
import { createSoftwareAuthenticator, type SoftwareCredential } from '@latchkey/sdk/testing';
import {
  type HostFunction,
  ScMapEntry,
  ScVal,
  type SorobanAuthorizationEntry,
} from '@stellar/stellar-sdk/xdr';
import { type MeteredNetwork, openMeteredNetwork } from '../meteredNetwork.ts';
import { AMOUNT_STROOPS, credential, ORIGIN, RECIPIENT, RP_ID } from '../participants.ts';
import { unsignedEntry } from '../signing.ts';
import { type Cost, create, fundedSponsor, relay, relayerOf } from '../submitting.ts';

const wasmFolder = new URL('openzeppelin/wasm/', import.meta.url);
/** The constructor's rule is the account's first. A transfer is one authorization context, so it names one rule. */
const RULE_IDS = ScVal.scvVec([ScVal.scvU32(0)]);

/** A `#[contracttype]` struct with symbols for keys; they have to come sorted. */
const struct = (...fields: [name: string, value: ScVal][]) =>
  ScVal.scvMap(fields.map(([name, val]) => new ScMapEntry({ key: scSymbol(name), val })));

/** The crate's `Signer::External`: a verifier and the key it checks with. */
const externalSigner = (verifier: string, { publicKey }: SoftwareCredential) =>
  ScVal.scvVec([scSymbol('External'), addressToScVal(verifier), scBytes(publicKey)]);

/** Decides what the passkey signs, from the account's address and the host's payload. */
export type ChallengeOf = (account: string, payload: Uint8Array) => Uint8Array;

/** The digest of the crate's `AuthDigestPreimage`: since 0.8.0 it binds the account and the rules as well. */
export const authDigest: ChallengeOf = (account, payload) => {
  const preimage = struct(
    ['account', addressToScVal(account)],
    ['context_rule_ids', RULE_IDS],
    ['signature_payload', scBytes(payload)],
  );
  return new Uint8Array(createHash('sha256').update(preimage.toXdr()).digest());
};

/** The crate's `AuthPayload` with one assertion, for the one entry that the call needs. */
async function approved(
  net: MeteredNetwork,
  account: string,
  signer: ScVal,
  owner: SoftwareCredential,
  hostFunction: HostFunction,
  challengeOf: ChallengeOf,
): Promise<SorobanAuthorizationEntry[]> {
  const entry = await unsignedEntry(net, hostFunction);
  const payload = await authorizationPayload(entry, net.passphrase);
  const authenticator = createSoftwareAuthenticator({ origin: ORIGIN, rpId: RP_ID });
  authenticator.credentials.push(owner);
  const { response } = await authenticator.authenticate({
    challenge: bytesToBase64Url(challengeOf(account, payload)),
    rpId: RP_ID,
  });
  const assertion = struct(
    ['authenticator_data', scBytes(base64UrlToBytes(response.authenticatorData))],
    ['client_data', scBytes(base64UrlToBytes(response.clientDataJSON))],
    ['signature', scBytes(compactSignature(base64UrlToBytes(response.signature)))],
  );
  const signers = ScVal.scvMap([new ScMapEntry({ key: signer, val: scBytes(assertion.toXdr()) })]);
  const signature = struct(['context_rule_ids', RULE_IDS], ['signers', signers]);
  return [withSignature(entry, signature)];
}

/**
 * Measures one transfer of the native asset to a contract address that has a balance already.
 * @param challengeOf what the passkey signs; the account accepts `authDigest` and nothing else
 */
export async function measureOpenZeppelin(challengeOf: ChallengeOf = authDigest): Promise<Cost> {
  const net = await openMeteredNetwork();
  const sponsor = fundedSponsor(net);
  const relayer = relayerOf(net, sponsor);
  const deployed = (name: string, constructorArgs: ScVal[]) =>
    create(net, sponsor, name, new URL(`${name}.wasm`, wasmFolder), constructorArgs);

  const owner = credential('passkey');
  const signer = externalSigner(await deployed('verifier', []), owner);
  const account = await deployed('account', [ScVal.scvVec([signer]), ScVal.scvMap([])]);
  for (const address of [account, RECIPIENT]) net.fund(address);
  const call = tokenCalls.transfer(await nativeTokenId(net.passphrase), account, RECIPIENT, AMOUNT_STROOPS);
  const transfer = async () =>
    relay(net, relayer, 'transfer', call, await approved(net, account, signer, owner, call, challengeOf));
  // The first transfer pays to extend the rule's and the signer's life to 30 days; that is not a transfer's price.
  await transfer();
  return transfer();
}
