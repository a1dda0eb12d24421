// Wallets whose signer is an ed25519 key, made and used through the relayer's API: for stories with many of them, and
// for requests that no page of ours would send.
import { createHash, randomBytes } from 'node:crypto';
import {
  authorizationPayload,
  ed25519Part,
  encodeSignature,
  factoryCalls,
  parseAddress,
  type Rpc,
  scBytes,
  scValToAddress,
  simulate,
  tokenCalls,
  withSignature,
} from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import {
  type HostFunction,
  ScVal,
  SorobanAddressCredentials,
  SorobanAuthorizationEntry,
  SorobanAuthorizedFunction,
  SorobanAuthorizedInvocation,
  SorobanCredentials,
} from '@stellar/stellar-sdk/xdr';

export type KeyWallet = { keypair: Keypair; address: string; deploy: HostFunction };
export type Relayed = { func: string; auth: string[] };

export async function keyWallet(rpc: Rpc, factoryId: string): Promise<KeyWallet> {
  const keypair = Keypair.random();
  const key = { kind: 'ed25519' as const, publicKey: new Uint8Array(keypair.rawPublicKey()) };
  const init = {
    signers: [{ key, role: { kind: 'admin' as const }, coSigners: null }],
    adminThreshold: 1,
    recovery: null,
  };
  const salt = createHash('sha256').update(keypair.rawPublicKey()).digest();
  const { returnValue } = await simulate(rpc, {
    hostFunction: factoryCalls.addressOf(factoryId, salt, init),
  });
  return {
    keypair,
    address: scValToAddress(returnValue)!,
    deploy: factoryCalls.deploy(factoryId, salt, init),
  };
}

export const unsignedCall = (hostFunction: HostFunction): Relayed => ({
  func: hostFunction.toXdr('base64'),
  auth: [],
});

/** The wallet's permission for this call and nothing in it. */
export async function entryOf(
  wallet: Pick<KeyWallet, 'address' | 'keypair'>,
  hostFunction: HostFunction,
  on: { networkPassphrase: string; expiresAtLedger: number },
): Promise<SorobanAuthorizationEntry> {
  if (hostFunction.type !== 'hostFunctionTypeInvokeContract') throw new Error('no contract call');
  const entry = new SorobanAuthorizationEntry({
    credentials: SorobanCredentials.sorobanCredentialsAddressV2(
      new SorobanAddressCredentials({
        address: parseAddress(wallet.address),
        nonce: randomBytes(8).readBigInt64BE(),
        signatureExpirationLedger: on.expiresAtLedger,
        signature: ScVal.scvVoid(),
      }),
    ),
    rootInvocation: new SorobanAuthorizedInvocation({
      function: SorobanAuthorizedFunction.sorobanAuthorizedFunctionTypeContractFn(hostFunction.value),
      subInvocations: [],
    }),
  });
  const payload = await authorizationPayload(entry, on.networkPassphrase);
  const part = ed25519Part(0, wallet.keypair.sign(Buffer.from(payload)));
  return withSignature(entry, scBytes(encodeSignature([part])));
}

export async function signedTransfer(
  wallet: KeyWallet,
  transfer: { token: string; to: string; amount: bigint },
  on: { networkPassphrase: string; expiresAtLedger: number },
): Promise<Relayed> {
  const hostFunction = tokenCalls.transfer(transfer.token, wallet.address, transfer.to, transfer.amount);
  return {
    func: hostFunction.toXdr('base64'),
    auth: [(await entryOf(wallet, hostFunction, on)).toXdr('base64')],
  };
}
