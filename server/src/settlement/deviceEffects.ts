// What a settled change of a wallet's devices makes of their rows. The effects run in the transaction that settles the
// submission and believe only what it says for certain; where it does not (no return value after an outage, an unknown
// outcome) the row waits, and the wallet's own list of signers is asked afterwards.
import { bytesToBase64Url, type Rpc, readSigners, simulate, walletCalls } from '@latchkey/sdk/chain';
import { ScVal } from '@stellar/stellar-sdk/xdr';
import type { Logger } from 'pino';
import type { Database, Db } from '../db/database.ts';
import {
  type MerchantPasskey,
  passkeyOfSubmission,
  unclearPasskeys,
  updatePasskey,
} from '../db/merchantPasskeys.ts';
import { endMerchantSessions } from '../db/merchants.ts';
import { recordAudit } from '../db/settlementAudit.ts';
import { settlementKeyOf } from '../db/settlementKeys.ts';
import type { NetworkName } from '../db/settlementTables.ts';
import type { Effect, WalletSubmission } from '../relayer/worker.ts';
import type { SettlementNetworks } from './network.ts';
import { notifyMerchant } from './notify.ts';

const UNCLEAR_AT_ONCE = 20;
/** The contract gives four signers a page. */
const MAX_SIGNER_PAGES = 64;

type Change = Parameters<typeof updatePasskey>[2];

export type DeviceEffects = Record<'add-settlement-device' | 'remove-settlement-device', Effect>;

/** The merchant, of what changed on chain. */
async function tell(trx: Db, { account_id, state, name }: MerchantPasskey, to: Change): Promise<void> {
  if (state === 'adding' && to.state === 'active')
    await notifyMerchant(trx, account_id, { what: 'device-added', name });
  if (to.state !== 'removed') return;
  await notifyMerchant(trx, account_id, { what: 'device-removed', name });
  // Those that the removed device has opened among them.
  await endMerchantSessions(trx, account_id);
}

export function deviceEffects({ nowMs }: { nowMs: () => number }): DeviceEffects {
  async function change(trx: Db, device: MerchantPasskey, to: Change, action: string) {
    if (!(await updatePasskey(trx, device, to))) return;
    await tell(trx, device, to);
    const detail = { credentialId: device.id, signerId: to.signer_id ?? device.signer_id };
    await recordAudit(trx, device.account_id, action, detail, nowMs());
  }

  /** What was sent and failed may have been carried out by somebody else who saw the signed entry. */
  const isUnclear = (row: WalletSubmission) =>
    row.state === 'failed' && (row.error_code === 'OUTCOME_UNKNOWN' || row.attempts > 0);

  return {
    async 'add-settlement-device'(trx, row) {
      const device = await passkeyOfSubmission(trx, row.id);
      if (device?.state !== 'adding' || isUnclear(row)) return;
      // It can be asked for again: the passkey is the same.
      if (row.state === 'failed') return change(trx, device, { submission_id: null }, 'device.failed');
      const id = row.return_value_xdr ? ScVal.fromXdr(row.return_value_xdr, 'base64') : null;
      if (id?.type !== 'scvU32') return;
      await change(
        trx,
        device,
        { state: 'active', signer_id: id.value, submission_id: null },
        'device.added',
      );
    },
    async 'remove-settlement-device'(trx, row) {
      const device = await passkeyOfSubmission(trx, row.id);
      if (device?.state !== 'removing' || isUnclear(row)) return;
      if (row.state === 'failed')
        return change(trx, device, { state: 'active', submission_id: null }, 'device.failed');
      await change(trx, device, { state: 'removed' }, 'device.removed');
    },
  };
}

/** The id under which the wallet has this passkey; null when it has not. */
async function signerIdOnChain(rpc: Rpc, wallet: string, credentialId: string): Promise<number | null> {
  for (let page = 0; page < MAX_SIGNER_PAGES; page++) {
    const { returnValue } = await simulate(rpc, { hostFunction: walletCalls.signers(wallet, page) });
    const signers = readSigners(returnValue);
    if (signers.length === 0) return null;
    for (const { id, signer } of signers) {
      const { key } = signer;
      if (key.kind === 'passkey' && bytesToBase64Url(key.passkey.credentialId) === credentialId) return id;
    }
  }
  return null;
}

/** Asks the wallets about changes whose submissions did not say what came of them. */
export function createDeviceLook(deps: {
  db: Database;
  networks: SettlementNetworks;
  nowMs: () => number;
  log: Logger;
}) {
  const { db, networks, nowMs, log } = deps;

  async function settle(device: MerchantPasskey, network: NetworkName): Promise<void> {
    const key = await settlementKeyOf(db, device.account_id, network);
    if (!key?.smart_wallet_address) throw new TypeError('a device without a wallet');
    const signerId = await signerIdOnChain(networks.of(network).rpc, key.smart_wallet_address, device.id);
    const isThere: Change = { state: 'active', signer_id: signerId, submission_id: null };
    const isNot: Change = device.state === 'adding' ? { submission_id: null } : { state: 'removed' };
    const to = signerId === null ? isNot : isThere;
    await db.transaction().execute(async (trx) => {
      if (!(await updatePasskey(trx, device, to))) return;
      await tell(trx, device, to);
      const detail = { credentialId: device.id, signerId, was: device.state };
      await recordAudit(trx, device.account_id, 'device.found', detail, nowMs());
    });
  }

  return async function lookAtUnclearDevices(): Promise<void> {
    for (const { network, ...device } of await unclearPasskeys(db, UNCLEAR_AT_ONCE)) {
      await settle(device, network).catch((error: unknown) =>
        log.warn({ err: error, account: device.account_id }, 'a device could not be looked at'),
      );
    }
  };
}
