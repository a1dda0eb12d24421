// The upgrade of a managed merchant: a passkey is registered for the dashboard's origin, and the factory deploys a smart
// wallet that has it as its first admin. Passkey, wallet and submission are stored together or not at all, and only from the
// state `managed`: whoever asks twice gets one wallet. Nothing moves yet; that takes the owner's word at the gate (gate.ts).
import { createHmac, hkdfSync, randomUUID } from 'node:crypto';
import { LatchkeyError, type RegistrationResponse, type UpgradeBody } from '@latchkey/sdk/api';
import { factoryCalls, scValToAddress, simulate } from '@latchkey/sdk/chain';
import {
  type NewCredential,
  type RelyingParty,
  readClientData,
  registrationOptions,
  verifyRegistration,
} from '../auth/ceremonies.ts';
import {
  actOnce,
  type Challenge,
  type ChallengeUse,
  challengeFor,
  earlierOutcome,
  insertChallenge,
} from '../db/challenges.ts';
import type { Database } from '../db/database.ts';
import { insertPasskey, passkeyById, passkeysOf, updatePasskey } from '../db/merchantPasskeys.ts';
import { accountEmail, type Merchant, merchantById } from '../db/merchants.ts';
import { recordAudit } from '../db/settlementAudit.ts';
import { type SettlementKey, settlementKeyOf, updateSettlementKey } from '../db/settlementKeys.ts';
import { deleteMigration, migrationOf } from '../db/settlementMigrations.ts';
import { lastSignedTransferLedger } from '../db/settlementUpgrades.ts';
import { lockSettlement } from '../db/withdrawals.ts';
import { SETTLE_TIMEOUT_MS, submissionError } from '../wallets/answer.ts';
import { ownerSigner } from '../wallets/ownerSigner.ts';
import type { SettlementNetworks } from './network.ts';
import { notifyMerchant } from './notify.ts';
import type { StepUp, StepUpBody } from './stepUp.ts';

/** A node may be this far ahead of others. */
const LEDGERS_OF_DOUBT = 12;
const FIRST_DEVICE_NAME = 'First device';

export type Upgrade = {
  options(merchant: Merchant): Promise<{ options_json: { challenge: string } }>;
  /** @throws LatchkeyError ALREADY_UPGRADED, SETTLEMENT_NOT_READY, CREDENTIAL_ALREADY_REGISTERED, and those of step-up */
  upgrade(
    merchant: Merchant,
    request: { response: RegistrationResponse; stepUp: StepUpBody },
    use: ChallengeUse,
  ): Promise<UpgradeBody>;
  /**
   * Takes an upgrade back before anything of it has moved: its passkey is lost, or was never the owner's.
   * @throws LatchkeyError MIGRATION_NOT_WAITING, MIGRATION_IN_PROGRESS while a signed transfer is about, those of step-up
   */
  abandon(merchant: Merchant, stepUp: StepUpBody): Promise<void>;
};

/** HMAC-SHA-256 under a key derived from the server's secret, as for people's wallets, of the merchant's id and network. */
export function settlementSalt(serverSecret: string, key: Pick<SettlementKey, 'account_id' | 'network'>) {
  const secret = Buffer.from(hkdfSync('sha256', serverSecret, '', 'latchkey settlement wallet salt v1', 32));
  return createHmac('sha256', secret).update(`${key.network}\n${key.account_id}`).digest();
}

/** @throws LatchkeyError SETTLEMENT_NOT_READY, ALREADY_UPGRADED */
function requireManaged(key: SettlementKey | undefined): SettlementKey {
  if (!key || key.status === 'provisioning') throw new LatchkeyError('SETTLEMENT_NOT_READY');
  if (key.status !== 'managed') throw new LatchkeyError('ALREADY_UPGRADED');
  return key;
}

export function createUpgrade(deps: {
  db: Database;
  networks: SettlementNetworks;
  stepUp: Pick<StepUp, 'requireStepUp'>;
  relyingParty: RelyingParty;
  serverSecret: string;
  nowMs: () => number;
}): Upgrade {
  const { db, networks, relyingParty, nowMs } = deps;
  const keyOf = (merchant: Merchant) => settlementKeyOf(db, merchant.account_id, merchant.network);

  async function answer(merchant: Merchant): Promise<UpgradeBody> {
    const key = await keyOf(merchant);
    // It was abandoned since.
    if (!key?.deploy_submission_id) throw new LatchkeyError('CHALLENGE_ALREADY_USED');
    const { relayer } = networks.of(key.network);
    const submission = await relayer.settled(key.deploy_submission_id, SETTLE_TIMEOUT_MS);
    if (submission.state === 'failed') throw submissionError(submission);
    // A failed one was followed by another, with another passkey.
    if (!key.smart_wallet_address) throw new LatchkeyError('ALREADY_UPGRADED');
    return {
      status: submission.state === 'confirmed' ? 'confirmed' : 'pending',
      smartWalletAddress: key.smart_wallet_address,
      transactionHash: submission.hash,
    };
  }

  /** Whether this is the passkey that the merchant's wallet is, or is being, made with. */
  async function isOwnUpgrade(merchant: Merchant, credentialId: string): Promise<boolean> {
    const key = await keyOf(merchant);
    return key?.status !== 'managed' && key?.passkey_credential_id === credentialId;
  }

  /** Stores passkey, wallet and deployment, and uses up challenge and step-up, all or nothing. */
  async function begin(
    merchant: Merchant,
    row: Challenge,
    use: ChallengeUse,
    credential: NewCredential,
    stepUpBody: StepUpBody,
  ): Promise<void> {
    if (await passkeyById(db, credential.id)) throw new LatchkeyError('CREDENTIAL_ALREADY_REGISTERED');
    const key = requireManaged(await keyOf(merchant));
    const network = networks.of(key.network);
    await network.confirmNetwork();
    const init = {
      signers: [await ownerSigner(relyingParty, credential)],
      adminThreshold: 1,
      recovery: await network.walletGuardian(),
    };
    const hostFunction = factoryCalls.deploy(network.factoryId, settlementSalt(deps.serverSecret, key), init);
    const address = scValToAddress((await simulate(network.rpc, { hostFunction })).returnValue);
    if (address === null) throw new LatchkeyError('INTERNAL');
    await actOnce(db, row, use, merchant.account_id, nowMs(), async (trx) => {
      // As withdrawals do it: first this row, then the merchant's.
      await lockSettlement(trx, key.account_id, key.network);
      const present = await merchantById(trx, merchant.account_id);
      if (present?.network !== key.network) throw new LatchkeyError('SETTLEMENT_NOT_READY');
      await deps.stepUp.requireStepUp(trx, merchant, 'upgrade', {}, stepUpBody);
      const submissionId = randomUUID();
      const upgrading = {
        status: 'upgrading' as const,
        passkey_credential_id: credential.id,
        smart_wallet_address: address,
        deploy_submission_id: submissionId,
      };
      if (!(await updateSettlementKey(trx, key, upgrading, nowMs())))
        throw new LatchkeyError('ALREADY_UPGRADED');
      await insertPasskey(trx, {
        id: credential.id,
        account_id: merchant.account_id,
        public_key: credential.publicKey,
        sign_count: credential.signCount,
        transports: JSON.stringify(credential.transports),
        origin: relyingParty.origin,
        name: FIRST_DEVICE_NAME,
        signer_id: null,
        state: 'incoming',
        submission_id: submissionId,
        created_at: nowMs(),
      });
      await network.relayer.enqueue(trx, {
        id: submissionId,
        kind: 'deploy-settlement',
        accountId: merchant.account_id,
        hostFunctionXdr: hostFunction.toXdr('base64'),
        authXdr: [],
        authExpiresAtLedger: null,
      });
      const detail = { network: key.network, smartWalletAddress: address, credentialId: credential.id };
      await recordAudit(trx, merchant.account_id, 'upgrade.begun', detail, nowMs());
      await notifyMerchant(trx, merchant.account_id, { what: 'upgrade-begun' });
    });
    network.relayer.wake();
  }

  return {
    async options(merchant) {
      const key = requireManaged(await keyOf(merchant));
      const known = await passkeysOf(db, merchant.account_id, ['active', 'adding', 'removing']);
      const user = { email: merchant.email, id: merchant.account_id };
      const options = await registrationOptions(relyingParty, user, known);
      const { challenge } = options;
      const subject = { accountId: merchant.account_id, network: key.network };
      const email = accountEmail(merchant);
      await insertChallenge(db, { challenge, purpose: 'settlement-upgrade', email, subject }, nowMs());
      return { options_json: options };
    },

    async abandon(merchant, stepUp) {
      const { account_id: accountId, network } = merchant;
      const { sequence } = await networks.of(network).rpc.call('getLatestLedger');
      await db.transaction().execute(async (trx) => {
        const key = await lockSettlement(trx, accountId, network);
        const migration = await migrationOf(trx, accountId, network);
        const isUntouched = migration?.state === 'ready' || migration?.state === 'confirmed';
        if (!key || !isUntouched || !(await deleteMigration(trx, migration)))
          throw new LatchkeyError('MIGRATION_NOT_WAITING');
        await deps.stepUp.requireStepUp(trx, merchant, 'abandon-upgrade', {}, stepUp);
        const lastLedger = await lastSignedTransferLedger(trx, accountId);
        // A transfer to the wallet that is given up would take the balance there.
        if (lastLedger !== null && sequence <= lastLedger + LEDGERS_OF_DOUBT)
          throw new LatchkeyError('MIGRATION_IN_PROGRESS', {
            message: `A transfer that was signed is valid up to ledger ${lastLedger}, a few minutes from now. Try again after that.`,
            details: { afterLedger: lastLedger + LEDGERS_OF_DOUBT },
          });
        const before = {
          status: 'managed',
          passkey_credential_id: null,
          smart_wallet_address: null,
          deploy_submission_id: null,
        } as const;
        if (!(await updateSettlementKey(trx, key, before, nowMs())))
          throw new LatchkeyError('MIGRATION_NOT_WAITING');
        // Those that were added since are of the same wallet.
        for (const passkey of await passkeysOf(trx, accountId, ['active', 'adding', 'removing']))
          await updatePasskey(trx, passkey, { state: 'removed' });
        const detail = { network, smartWalletAddress: key.smart_wallet_address };
        await recordAudit(trx, accountId, 'upgrade.abandoned', detail, nowMs());
      });
    },

    async upgrade(merchant, { response, stepUp }, use) {
      const { challenge } = readClientData(response.response.clientDataJSON);
      const row = await challengeFor(db, challenge, {
        purpose: 'settlement-upgrade',
        email: accountEmail(merchant),
      });
      const credential = await verifyRegistration(relyingParty, response, row.challenge);
      // Asked again, with or without an Idempotency-Key: the passkey tells that it is the same wish.
      if (await isOwnUpgrade(merchant, credential.id)) return answer(merchant);
      if (earlierOutcome(row, use, nowMs()) !== null) return answer(merchant);
      try {
        await begin(merchant, row, use, credential, stepUp);
      } catch (error) {
        if (!(await isOwnUpgrade(merchant, credential.id))) throw error;
      }
      return answer(merchant);
    },
  };
}
