// Managed settlement accounts: a merchant's account is made on the network by one transaction that sponsors its reserves
// (CAP-33) and gives it its USDC trust line, all or nothing. It is asked for in the transaction of the sign-up; what cannot
// be asked for then or fails is due work, tried again with growing pauses and never given up. No more are on their way than
// there are channel accounts, so that many sign-ups at once do not stand before other people's transactions. The account
// holds no XLM of its own, so what it locks is the sponsor's. Whether the sponsor has that much is seen by its watch.
import { LatchkeyError } from '@latchkey/sdk/api';
import { ledgerEntryExists } from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import {
  BeginSponsoringFutureReservesOp,
  ChangeTrustAsset,
  ChangeTrustOp,
  CreateAccountOp,
  MuxedAccount,
  Operation,
  OperationBody,
} from '@stellar/stellar-sdk/xdr';
import type { Logger } from 'pino';
import type { Database, Db } from '../db/database.ts';
import { setSettlementAddress } from '../db/merchants.ts';
import { recordAudit } from '../db/settlementAudit.ts';
import {
  dueProvisionings,
  noteProvisioning,
  provisioningsOnTheWay,
  type SettlementKey,
  settlementKeyOfProvisioning,
  updateSettlementKey,
} from '../db/settlementKeys.ts';
import { accountKey } from '../relayer/sponsor.ts';
import type { Effect } from '../relayer/worker.ts';
import { readUsdcTrustLine, trustLineAsset } from './balance.ts';
import type { SettlementNetwork, SettlementNetworks } from './network.ts';

const INT64_MAX = 2n ** 63n - 1n;
const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 3_600_000;

export type Provisioning = {
  /** Asks for the account in the caller's transaction, or leaves it to due work; call the relayer's `wake` afterwards. */
  ask(trx: Db, row: SettlementKey): Promise<void>;
  /** Asks for what is due. */
  askDue(): Promise<void>;
};

const operation = (source: string, body: OperationBody) =>
  new Operation({ sourceAccount: MuxedAccount.fromJson(source), body }).toXdr('base64');

function provisioningOperations(network: SettlementNetwork, address: string, isThere: boolean): string[] {
  const sponsor = network.sponsor.address;
  const accountId = Keypair.fromPublicKey(address).xdrAccountId();
  const line = ChangeTrustAsset.fromXdr(trustLineAsset(network.usdc).toXdr());
  const create = new CreateAccountOp({ destination: accountId, startingBalance: 0n });
  return [
    operation(
      sponsor,
      OperationBody.beginSponsoringFutureReserves(
        new BeginSponsoringFutureReservesOp({ sponsoredId: accountId }),
      ),
    ),
    ...(isThere ? [] : [operation(sponsor, OperationBody.createAccount(create))]),
    operation(address, OperationBody.changeTrust(new ChangeTrustOp({ line, limit: INT64_MAX }))),
    operation(address, OperationBody.endSponsoringFutureReserves()),
  ];
}

/** The account is on the network: payments may go there. */
async function provisioned(db: Db, row: SettlementKey, nowMs: number, hash: string | null): Promise<void> {
  if (!(await updateSettlementKey(db, row, { status: 'managed' }, nowMs))) return;
  await setSettlementAddress(db, row, row.address);
  const detail = { address: row.address, network: row.network, transactionHash: hash };
  await recordAudit(db, row.account_id, 'settlement.provisioned', detail, nowMs);
}

function retryAt(tries: number, nowMs: number): number {
  return nowMs + Math.min(FIRST_RETRY_MS * 2 ** Math.min(tries, 20), LONGEST_RETRY_MS);
}

export function provisioningEffect(nowMs: () => number): Effect {
  return async (db, settled) => {
    const row = await settlementKeyOfProvisioning(db, settled.id);
    if (row?.status !== 'provisioning') return;
    if (settled.state === 'confirmed') return provisioned(db, row, nowMs(), settled.hash);
    await updateSettlementKey(
      db,
      row,
      {
        provision_submission_id: null,
        provision_tries: row.provision_tries + 1,
        provision_not_before: retryAt(row.provision_tries, nowMs()),
      },
      nowMs(),
    );
  };
}

/** Undoes a submission for a row that another process has asked for. */
class AskedByAnother extends Error {}

export function createProvisioning(deps: {
  db: Database;
  networks: SettlementNetworks;
  log: Logger;
  nowMs: () => number;
}): Provisioning {
  const { db, networks, log, nowMs } = deps;

  /** @returns false when the queue has no room */
  async function enqueue(trx: Db, row: SettlementKey, isThere: boolean): Promise<boolean> {
    const network = networks.of(row.network);
    let submissionId: string;
    try {
      submissionId = await network.relayer.enqueue(trx, {
        kind: 'provision-settlement',
        accountId: row.account_id,
        operationsXdr: provisioningOperations(network, row.address, isThere),
      });
    } catch (error) {
      if (error instanceof LatchkeyError && error.code === 'RATE_LIMITED') return false;
      throw error;
    }
    if (!(await noteProvisioning(trx, row, submissionId))) throw new AskedByAnother();
    return true;
  }

  /** A try before may have succeeded after all, or somebody may have made the account: the ledger tells. */
  async function onLedger(row: SettlementKey): Promise<'nothing' | 'account' | 'all'> {
    if (row.provision_tries === 0) return 'nothing';
    const network = networks.of(row.network);
    if (await readUsdcTrustLine(network, row.address)) return 'all';
    const key = accountKey(Keypair.fromPublicKey(row.address));
    return (await ledgerEntryExists(network.rpc, key)) ? 'account' : 'nothing';
  }

  return {
    async ask(trx, row) {
      const network = networks.of(row.network);
      if ((await provisioningsOnTheWay(trx, network.name)) < network.channels) await enqueue(trx, row, false);
    },

    async askDue() {
      for (const network of networks.all) await askDueOn(network);
    },
  };

  async function askDueOn(network: SettlementNetwork): Promise<void> {
    const room = network.channels - (await provisioningsOnTheWay(db, network.name));
    const due = room > 0 ? await dueProvisionings(db, network.name, nowMs(), room) : [];
    for (const row of due) {
      try {
        const found = await onLedger(row);
        const hasRoom = await db.transaction().execute(async (trx) => {
          if (found !== 'all') return enqueue(trx, row, found === 'account');
          await provisioned(trx, row, nowMs(), null);
          return true;
        });
        if (!hasRoom) break;
      } catch (error) {
        if (error instanceof AskedByAnother) continue;
        log.warn({ err: error, account: row.account_id }, 'a settlement account waits to be asked for');
      }
    }
    if (due.length > 0) network.relayer.wake();
  }
}
