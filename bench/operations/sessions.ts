// What sessions cost: adding one, and the transfers that an ed25519 key, a passkey and a passkey under limits make as
// sessions. The limits are of function, argument and amount: the token's `transfer`, to one recipient, up to a sum.
import {
  addressToScVal,
  type PolicyInstallation,
  type Role,
  type SignerKey,
  scI128,
  scStruct,
  scSymbol,
  scU32,
  scVariant,
  scVec,
  walletCalls,
} from '@latchkey/sdk/chain';
import type { ScVal } from '@stellar/stellar-sdk/xdr';
import { AMOUNT_STROOPS, admin, credential, keypair, passkeyOf, RECIPIENT } from '../participants.ts';
import { ed25519, passkey, type Sign } from '../signing.ts';
import { type Ground, openGround } from './ground.ts';

const SESSION_LEDGERS = 17_280;
/** Enough for two transfers, and not for three. */
export const SESSION_STROOPS = 2n * AMOUNT_STROOPS;

/** A new wallet whose second signer, with id 1, is a session for the native token. */
async function walletWithSession(ground: Ground, key: SignerKey, policies: PolicyInstallation[] = []) {
  const owner = credential('passkey');
  const wallet = await ground.wallet([admin(passkeyOf(owner))]);
  const { sequence } = await ground.net.rpc.call('getLatestLedger');
  const role: Role = {
    kind: 'session',
    contracts: [ground.tokenId],
    expiresAtLedger: sequence + SESSION_LEDGERS,
  };
  const added = walletCalls.add(wallet, { key, role, coSigners: null }, policies);
  return { wallet, addSession: await ground.cost(added, passkey(0, owner)) };
}

/** The second of two transfers: a policy's first consent may have something to prepare. */
async function secondTransfer(ground: Ground, wallet: string, sign: Sign) {
  await ground.cost(ground.transfer(wallet), sign);
  return ground.cost(ground.transfer(wallet), sign);
}

export async function ed25519SessionOperations() {
  const ground = await openGround();
  const key = keypair('session');
  const { wallet, addSession } = await walletWithSession(ground, {
    kind: 'ed25519',
    publicKey: key.rawPublicKey(),
  });
  const ed25519Session = await secondTransfer(ground, wallet, ed25519(1, key));
  return { addSession, ed25519Session };
}

export async function passkeySessionOperations() {
  const ground = await openGround();
  const session = credential('session passkey');
  const { wallet } = await walletWithSession(ground, passkeyOf(session));
  return { passkeySession: await secondTransfer(ground, wallet, passkey(1, session)) };
}

/** A passkey that may pay one recipient, up to a sum, in the native token and nothing else. */
export async function openLimitedSession() {
  const ground = await openGround();
  const session = credential('session passkey');
  const token = addressToScVal(ground.tokenId);
  const argument = (index: number, constraint: ScVal) => scStruct({ constraint, index: scU32(index) });
  const transfer = scStruct({
    arguments: scVec([
      argument(1, scVariant('OneOf', scVec([addressToScVal(RECIPIENT)]))),
      argument(2, scVariant('AtMost', scI128(SESSION_STROOPS))),
    ]),
    name: scSymbol('transfer'),
  });
  const cap = scStruct({ amount: scI128(SESSION_STROOPS), window_ledgers: scU32(SESSION_LEDGERS) });
  const limit = scStruct({ contract: token, functions: scVec([transfer]), spending: scVec([cap]) });
  const policies = [{ policy: await ground.contract('call_limits'), parameters: scVec([limit]) }];
  const { wallet } = await walletWithSession(ground, passkeyOf(session), policies);
  return { ground, wallet, sign: passkey(1, session) };
}

export async function limitedSessionOperations() {
  const { ground, wallet, sign } = await openLimitedSession();
  return { sessionLimited: await secondTransfer(ground, wallet, sign) };
}
