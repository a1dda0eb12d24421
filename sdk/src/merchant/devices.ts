// The passkeys that sign for a merchant's own wallet: list, add, remove. A change is a call of the wallet that a device of
// it has to sign; what is signed is compared here with the key that this browser has just made, or the one to remove.
import { LatchkeyError } from '../api/errors.ts';
import type { DeviceBody, DeviceChangeBody, PreparedBody } from '../api/settlementSchema.ts';
import { type Connection, MERCHANT_PATH } from './connection.ts';
import type { MadePasskeys } from './madePasskeys.ts';
import type { Merchant } from './merchantTypes.ts';
import { registeredPasskey } from './newPasskey.ts';
import type { ExpectedCall } from './signPrepared.ts';

const PASSKEY_PATH = `${MERCHANT_PATH}/settlement/passkey`;

export type PreparedDeviceChange = {
  /** Asks a device that the wallet knows already for its signature, and sends the change. */
  approve(): Promise<DeviceChangeBody>;
};

export function deviceCalls({ api, passkeys, signedIn, replaceSession }: Connection, made: MadePasskeys) {
  function walletOf(merchant: Merchant): { wallet: string; networkPassphrase: string } {
    const { smartWalletAddress } = merchant.settlement;
    if (smartWalletAddress === null) throw new LatchkeyError('SETTLEMENT_IS_MANAGED');
    return { wallet: smartWalletAddress, networkPassphrase: merchant.networkPassphrase };
  }

  async function change(
    prepared: PreparedBody,
    expected: ExpectedCall,
    finishPath: string,
  ): Promise<PreparedDeviceChange> {
    const { reviewPrepared, signPrepared } = await import('./signPrepared.ts');
    await reviewPrepared(prepared, expected);
    let sent: { body: unknown; idempotencyKey: string } | null = null;
    return {
      approve: () =>
        signedIn(async () => {
          sent ??= {
            body: {
              id: prepared.id,
              signedXdr: await signPrepared(prepared, await passkeys.authenticate(prepared.options_json)),
            },
            idempotencyKey: crypto.randomUUID(),
          };
          try {
            const { body, idempotencyKey } = sent;
            const finish = () => api.post<DeviceChangeBody>(finishPath, body, idempotencyKey);
            return await replaceSession(finish, (answer) => answer.session);
          } catch (error) {
            if (error instanceof LatchkeyError && !error.retryable) sent = null;
            throw error;
          }
        }),
    };
  }

  return {
    devices: (): Promise<DeviceBody[]> =>
      signedIn(async () => {
        const { devices } = await api.get<{ devices: DeviceBody[] }>(`${PASSKEY_PATH}/devices`);
        return devices;
      }),

    /** Makes the new passkey; it signs nothing before `approve`. */
    prepareDevice: (merchant: Merchant, name: string): Promise<PreparedDeviceChange> =>
      signedIn(async () => {
        const wallet = walletOf(merchant);
        const { options_json } = await api.post<{ options_json: unknown }>(
          `${PASSKEY_PATH}/add-device/options`,
          {},
        );
        const registration = await passkeys.register(options_json);
        const passkey = registeredPasskey(registration);
        made.add(passkey);
        const prepared = await api.post<PreparedBody>(`${PASSKEY_PATH}/add-device`, {
          registrationResponseJSON: registration,
          name,
        });
        return change(
          prepared,
          { kind: 'add-device', ...wallet, passkey },
          `${PASSKEY_PATH}/add-device/finish`,
        );
      }),

    /**
     * Goes on with a device whose passkey was made in this browser and was never approved.
     * @throws LatchkeyError UNKNOWN_CREDENTIAL for a passkey that was made elsewhere
     */
    resumeDevice: (merchant: Merchant, credentialId: string): Promise<PreparedDeviceChange> =>
      signedIn(async () => {
        const wallet = walletOf(merchant);
        const passkey = made.find(credentialId);
        if (passkey === null) throw new LatchkeyError('UNKNOWN_CREDENTIAL');
        const path = `${PASSKEY_PATH}/add-device/prepare`;
        const prepared = await api.post<PreparedBody>(path, { credentialId });
        return change(
          prepared,
          { kind: 'add-device', ...wallet, passkey },
          `${PASSKEY_PATH}/add-device/finish`,
        );
      }),

    /** Whether `resumeDevice` can go on with it. */
    canResume: (credentialId: string): boolean => made.find(credentialId) !== null,

    prepareRemoval: (merchant: Merchant, signerId: number): Promise<PreparedDeviceChange> =>
      signedIn(async () => {
        const wallet = walletOf(merchant);
        const prepared = await api.post<PreparedBody>(`${PASSKEY_PATH}/remove-device`, { signerId });
        return change(
          prepared,
          { kind: 'remove-device', ...wallet, signerId },
          `${PASSKEY_PATH}/remove-device/finish`,
        );
      }),
  };
}
