// A database with merchants on it, and one mortal server process at a time that upgrades and migrates them, put together as
// production does for as much as a migration takes. What holds at every moment is checked from outside: by the network
// and the rows, past the process and its faults.
import { randomUUID } from 'node:crypto';
import type { Devnet } from '@latchkey/devnet';
import { type Rpc, readRegisteredSigner, simulate, walletCalls } from '@latchkey/sdk/chain';
import { createSoftwareAuthenticator, type SoftwareAuthenticator } from '@latchkey/sdk/testing';
import { createClient } from '@libsql/client';
import { Kysely, Migrator } from 'kysely';
import { pino } from 'pino';
import type { Database } from '../server/src/db/database.ts';
import { libsqlDialect } from '../server/src/db/libsqlDialect.ts';
import { insertMerchant, type Merchant, merchantById } from '../server/src/db/merchants.ts';
import { migrations } from '../server/src/db/migrations.ts';
import type { Tables } from '../server/src/db/schema.ts';
import { insertSettlementKey, type SettlementKey, settlementKeyOf } from '../server/src/db/settlementKeys.ts';
import { type Migration, migrationOf } from '../server/src/db/settlementMigrations.ts';
import { type DueWork, startDueWork } from '../server/src/dueWork.ts';
import { openChannelKeys } from '../server/src/relayer/channelKeys.ts';
import { createChannelPool } from '../server/src/relayer/channelPool.ts';
import { createSponsor } from '../server/src/relayer/sponsor.ts';
import { createRelayer, type Effects, type Relayer } from '../server/src/relayer/worker.ts';
import { usdcBalance } from '../server/src/settlement/balance.ts';
import { settlementEffects } from '../server/src/settlement/effects.ts';
import { createGate, type Gate } from '../server/src/settlement/gate.ts';
import { createLocalKeyEncryption } from '../server/src/settlement/localKek.ts';
import { readManagedAccount } from '../server/src/settlement/managedAccount.ts';
import { createManagedSeeds, managedSignatures } from '../server/src/settlement/managedSeed.ts';
import { createMigrationWork } from '../server/src/settlement/migrationWork.ts';
import { createSettlementNetworks, usdcOf } from '../server/src/settlement/network.ts';
import { createProvisioning } from '../server/src/settlement/provisioning.ts';
import { createUpgrade, type Upgrade } from '../server/src/settlement/upgrade.ts';
import { OWNER_SIGNER_ID } from '../server/src/wallets/ownerSigner.ts';
import { type FaultPlan, MortalProcess } from './mortalProcess.ts';
import { sharedClient } from './sharedClient.ts';

export const origin = 'http://localhost:5174';
const rpId = 'localhost';
const CHANNELS = 2;
const DUE_EVERY_MS = 40;
/** Past the validity of any envelope. */
export const OUTLAST_SECONDS = 70;
const channelKek = new Uint8Array(32).fill(7);
const settlementKek = new Uint8Array(32).fill(8);
const log = pino({ level: process.env.LATCHKEY_FAULTS_LOG ?? 'silent' });

/** What all lanes share. */
export type Chain = {
  net: Devnet;
  rpc: Rpc;
  sponsorSecretKey: string;
  guardianAddress: string;
  factoryId: string;
  clock: { nowMs(): number; outlast(): void };
  /** Somebody who has seen an envelope carries out its call, if it is one that others have signed. */
  overtake(envelopeXdr: string): Promise<void>;
};

export type Owner = {
  merchant: Merchant;
  address: string;
  authenticator: SoftwareAuthenticator;
  /** what was paid to the merchant, by anybody */
  paidUsdc: bigint;
  paidStroops: bigint;
};

export type Life = {
  process: MortalProcess;
  relayer: Relayer;
  upgrade: Upgrade;
  gate: Gate;
  /** Ends what a process that is no more would have left undone: only its timers. */
  bury(): Promise<void>;
};

export type Lane = Awaited<ReturnType<typeof openLane>>;

export async function openLane(chain: Chain) {
  const client = sharedClient(createClient({ url: ':memory:', concurrency: 1 }));
  await client.execute('PRAGMA foreign_keys = ON');
  /** past all faults */
  const db: Database = new Kysely<Tables>({ dialect: libsqlDialect(client) });
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
  const { net, clock } = chain;
  const { nowMs } = clock;
  const networkPassphrase = net.passphrase;
  const usdc = usdcOf({ code: net.usdc!.code, issuer: net.usdc!.issuer.publicKey }, networkPassphrase);
  const seeds = createManagedSeeds(createLocalKeyEncryption(new Map([[1, settlementKek]])));

  async function live(plan: FaultPlan = () => null): Promise<Life> {
    const process = new MortalProcess();
    const ownDb: Database = new Kysely<Tables>({ dialect: libsqlDialect(process.client(client)) });
    const rpc = process.rpc(chain.rpc, clock.outlast, chain.overtake);
    const sponsor = createSponsor(rpc, chain.sponsorSecretKey, networkPassphrase);
    const keys = await openChannelKeys(ownDb, channelKek);
    const { factoryId } = chain;
    const nativeTokenId = net.nativeTokenContractId;
    const confirmNetwork = async () => {};
    const pool = createChannelPool({ db: ownDb, rpc, sponsor, keys, size: CHANNELS, confirmNetwork, log });
    const maxFeeStroops = 50_000_000n;
    let due: DueWork | null = null;
    const wake = () => due?.wake();
    const relayer = createRelayer({
      db: ownDb,
      chain: { rpc, sponsor, networkPassphrase, factoryId, nativeTokenId, confirmNetwork },
      pool,
      maxFeeStroops,
      isAlone: true,
      effects: settlementEffects({ nowMs, nativeTokenId }) as Effects,
      signaturesOf: managedSignatures({ db: ownDb, seeds, network: 'testnet' }),
      log,
      nowMs,
      onSettled: wake,
    });
    const networks = createSettlementNetworks([
      {
        name: 'testnet',
        networkPassphrase,
        rpc,
        relayer,
        sponsor,
        factoryId,
        nativeTokenId,
        usdc,
        maxFeeStroops,
        channels: CHANNELS,
        walletGuardian: async () => chain.guardianAddress,
        confirmNetwork,
      },
    ]);
    const parts = { db: ownDb, networks, seeds, nowMs, log };
    const provisioning = createProvisioning(parts);
    const { advanceMigrations } = createMigrationWork(parts);
    const relyingParty = { name: 'Latchkey', id: rpId, origin };
    const life: Life = {
      process,
      relayer,
      upgrade: createUpgrade({
        ...parts,
        relyingParty,
        serverSecret: 'a secret of the lane',
        // What is shown before an upgrade is begun is another story's.
        stepUp: { requireStepUp: async () => {} },
      }),
      gate: createGate({ ...parts, relyingParty, wake }),
      async bury() {
        process.die();
        await Promise.all([relayer.stop(), due?.stop()]);
      },
    };
    relayer.start();
    due = startDueWork([provisioning.askDue, advanceMigrations], log, DUE_EVERY_MS);
    process.plan = plan;
    return life;
  }

  const keyOf = async ({ merchant }: Owner): Promise<SettlementKey> =>
    (await settlementKeyOf(db, merchant.account_id, 'testnet'))!;
  const migrationOfOwner = ({ merchant }: Owner): Promise<Migration | undefined> =>
    migrationOf(db, merchant.account_id, 'testnet');
  const network = { rpc: chain.rpc, usdc };

  return {
    db,
    chain,
    live,
    keyOf,
    migrationOf: migrationOfOwner,

    /** A merchant whose managed account will be there as soon as a process lives. */
    async owner(): Promise<Owner> {
      const id = randomUUID();
      const { address, sealed } = await seeds.create(id);
      const named = { account_id: id, email: `${id}@example.org`, name: 'Shop' };
      await insertMerchant(db, { ...named, network: 'testnet', created_at: nowMs() });
      const key = { account_id: id, network: 'testnet' as const, address };
      await insertSettlementKey(db, key, sealed, nowMs());
      const merchant = (await merchantById(db, id))!;
      const authenticator = createSoftwareAuthenticator({ origin, rpId });
      return { merchant, address, authenticator, paidUsdc: 0n, paidStroops: 0n };
    },

    /** What must hold whenever one looks. @returns what does not */
    async violations(owner: Owner): Promise<string[]> {
      const found: string[] = [];
      const key = await keyOf(owner);
      const migration = await migrationOfOwner(owner);
      const account = await readManagedAccount(chain.rpc, owner.address, usdc);
      const wallet = key.smart_wallet_address;
      const inWallet = wallet === null ? 0n : await usdcBalance(network, wallet);
      if (account.usdc + inWallet !== owner.paidUsdc)
        found.push(`${owner.paidUsdc} were paid, ${account.usdc} + ${inWallet} are there`);
      if (account.isThere && !(await seedOpens(owner))) found.push('nobody can sign for the account');
      const isDeployed = migration !== undefined;
      if (isDeployed && !(await passkeySigns(owner, wallet!))) found.push('nobody can sign for the wallet');
      if (inWallet > 0n && !isDeployed) found.push('a wallet that was not made holds USDC');
      const { settlement_address: mirror } = (await merchantById(db, owner.merchant.account_id))!;
      const signable = (account.isThere && mirror === owner.address) || (isDeployed && mirror === wallet);
      if (!signable) found.push(`payments go to ${mirror}, for which nobody can sign`);
      if ((mirror === wallet) !== (key.managed === 0)) found.push('managed and mirror do not agree');
      return found;
    },

    /** What must hold once a migration is done. */
    async leftovers(owner: Owner): Promise<string[]> {
      const found: string[] = [];
      const key = await keyOf(owner);
      const migration = await migrationOfOwner(owner);
      const account = await readManagedAccount(chain.rpc, owner.address, usdc);
      if (migration?.state !== 'done') found.push(`it stands at ${migration?.state}`);
      if (account.isThere) found.push('the account is still there');
      if (key.encrypted_seed !== null) found.push('the seed is still there');
      if (key.status !== 'self-custody' || key.managed !== 0) found.push(`it is ${key.status}`);
      const stroops = await usdcBalance(
        { rpc: chain.rpc, usdc: { ...usdc, contractId: net.nativeTokenContractId } },
        key.smart_wallet_address!,
      );
      if (stroops !== owner.paidStroops)
        found.push(`${owner.paidStroops} stroops were paid, ${stroops} came`);
      if (BigInt(migration?.moved_native_stroops ?? -1) !== stroops)
        found.push(`${migration?.moved_native_stroops} stroops are said to have moved`);
      return found;
    },

    /** What was paid to the owner, in USDC and XLM, and is neither in the account nor in the wallet; less than zero for more. */
    async lostStroops(owner: Owner): Promise<bigint> {
      const { smart_wallet_address: wallet } = await keyOf(owner);
      const account = await readManagedAccount(chain.rpc, owner.address, usdc);
      const native = { rpc: chain.rpc, usdc: { ...usdc, contractId: net.nativeTokenContractId } };
      const [walletUsdc, walletStroops] =
        wallet === null ? [0n, 0n] : [await usdcBalance(network, wallet), await usdcBalance(native, wallet)];
      return (
        owner.paidUsdc +
        owner.paidStroops -
        account.usdc -
        walletUsdc -
        account.movableStroops -
        walletStroops
      );
    },

    async close() {
      await db.destroy();
    },
  };

  async function seedOpens(owner: Owner): Promise<boolean> {
    const whose = { accountId: owner.merchant.account_id, network: 'testnet' as const };
    return seeds
      .openManagedSeed(db, whose, 'migration', (keypair) => keypair.publicKey() === owner.address)
      .catch(() => false);
  }

  /** Whether the wallet on the ledger has the owner's passkey as its signer. */
  async function passkeySigns({ authenticator }: Owner, wallet: string): Promise<boolean> {
    const hostFunction = walletCalls.signer(wallet, OWNER_SIGNER_ID);
    const { key } = readRegisteredSigner((await simulate(chain.rpc, { hostFunction })).returnValue).signer;
    if (key.kind !== 'passkey') return false;
    const id = Buffer.from(key.passkey.credentialId).toString('base64url');
    return authenticator.credentials.some((it) => it.id === id);
  }
}
