// Devices that sign for a passkey wallet: each is an admin of the wallet on chain. One that signs already approves that
// another is added; a removal is approved by one that stays, which proves that somebody can still sign afterwards. The last
// one cannot be removed, here or by the contract. What the wallet's guardian or the owner by other means changes on chain is
// not seen here.
import {
  type AddDeviceRequest,
  type CreationOptionsBody,
  type DeviceBody,
  type DeviceChangeBody,
  LatchkeyError,
  type PreparedBody,
  type SubmitRequest,
} from '@latchkey/sdk/api';
import { type Signer, simulate, walletCalls } from '@latchkey/sdk/chain';
import type { HostFunction } from '@stellar/stellar-sdk/xdr';
import {
  publicKeyPoint,
  type RelyingParty,
  readClientData,
  registrationOptions,
  verifyRegistration,
} from '../auth/ceremonies.ts';
import {
  actOnce,
  type ChallengeUse,
  challengeFor,
  earlierOutcome,
  insertChallenge,
} from '../db/challenges.ts';
import type { Database } from '../db/database.ts';
import {
  dropUnfinishedPasskeys,
  insertPasskey,
  type MerchantPasskey,
  passkeyById,
  passkeysOf,
  updatePasskey,
} from '../db/merchantPasskeys.ts';
import { accountEmail, type Merchant } from '../db/merchants.ts';
import { insertPreparedCall, preparedCall } from '../db/preparedCalls.ts';
import { recordAudit } from '../db/settlementAudit.ts';
import { settlementKeyOf } from '../db/settlementKeys.ts';
import type { PreparedAction } from '../db/settlementTables.ts';
import { receiptOf, SETTLE_TIMEOUT_MS } from '../wallets/answer.ts';
import { ownerSigner } from '../wallets/ownerSigner.ts';
import type { SettlementNetworks } from './network.ts';
import type { PreparedCalls, SignedCall } from './prepared.ts';
import { requirePasskeyWallet } from './withdrawalChecks.ts';

const MAX_DEVICES = 16;
/** A device whose adding nobody finished is forgotten after this long. */
const UNFINISHED_MEMORY_MS = 24 * 3_600_000;
const PURPOSE = 'settlement-add-device';

export type DeviceChange = Omit<DeviceChangeBody, 'session'>;

export type Devices = {
  list(merchant: Merchant): Promise<DeviceBody[]>;
  addOptions(merchant: Merchant): Promise<CreationOptionsBody>;
  /** What a device that signs already has to sign. */
  add(merchant: Merchant, request: AddDeviceRequest, use: ChallengeUse): Promise<PreparedBody>;
  /** The same again, once that has expired. */
  addAgain(merchant: Merchant, credentialId: string): Promise<PreparedBody>;
  finishAdding(merchant: Merchant, request: SubmitRequest): Promise<DeviceChange>;
  /** What another device has to sign. */
  remove(merchant: Merchant, signerId: number): Promise<PreparedBody>;
  /** Ends every session, once it is confirmed. */
  finishRemoving(merchant: Merchant, request: SubmitRequest): Promise<DeviceChange>;
};

type Detail = { summary: string; credentialId: string; signerId?: number };

function deviceBody(passkey: MerchantPasskey): DeviceBody {
  return {
    signerId: passkey.signer_id,
    credentialId: passkey.id,
    name: passkey.name,
    state: passkey.state as DeviceBody['state'],
    addedAt: passkey.created_at,
  };
}

export function createDevices(deps: {
  db: Database;
  networks: SettlementNetworks;
  prepared: PreparedCalls;
  relyingParty: RelyingParty;
  nowMs: () => number;
}): Devices {
  const { db, networks, prepared, relyingParty, nowMs } = deps;

  const ownerOf = (merchant: Merchant) => ({
    accountId: merchant.account_id,
    network: networks.of(merchant.network),
  });
  const walletOf = async (merchant: Merchant) =>
    requirePasskeyWallet(await settlementKeyOf(db, merchant.account_id, merchant.network)).wallet;
  const signing = (merchant: Merchant) => passkeysOf(db, merchant.account_id, ['active']);

  async function list(merchant: Merchant): Promise<DeviceBody[]> {
    const states = ['active', 'adding', 'removing'] as const;
    return (await passkeysOf(db, merchant.account_id, states)).map(deviceBody);
  }

  async function make(
    merchant: Merchant,
    wallet: string,
    call: { action: PreparedAction; hostFunction: HostFunction; detail: Detail },
  ) {
    const owner = ownerOf(merchant);
    await owner.network.confirmNetwork();
    const simulation = await simulate(owner.network.rpc, { hostFunction: call.hostFunction });
    return prepared.make({ owner, wallet, simulation, ...call });
  }

  function makeAddition(
    merchant: Merchant,
    wallet: string,
    device: { id: string; name: string },
    signer: Signer,
  ) {
    const summary = `Lets “${device.name}” sign for ${wallet}, with the same rights as this device.`;
    return make(merchant, wallet, {
      action: 'add-device',
      hostFunction: walletCalls.add(wallet, signer),
      detail: { summary, credentialId: device.id },
    });
  }

  async function outcome(merchant: Merchant, submissionId: string): Promise<DeviceChange> {
    const { relayer } = ownerOf(merchant).network;
    const receipt = receiptOf(await relayer.settled(submissionId, SETTLE_TIMEOUT_MS));
    return {
      status: receipt.status,
      transactionHash: receipt.transactionHash,
      error: receipt.error ?? null,
      devices: await list(merchant),
    };
  }

  return {
    list,

    async addOptions(merchant) {
      await walletOf(merchant);
      const { account_id: accountId } = merchant;
      await dropUnfinishedPasskeys(db, accountId, nowMs() - UNFINISHED_MEMORY_MS);
      const known = await passkeysOf(db, accountId, ['active', 'adding', 'removing']);
      if (known.length >= MAX_DEVICES) {
        throw new LatchkeyError('RATE_LIMITED', {
          message: `A wallet has at most ${MAX_DEVICES} devices here. Remove one first.`,
        });
      }
      const user = { email: merchant.email, id: accountId };
      const options = await registrationOptions(relyingParty, user, known);
      const email = accountEmail(merchant);
      await insertChallenge(db, { challenge: options.challenge, purpose: PURPOSE, email }, nowMs());
      return { options_json: { ...options } };
    },

    async add(merchant, { registrationResponseJSON: response, name }, use) {
      const { challenge } = readClientData(response.response.clientDataJSON);
      const bound = { purpose: PURPOSE, email: accountEmail(merchant) } as const;
      const row = await challengeFor(db, challenge, bound);
      const { network, accountId } = ownerOf(merchant);
      let id = earlierOutcome(row, use, nowMs());
      if (id === null) {
        const wallet = await walletOf(merchant);
        const credential = await verifyRegistration(relyingParty, response, row.challenge);
        const signer = await ownerSigner(relyingParty, credential);
        const made = await makeAddition(merchant, wallet, { id: credential.id, name }, signer);
        id = await actOnce(db, row, use, made.id, nowMs(), async (trx) => {
          await insertPasskey(trx, {
            id: credential.id,
            account_id: accountId,
            public_key: credential.publicKey,
            sign_count: credential.signCount,
            transports: JSON.stringify(credential.transports),
            origin: relyingParty.origin,
            name,
            signer_id: null,
            state: 'adding',
            submission_id: null,
            created_at: nowMs(),
          });
          await insertPreparedCall(trx, made, nowMs());
        });
      }
      const made = await preparedCall(db, accountId, id);
      if (!made) throw new LatchkeyError('PREPARED_EXPIRED');
      return prepared.body(made, network, await signing(merchant));
    },

    async addAgain(merchant, credentialId) {
      const { network, accountId } = ownerOf(merchant);
      const wallet = await walletOf(merchant);
      const device = await passkeyById(db, credentialId);
      const isWaiting =
        device?.account_id === accountId && device.state === 'adding' && device.submission_id === null;
      if (!isWaiting) throw new LatchkeyError('NOT_FOUND', { details: { field: 'credentialId' } });
      const signer = await ownerSigner(relyingParty, {
        id: device.id,
        publicKey: device.public_key,
        point: publicKeyPoint(device.public_key),
        signCount: device.sign_count,
        transports: JSON.parse(device.transports) as string[],
      });
      const made = await makeAddition(merchant, wallet, device, signer);
      await insertPreparedCall(db, made, nowMs());
      return prepared.body(made, network, await signing(merchant));
    },

    async finishAdding(merchant, request) {
      const owner = ownerOf(merchant);
      const signed = await prepared.read(owner, 'add-device', request);
      if ('submissionId' in signed) return outcome(merchant, signed.submissionId);
      const { credentialId } = JSON.parse(signed.row.detail) as Detail;
      const submissionId = await prepared.submitOnce(owner, signed, async (trx, id) => {
        const device = await passkeyById(trx, credentialId);
        const isWaiting = device?.state === 'adding' && device.submission_id === null;
        if (!isWaiting || !(await updatePasskey(trx, device, { submission_id: id })))
          throw new LatchkeyError('CREDENTIAL_ALREADY_REGISTERED');
        await recordDeviceAudit(trx, merchant, 'device.adding', signed, credentialId);
      });
      return outcome(merchant, submissionId);
    },

    async remove(merchant, signerId) {
      const { network } = ownerOf(merchant);
      const wallet = await walletOf(merchant);
      const active = await signing(merchant);
      const device = active.find((it) => it.signer_id === signerId);
      if (!device) throw new LatchkeyError('NOT_FOUND', { details: { field: 'signerId' } });
      if (active.length < 2) throw new LatchkeyError('LAST_DEVICE');
      const summary = `Ends the right of “${device.name}” to sign for ${wallet}.`;
      const made = await make(merchant, wallet, {
        action: 'remove-device',
        hostFunction: walletCalls.remove(wallet, signerId),
        detail: { summary, credentialId: device.id, signerId },
      });
      await insertPreparedCall(db, made, nowMs());
      const others = active.filter((it) => it !== device);
      return prepared.body(made, network, others);
    },

    async finishRemoving(merchant, request) {
      const owner = ownerOf(merchant);
      const signed = await prepared.read(owner, 'remove-device', request);
      if ('submissionId' in signed) return outcome(merchant, signed.submissionId);
      const { credentialId, signerId } = JSON.parse(signed.row.detail) as Detail;
      if (signed.signerId === signerId) {
        throw new LatchkeyError('SIGNATURE_INVALID', {
          message: 'A device that stays has to sign this, not the one that is removed.',
          details: { field: 'signedXdr' },
        });
      }
      const submissionId = await prepared.submitOnce(owner, signed, async (trx, id) => {
        const active = await passkeysOf(trx, merchant.account_id, ['active']);
        const device = active.find((it) => it.id === credentialId);
        if (!device) throw new LatchkeyError('NOT_FOUND');
        if (active.length < 2) throw new LatchkeyError('LAST_DEVICE');
        await updatePasskey(trx, device, { state: 'removing', submission_id: id });
        await recordDeviceAudit(trx, merchant, 'device.removing', signed, credentialId);
      });
      return outcome(merchant, submissionId);
    },
  };

  function recordDeviceAudit(
    trx: Parameters<typeof recordAudit>[0],
    merchant: Merchant,
    action: string,
    signed: SignedCall,
    credentialId: string,
  ): Promise<void> {
    const detail = { credentialId, signedBy: signed.signerId };
    return recordAudit(trx, merchant.account_id, action, detail, nowMs());
  }
}
