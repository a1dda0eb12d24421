// Calls to the network with no server in between: whoever holds an account can make them. They come from other accounts
// than the sponsor, so that nothing here disturbs its sequence numbers.
import {
  authorizationPayload,
  buildTransaction,
  bytesToBase64Url,
  contractAddress,
  encodeSignature,
  invokeHostFunction,
  parseAddress,
  passkeyPart,
  readBytes,
  type SignaturePart,
  scBytes,
  simulate,
  withExpiration,
  withSignature,
} from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import {
  ContractExecutable,
  ContractIdPreimage,
  ContractIdPreimageFromAddress,
  CreateContractArgsV2,
  HostFunction,
  type ScVal,
  type SorobanAuthorizationEntry,
  SorobanTransactionData,
} from '@stellar/stellar-sdk/xdr';
import { resourceFeeWithHeadroom } from '../server/src/relayer/attempt.ts';
import { createSponsor } from '../server/src/relayer/sponsor.ts';
import { origin, type Person, rpId, type World } from './world.ts';

const SIGNATURE_LEDGERS = 50;
const INCLUSION_FEE_STROOPS = 100n;
const POLL_MS = 50;

/** The one entry that the call needs, to be signed. */
export async function unsignedEntry(
  world: World,
  hostFunction: HostFunction,
): Promise<SorobanAuthorizationEntry> {
  const { auth, latestLedger } = await simulate(world.rpc, { hostFunction });
  if (auth.length !== 1) throw new Error(`the call needs ${auth.length} entries`);
  return withExpiration(auth[0]!, latestLedger + SIGNATURE_LEDGERS);
}

export function payloadOf(world: World, entry: SorobanAuthorizationEntry): Promise<Uint8Array<ArrayBuffer>> {
  return authorizationPayload(entry, world.server.services.config.networkPassphrase);
}

/** A person's part in a signature of `payload`. */
export async function partOf(person: Person, signerId: number, payload: Uint8Array): Promise<SignaturePart> {
  const challenge = bytesToBase64Url(payload);
  const { response } = await person.authenticator.authenticate({ challenge, rpId });
  return passkeyPart(signerId, response, origin, payload);
}

export function withParts(
  entry: SorobanAuthorizationEntry,
  parts: SignaturePart[],
): SorobanAuthorizationEntry {
  return withSignature(entry, scBytes(encodeSignature(parts)));
}

/** Carries the call out on the ledger, paid by an account that friendbot makes for it. @throws Error when the network refuses it */
export async function submit(
  world: World,
  hostFunction: HostFunction,
  signed?: SorobanAuthorizationEntry[],
  keypair = Keypair.random(),
): Promise<ScVal> {
  const { rpc } = world;
  const { passphrase, friendbotUrl } = await rpc.call('getNetwork');
  await fetch(`${friendbotUrl}?addr=${keypair.publicKey()}`);
  const payer = createSponsor(rpc, keypair.secret(), passphrase);
  const simulation = await simulate(rpc, {
    hostFunction,
    source: payer.address,
    ...(signed ? { auth: signed } : {}),
  });
  const { ext, resources } = simulation.sorobanData;
  const resourceFee = resourceFeeWithHeadroom(simulation.minResourceFeeStroops);
  const transaction = buildTransaction({
    source: payer.address,
    sequenceNumber: (await payer.account()).sequenceNumber + 1n,
    feeStroops: Number(INCLUSION_FEE_STROOPS + resourceFee),
    validUntilSeconds: 0n,
    body: invokeHostFunction(hostFunction, signed ?? simulation.auth),
    sorobanData: new SorobanTransactionData({ ext, resources, resourceFee }),
  });
  const { envelopeXdr, hash } = await payer.sign(transaction);
  const sent = await rpc.call('sendTransaction', { transaction: envelopeXdr });
  if (sent.status === 'ERROR') throw new Error(`refused: ${sent.errorResultXdr}`);
  for (;;) {
    const found = await rpc.call('getTransaction', { hash });
    if (found.status === 'SUCCESS') return simulation.returnValue;
    if (found.status === 'FAILED') throw new Error(`failed: ${found.resultXdr}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Uploads code and makes a contract of it; its address. */
export async function deploy(world: World, code: Uint8Array, constructorArgs: ScVal[] = []): Promise<string> {
  const upload = await submit(world, HostFunction.hostFunctionTypeUploadContractWasm(code));
  const deployer = Keypair.random();
  const contractIdPreimage = ContractIdPreimage.contractIdPreimageFromAddress(
    new ContractIdPreimageFromAddress({
      address: parseAddress(deployer.publicKey()),
      salt: new Uint8Array(32),
    }),
  );
  const executable = ContractExecutable.contractExecutableWasm(readBytes(upload));
  const args = new CreateContractArgsV2({ contractIdPreimage, executable, constructorArgs });
  await submit(world, HostFunction.hostFunctionTypeCreateContractV2(args), undefined, deployer);
  return contractAddress(contractIdPreimage, world.server.services.config.networkPassphrase);
}
