// From a managed wallet to the merchant's own: the passkey, the deployment, the gate with the new passkey's signature over
// what the owner was shown, and the migration that follows. Each call can be repeated: the service makes one wallet and
// one migration of it.
import { LatchkeyError } from '../api/errors.ts';
import type { RegistrationResponse } from '../api/schema.ts';
import type { GateBody, MigrationBody, UpgradeBody } from '../api/settlementSchema.ts';
import { type Connection, MERCHANT_PATH, type StepUp } from './connection.ts';
import { requireGate } from './gate.ts';
import { type Merchant, type Migration, migrationOf } from './merchantTypes.ts';

const SETTLEMENT_PATH = `${MERCHANT_PATH}/settlement`;

/** A passkey that was made for the new wallet, and that the service does not know yet. */
export type NewPasskey = { registration: RegistrationResponse };

export type PreparedMigration = {
  /** What the passkey signs, and what the challenge was recomputed from. */
  review: {
    balance: bigint;
    fromAddress: string;
    toAddress: string;
    networkPassphrase: string;
    expiresAt: number;
    /** when it will begin, where limits on withdrawals hold it up */
    notBefore: number | null;
  };
  approve(): Promise<Migration>;
};

export function upgradeCalls({ api, passkeys, signedIn, stepUp }: Connection) {
  return {
    createUpgradePasskey: (): Promise<NewPasskey> =>
      signedIn(async () => {
        const { options_json } = await api.post<{ options_json: unknown }>(
          `${SETTLEMENT_PATH}/upgrade/options`,
          {},
        );
        return { registration: await passkeys.register(options_json) };
      }),

    upgrade: (passkey: NewPasskey, how: StepUp): Promise<UpgradeBody> =>
      signedIn(async () => {
        const proof = await stepUp('upgrade', {}, how);
        return api.post<UpgradeBody>(`${SETTLEMENT_PATH}/upgrade`, {
          registrationResponseJSON: passkey.registration,
          ...proof,
        });
      }),

    /** Takes an upgrade back before anything of it has moved; the wallet is managed as before. */
    abandonUpgrade: (how: StepUp): Promise<void> =>
      signedIn(async () => {
        const proof = await stepUp('abandon-upgrade', {}, how);
        await api.post(`${SETTLEMENT_PATH}/upgrade/abandon`, { ...proof });
      }),

    migration: (): Promise<Migration | null> =>
      signedIn(async () => {
        const body = await api.get<MigrationBody | null>(`${SETTLEMENT_PATH}/migration`);
        return body && migrationOf(body);
      }),

    /** @throws LatchkeyError AUTHORIZATION_MISMATCH when what is to be signed is not what will be shown */
    prepareMigration: (merchant: Merchant): Promise<PreparedMigration> =>
      signedIn(async () => {
        const { managedAddress, smartWalletAddress } = merchant.settlement;
        if (managedAddress === null || smartWalletAddress === null)
          throw new LatchkeyError('SETTLEMENT_NOT_READY');
        const gate = await api.post<GateBody>(`${SETTLEMENT_PATH}/migration/gate`, {});
        const { fromAddress, toAddress, networkPassphrase, expiresAt } = gate;
        await requireGate(gate, {
          fromAddress: managedAddress,
          toAddress: smartWalletAddress,
          networkPassphrase: merchant.networkPassphrase,
        });
        let sent: { body: unknown; idempotencyKey: string } | null = null;
        return {
          review: {
            balance: BigInt(gate.balance),
            fromAddress,
            toAddress,
            networkPassphrase,
            expiresAt,
            notBefore: gate.notBefore,
          },
          approve: () =>
            signedIn(async () => {
              sent ??= {
                body: { authenticationResponseJSON: await passkeys.authenticate(gate.options_json) },
                idempotencyKey: crypto.randomUUID(),
              };
              try {
                const path = `${SETTLEMENT_PATH}/migration/confirm`;
                return migrationOf(await api.post<MigrationBody>(path, sent.body, sent.idempotencyKey));
              } catch (error) {
                if (error instanceof LatchkeyError && !error.retryable) sent = null;
                throw error;
              }
            }),
        };
      }),

    retryMigration: (): Promise<Migration> =>
      signedIn(async () =>
        migrationOf(await api.post<MigrationBody>(`${SETTLEMENT_PATH}/migration/retry`, {})),
      ),
  };
}
