// What a server does not start with: a database of another network or of a former release's contracts, and a recovery
// contract that is not the one its settings describe; and what it goes on with after its settings have changed.
import { createLatchkey } from '@latchkey/sdk';
import { readSettings, simulate, walletCalls } from '@latchkey/sdk/chain';
import { Keypair, StrKey } from '@stellar/stellar-sdk/base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError, type Environment, readConfig } from '../server/src/config.ts';
import { insertAccount, insertWallet, setWalletState } from '../server/src/db/accounts.ts';
import { openDatabase, UnusableDatabase } from '../server/src/db/database.ts';
import { spawn } from '../server/src/spawn.ts';
import { createWorld, keptLog, type Person, type World } from './world.ts';

const DELAY_SECONDS = 3600;

let world: World;

beforeAll(async () => {
  world = await createWorld({ env: { RECOVERY_DELAY_SECONDS: String(DELAY_SECONDS) } });
});
afterAll(() => world?.close());

function start(change: Environment) {
  return spawn(readConfig({ ...world.env, ...change }), { log: keptLog([]) });
}

/** Another database in the same folder, that holds one wallet. */
async function databaseWith(name: string, walletAddress: string): Promise<string> {
  const url = world.env.DATABASE_URL!.replace(/[^/]*$/, name);
  const db = await openDatabase(url);
  await insertAccount(db, { id: name, email: 'ana@example.org' }, 0);
  await insertWallet(db, {
    account_id: name,
    address: walletAddress,
    submission_id: name,
    created_at: 0,
  });
  await setWalletState(db, name, 'active');
  await db.destroy();
  return url;
}

describe('a server does not start', () => {
  it('with a database whose wallets do not speak the interface it signs for', async () => {
    const DATABASE_URL = await databaseWith('former.db', world.env.NATIVE_TOKEN_CONTRACT_ID!);
    await expect(start({ DATABASE_URL })).rejects.toThrow(UnusableDatabase);
    await expect(start({ DATABASE_URL })).rejects.toThrow('former release');
  });

  it('with a database whose wallets the network has never heard of', async () => {
    const unknown = StrKey.encodeContract(Buffer.alloc(32, 1));
    const DATABASE_URL = await databaseWith('unknown.db', unknown);
    await expect(start({ DATABASE_URL })).rejects.toThrow(UnusableDatabase);
    await expect(start({ DATABASE_URL })).rejects.toThrow('do not exist on this network');
  });

  it.each([
    ['another delay', () => ({ RECOVERY_DELAY_SECONDS: String(DELAY_SECONDS + 1) })],
    ['another guardian', () => ({ RECOVERY_WALLET_SECRET_KEY: Keypair.random().secret() })],
    ['no recovery contract', () => ({ RECOVERY_CONTRACT_ID: world.env.NATIVE_TOKEN_CONTRACT_ID })],
    ['no contract', () => ({ RECOVERY_CONTRACT_ID: StrKey.encodeContract(Buffer.alloc(32, 1)) })],
  ])('when RECOVERY_CONTRACT_ID is of %s', async (_, change) => {
    await expect(start(change())).rejects.toThrow(ConfigError);
    await expect(start(change())).rejects.toThrow('RECOVERY_CONTRACT_ID');
  });
});

describe('a server that starts without a delay', () => {
  it('keeps the delay of a wallet that was made with one, and gives new ones none', async () => {
    const ana = world.person('ana@example.org');
    const { walletAddress } = await ana.latchkey.createWallet({ email: ana.email });
    const server = await start({ RECOVERY_DELAY_SECONDS: '0' });
    const through = (person: Person) =>
      createLatchkey({ baseUrl: server.url, passkeys: person.authenticator, storage: null });
    try {
      const { config, rpc } = server.services;
      expect(config.recoveryContractId).toBeNull();
      const ben = world.person('ben@example.org');
      const bens = (await through(ben).createWallet({ email: ben.email })).walletAddress;
      const guardianOf = async (wallet: string) =>
        readSettings((await simulate(rpc, { hostFunction: walletCalls.settings(wallet) })).returnValue)
          .recovery;
      expect(await guardianOf(walletAddress)).toBe(world.env.RECOVERY_CONTRACT_ID);
      expect(await guardianOf(bens)).toBe(
        Keypair.fromSecret(world.env.RECOVERY_WALLET_SECRET_KEY!).publicKey(),
      );

      const outcomes = [ana, ben].map(async ({ email }) => {
        const heir = through(world.person(email));
        await heir.requestRecoveryCode({ email });
        const code = /\b(\d{6})\b/.exec(
          server.services.mailer.inbox!.find((it) => it.to === email)!.text,
        )![1]!;
        return (await heir.recoverWallet({ email, code })).status;
      });
      expect(await Promise.all(outcomes)).toEqual(['pending', 'rotated']);
    } finally {
      await server.close();
    }
  });
});
