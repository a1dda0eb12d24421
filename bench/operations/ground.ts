// What each measurement starts from: a network of its own with somebody who pays, and wallets and contracts made of the
// built wasm. Wallets are created by the sponsor and not by the factory: their addresses, and with them all that is
// signed, then stay the same whatever the wasm is, which a signature's cost on chain depends on (SLH-DSA most of all).
import { nativeTokenId, type Signer, tokenCalls, walletInitToScVal } from '@latchkey/sdk/chain';
import type { HostFunction, ScVal } from '@stellar/stellar-sdk/xdr';
import { openMeteredNetwork } from '../meteredNetwork.ts';
import { AMOUNT_STROOPS, RECIPIENT } from '../participants.ts';
import { type Sign, signedBy } from '../signing.ts';
import { type Cost, create, fundedSponsor, submit } from '../submitting.ts';

const wasmOf = (name: string) => new URL(`../../contracts/wasm/${name}.wasm`, import.meta.url);

export type Ground = Awaited<ReturnType<typeof openGround>>;

export async function openGround() {
  const net = await openMeteredNetwork();
  const sponsor = fundedSponsor(net);
  const tokenId = await nativeTokenId(net.passphrase);
  net.fund(RECIPIENT);
  return {
    net,
    sponsor,
    tokenId,
    /** Deploys `contracts/wasm/<name>.wasm`; its address. */
    contract: (name: string, constructorArgs: ScVal[] = []) =>
      create(net, sponsor, name, wasmOf(name), constructorArgs),
    /** A wallet with a balance; its signers have the ids 0, 1, … */
    async wallet(signers: Signer[], adminThreshold = 1): Promise<string> {
      const init = walletInitToScVal({ signers, adminThreshold, recovery: null });
      const wallet = await create(net, sponsor, 'wallet', wasmOf('wallet'), [init]);
      net.fund(wallet);
      return wallet;
    },
    /** A payment of the native asset to a contract address that has a balance. */
    transfer: (wallet: string): HostFunction =>
      tokenCalls.transfer(tokenId, wallet, RECIPIENT, AMOUNT_STROOPS),
    /** Carries the call out with the signatures of these signers of the wallet. */
    async cost(hostFunction: HostFunction, ...signers: Sign[]): Promise<Cost> {
      return submit(net, sponsor, hostFunction, await signedBy(net, hostFunction, ...signers));
    },
  };
}
