// What the same transfer costs from OpenZeppelin's smart account (crate stellar-accounts, built in
// bench/peers/openzeppelin/): one passkey behind the crate's WebAuthn verifier is the only signer of the account's one
// rule. Network, passkey, page, amount, submission and metric are those of the wallet's transfer in bench/costs.ts.
// Not measured: policies, several rules or signers, and creating the account.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  addressToScVal,
  authorizationPayload,
  base64UrlToBytes,
  buildTransaction,
  bytesToBase64Url,
  compactSignature,
  contractAddress,
  invokeHostFunction,
  nativeTokenId,
  parseAddress,
  scBytes,
  scSymbol,
  simulate,
  tokenCalls,
  withExpiration,
  withSignature,
} from '@latchkey/sdk/chain';
import { createSoftwareAuthenticator, type SoftwareCredential } from '@latchkey/sdk/testing';
import { StrKey } from '@stellar/stellar-sdk/base';
import {
  ContractExecutable,
  ContractIdPreimage,
  ContractIdPreimageFromAddress,
  CreateContractArgsV2,
  HostFunction,
  ScMapEntry,
  ScVal,
  SorobanTransactionData,
} from '@stellar/stellar-sdk/xdr';
import { type Chain, resourceFeeWithHeadroom } from '../../server/src/relayer/attempt.ts';
import { createSponsor, type Sponsor } from '../../server/src/relayer/sponsor.ts';
import {
  AMOUNT_STROOPS,
  APPROVAL_LEDGERS,
  bytes32,
  type Cost,
  costOf,
  credential,
  keypair,
  MAX_FEE_STROOPS,
  ORIGIN,
  RP_ID,
} from '../costs.ts';
import { type MeteredNetwork, openMeteredNetwork } from '../meteredNetwork.ts';

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

/** Sends what the sponsor's relayer rightly refuses to sponsor: uploads and creations. */
async function submit({ rpc }: MeteredNetwork, sponsor: Sponsor, hostFunction: HostFunction): Promise<void> {
  const simulation = await simulate(rpc, { hostFunction, source: sponsor.address });
  const { ext, resources } = simulation.sorobanData;
  const resourceFee = resourceFeeWithHeadroom(simulation.minResourceFeeStroops);
  const transaction = buildTransaction({
    source: sponsor.address,
    sequenceNumber: (await sponsor.account()).sequenceNumber + 1n,
    feeStroops: Number(100n + resourceFee),
    validUntilSeconds: 0n,
    body: invokeHostFunction(hostFunction, simulation.auth),
    sorobanData: new SorobanTransactionData({ ext, resources, resourceFee }),
  });
  const { envelopeXdr, hash } = await sponsor.sign(transaction);
  await rpc.call('sendTransaction', { transaction: envelopeXdr });
  const { status, resultXdr } = await rpc.call('getTransaction', { hash });
  if (status !== 'SUCCESS') throw new Error(`${hostFunction.type} ended as ${status}: ${resultXdr}`);
}

/** Uploads a contract and creates it. @returns its address */
async function create(
  net: MeteredNetwork,
  sponsor: Sponsor,
  name: 'account' | 'verifier',
  constructorArgs: ScVal[],
): Promise<string> {
  const code = await readFile(new URL(`${name}.wasm`, wasmFolder));
  await submit(net, sponsor, HostFunction.hostFunctionTypeUploadContractWasm(code));
  const contractIdPreimage = ContractIdPreimage.contractIdPreimageFromAddress(
    new ContractIdPreimageFromAddress({ address: parseAddress(sponsor.address), salt: bytes32(name) }),
  );
  const executable = ContractExecutable.contractExecutableWasm(createHash('sha256').update(code).digest());
  const creation = new CreateContractArgsV2({ contractIdPreimage, executable, constructorArgs });
  await submit(net, sponsor, HostFunction.hostFunctionTypeCreateContractV2(creation));
  return contractAddress(contractIdPreimage, net.passphrase);
}

/** The crate's `AuthPayload` with one assertion, for the one entry that the call needs. */
async function approved(
  net: MeteredNetwork,
  account: string,
  signer: ScVal,
  owner: SoftwareCredential,
  hostFunction: HostFunction,
  challengeOf: ChallengeOf,
): Promise<string[]> {
  const { auth, latestLedger } = await simulate(net.rpc, { hostFunction });
  const [unsigned, ...others] = auth;
  if (!unsigned || others.length > 0) throw new Error('a transfer needs exactly the approval of its account');
  const entry = withExpiration(unsigned, latestLedger + APPROVAL_LEDGERS);
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
  return [withSignature(entry, signature).toXdr('base64')];
}

/**
 * Measures one transfer of the native asset to a contract address that has a balance already.
 * @param challengeOf what the passkey signs; the account accepts `authDigest` and nothing else
 */
export async function measureOpenZeppelin(challengeOf: ChallengeOf = authDigest): Promise<Cost> {
  const net = await openMeteredNetwork();
  const { rpc, passphrase } = net;
  const sponsorKey = keypair('sponsor');
  net.fund(sponsorKey.publicKey());
  const sponsor = createSponsor(rpc, sponsorKey.secret(), passphrase);
  // The relayer needs a factory's address for deployments only; here is none, so that no change to the product's own
  // contracts moves these numbers.
  const chain: Chain = {
    rpc,
    sponsor,
    factoryId: '',
    maxFeeStroops: MAX_FEE_STROOPS,
    confirmNetwork: async () => {},
  };

  const owner = credential('passkey');
  const signer = externalSigner(await create(net, sponsor, 'verifier', []), owner);
  const account = await create(net, sponsor, 'account', [ScVal.scvVec([signer]), ScVal.scvMap([])]);
  const recipient = StrKey.encodeContract(Buffer.from(bytes32('recipient')));
  for (const address of [account, recipient]) net.fund(address);
  const call = tokenCalls.transfer(await nativeTokenId(passphrase), account, recipient, AMOUNT_STROOPS);
  const transfer = async () =>
    costOf(net, chain, 'transfer', call, await approved(net, account, signer, owner, call, challengeOf));
  // The first transfer pays to extend the rule's and the signer's life to 30 days; that is not a transfer's price.
  await transfer();
  return transfer();
}
