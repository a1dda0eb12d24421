// What the wallet's operations cost on chain: deploying, paying a contract, paying an account, replacing the signer.
// Each goes the way the server sends it (guardian, policy, simulation, envelope) on a network where nothing is left to
// chance, so that the same wasm gives the same numbers to the last digit. A payment goes to somebody who already has
// a balance: the rent of a first balance is the recipient's, not the transfer's.
import { createHash } from 'node:crypto';
import {
  addressCredentials,
  authorizationPayload,
  base64ToBytes,
  base64UrlToBytes,
  bytesToBase64Url,
  encodeSignature,
  factoryCalls,
  passkeyPart,
  type SignerKey,
  scBytes,
  scValToAddress,
  simulate,
  tokenCalls,
  walletCalls,
  withExpiration,
  withSignature,
} from '@latchkey/sdk/chain';
import { createSoftwareAuthenticator, type SoftwareCredential } from '@latchkey/sdk/testing';
import { p256 } from '@noble/curves/nist.js';
import { Keypair, StrKey } from '@stellar/stellar-sdk/base';
import {
  ConfigSettingId,
  ContractCostType,
  type HostFunction,
  LedgerEntryData,
  LedgerKey,
  LedgerKeyConfigSetting,
  TransactionEnvelope,
} from '@stellar/stellar-sdk/xdr';
import type { SubmissionKind } from '../server/src/db/schema.ts';
import { queuedSubmission, type Submission } from '../server/src/db/submissions.ts';
import { deployContracts } from '../server/src/deployment/deployContracts.ts';
import { type Chain, look, prepare, send } from '../server/src/relayer/attempt.ts';
import { createSponsor } from '../server/src/relayer/sponsor.ts';
import { createGuardian } from '../server/src/wallets/guardian.ts';
import { OWNER_SIGNER_ID } from '../server/src/wallets/ownerSigner.ts';
import { type MeteredNetwork, openMeteredNetwork } from './meteredNetwork.ts';

/** The server's own lifetime of an approval; it decides how long the nonce has to be kept. */
export const APPROVAL_LEDGERS = 72;
export const MAX_FEE_STROOPS = 10_000_000n;
export const AMOUNT_STROOPS = 12_345_678n;
export const ORIGIN = 'https://wallet.example';
export const RP_ID = 'wallet.example';

export type Cost = {
  /** whole invocation, enforcing mode, filled module cache */
  instructions: number;
  /** XDR bytes of all authorization entries, signatures included */
  authEntryBytes: number;
  /** XDR bytes of the signed envelope */
  transactionBytes: number;
  readOnlyEntries: number;
  readWriteEntries: number;
  /** what the network charged after the refund, inclusion fee of 100 included */
  feeStroops: number;
};

export const OPERATIONS = ['deploy', 'transferToContract', 'transferToAccount', 'rotate'] as const;
export type Costs = Record<(typeof OPERATIONS)[number], Cost>;

export const bytes32 = (name: string) => new Uint8Array(createHash('sha256').update(name).digest());
export const keypair = (name: string) => Keypair.fromRawEd25519Seed(Buffer.from(bytes32(name)));

export function credential(name: string): SoftwareCredential {
  const privateKey = bytes32(name);
  return {
    id: bytesToBase64Url(bytes32(`${name} id`)),
    rpId: RP_ID,
    privateKey,
    publicKey: p256.getPublicKey(privateKey, false),
    userHandle: 'owner',
    signCount: 0,
  };
}

function onChain({ id, publicKey }: SoftwareCredential): SignerKey {
  const passkey = {
    publicKey,
    credentialId: base64UrlToBytes(id),
    rpIdHash: bytes32(RP_ID),
    origin: ORIGIN,
  };
  return { kind: 'passkey', passkey };
}

/** The instructions the host charges for one secp256r1 verification: its three cost types, all without a linear term. */
export async function secp256r1Instructions({ rpc }: MeteredNetwork): Promise<number> {
  const configSettingId = ConfigSettingId.configSettingContractCostParamsCpuInstructions;
  const key = LedgerKey.configSetting(new LedgerKeyConfigSetting({ configSettingId }));
  const { entries } = await rpc.call('getLedgerEntries', { keys: [key.toXdr('base64')] });
  const setting = entries[0] && LedgerEntryData.fromXdr(entries[0].xdr, 'base64');
  if (
    setting?.type !== 'configSetting' ||
    setting.value.type !== 'configSettingContractCostParamsCpuInstructions'
  ) {
    throw new Error('the network does not publish its cost parameters');
  }
  const parameters = setting.value.value;
  return [
    ContractCostType.sec1DecodePointUncompressed,
    ContractCostType.decodeEcdsaCurve256Sig,
    ContractCostType.verifyEcdsaSecp256r1Sig,
  ].reduce((sum, { name, value }) => {
    const parameter = parameters[value];
    if (parameter?.linearTerm !== 0n) throw new Error(`${name} is not priced by a constant`);
    return sum + Number(parameter.constTerm);
  }, 0);
}

/** Signs the wallet's one entry with a passkey, as a transfer's approval does. */
async function approved(net: MeteredNetwork, owner: SoftwareCredential, hostFunction: HostFunction) {
  const { auth, latestLedger } = await simulate(net.rpc, { hostFunction });
  const [unsigned, ...others] = auth;
  if (!unsigned || others.length > 0 || !addressCredentials(unsigned)) {
    throw new Error('a transfer needs exactly the approval of its wallet');
  }
  const entry = withExpiration(unsigned, latestLedger + APPROVAL_LEDGERS);
  const payload = await authorizationPayload(entry, net.passphrase);
  const authenticator = createSoftwareAuthenticator({ origin: ORIGIN, rpId: RP_ID });
  authenticator.credentials.push(owner);
  const { response } = await authenticator.authenticate({
    challenge: bytesToBase64Url(payload),
    rpId: RP_ID,
  });
  const part = passkeyPart(OWNER_SIGNER_ID, response, ORIGIN, payload);
  const signature = scBytes(encodeSignature([part]));
  return [withSignature(entry, signature).toXdr('base64')];
}

/** Sends one submission through the relayer's steps and reads what it cost. */
export async function costOf(
  net: MeteredNetwork,
  chain: Chain,
  kind: SubmissionKind,
  hostFunction: HostFunction,
  authXdr: string[] = [],
): Promise<Cost> {
  const hostFunctionXdr = hostFunction.toXdr('base64');
  const submission = {
    id: kind,
    kind,
    accountId: 'owner',
    hostFunctionXdr,
    authXdr,
    authExpiresAtLedger: null,
  };
  let row = queuedSubmission(submission, 0);
  const sendFirst = (on: Chain, it: Submission) => send(on, it, true);
  for (const step of [prepare, sendFirst, look]) {
    if (row.state !== 'failed') row = { ...row, ...(await step(chain, row)) };
  }
  if (row.state !== 'confirmed') throw new Error(`${kind} was not confirmed: ${row.error_message}`);
  const envelope = TransactionEnvelope.fromXdr(row.envelope_xdr!, 'base64');
  if (envelope.type !== 'envelopeTypeTx' || envelope.value.tx.ext.type !== 'sorobanData') {
    throw new Error(`${kind} was sent without resources`);
  }
  const { readOnly, readWrite } = envelope.value.tx.ext.value.resources.footprint;
  return {
    instructions: net.lastInstructions(),
    authEntryBytes: authXdr.reduce((sum, xdr) => sum + base64ToBytes(xdr).length, 0),
    transactionBytes: envelope.toXdr().length,
    readOnlyEntries: readOnly.length,
    readWriteEntries: readWrite.length,
    feeStroops: Number(row.fee_charged_stroops),
  };
}

/** Measures every operation once, in this process, in about a second. */
export async function measureCosts(): Promise<{ costs: Costs; secp256r1: number }> {
  const net = await openMeteredNetwork();
  const { rpc, passphrase } = net;
  const [sponsorKey, guardianKey, shop] = [keypair('sponsor'), keypair('guardian'), keypair('shop')];
  for (const account of [sponsorKey, guardianKey, shop]) net.fund(account.publicKey());
  const sponsor = createSponsor(rpc, sponsorKey.secret(), passphrase);
  const guardian = createGuardian({ rpc, secretKey: guardianKey.secret(), networkPassphrase: passphrase });
  const { factoryId, nativeTokenId } = await deployContracts({ rpc, sponsor, recovery: null });
  const chain: Chain = {
    rpc,
    sponsor,
    factoryId,
    maxFeeStroops: MAX_FEE_STROOPS,
    confirmNetwork: async () => {},
  };

  const owner = credential('passkey');
  const deployment = factoryCalls.deploy(factoryId, bytes32('salt'), {
    signers: [{ key: onChain(owner), role: { kind: 'admin' }, coSigners: null }],
    adminThreshold: 1,
    recovery: guardian.address,
  });
  const wallet = scValToAddress((await simulate(rpc, { hostFunction: deployment })).returnValue);
  if (wallet === null) throw new Error('the factory gave no address');
  const deploy = await costOf(net, chain, 'deploy', deployment);

  const recipient = StrKey.encodeContract(Buffer.from(bytes32('recipient')));
  for (const address of [wallet, recipient]) net.fund(address);
  const transfer = async (to: string) => {
    const call = tokenCalls.transfer(nativeTokenId, wallet, to, AMOUNT_STROOPS);
    return costOf(net, chain, 'transfer', call, await approved(net, owner, call));
  };
  const transferToContract = await transfer(recipient);
  const transferToAccount = await transfer(shop.publicKey());

  const rotation = walletCalls.rotateSigner(wallet, OWNER_SIGNER_ID, onChain(credential('next passkey')));
  const rotate = await costOf(net, chain, 'rotate', rotation, (await guardian.authorize(rotation)).authXdr);

  return {
    costs: { deploy, transferToContract, transferToAccount, rotate },
    secp256r1: await secp256r1Instructions(net),
  };
}
