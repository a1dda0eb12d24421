// Key encryption keys of settlement wallets, with the server's environment: how many seeds are sealed under which version,
// and moving all of them to the newest. Safe beside running servers, and to be stopped and started again. Servers are
// given the new version first: one that does not have it could not open what was moved.
import { ConfigError, readConfig } from '../server/src/config.ts';
import { openDatabase } from '../server/src/db/database.ts';
import { seedsByKekVersion } from '../server/src/db/settlementKeys.ts';
import { rotateKeks } from '../server/src/settlement/kekRotation.ts';
import { openLocalKeyEncryption, WrongSettlementKek } from '../server/src/settlement/localKek.ts';

const USAGE = `npm run settlement -- kek status   how many seeds are sealed under which version of SETTLEMENT_KEY_KEK
npm run settlement -- kek rotate   move all of them to the highest version`;

const asLines = (counts: { version: number; count: number }[]) =>
  counts.map(({ version, count }) => `version ${version}: ${count} seeds`).join('\n');

/** @returns the exit code */
async function run(args: string[]): Promise<number> {
  const command = args.join(' ');
  if (command !== 'kek status' && command !== 'kek rotate') {
    console.error(USAGE);
    return 2;
  }
  const { database, settlement } = readConfig(process.env);
  if (!settlement) throw new ConfigError('SETTLEMENT_KEY_KEK is missing.');
  const db = await openDatabase(database);
  try {
    if (command === 'kek status') {
      console.log(asLines(await seedsByKekVersion(db)) || 'no seeds');
      console.log(`newest of SETTLEMENT_KEY_KEK: version ${Math.max(...settlement.kekByVersion.keys())}`);
      return 0;
    }
    const keyEncryption = await openLocalKeyEncryption(db, settlement.kekByVersion);
    const { currentVersion } = keyEncryption;
    const { rewrapped, unopened, left } = await rotateKeks(db, keyEncryption, (count) =>
      console.error(`${count} seeds moved`),
    );
    for (const { accountId, kekVersion } of unopened)
      console.error(`merchant ${accountId}: the seed under version ${kekVersion} does not open`);
    if (left.length > 0) {
      console.error(`Not done: keep the old keys, and run this again.\n${asLines(left)}`);
      return 1;
    }
    console.log(`Done: ${rewrapped} seeds moved, all are under version ${currentVersion}.`);
    const old = [...settlement.kekByVersion.keys()].filter((it) => it !== currentVersion);
    if (old.length > 0)
      console.log(
        `Version ${old.join(', ')} may be taken out of SETTLEMENT_KEY_KEK once no server seals with it.`,
      );
    return 0;
  } finally {
    await db.destroy();
  }
}

run(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    const isMendable = error instanceof ConfigError || error instanceof WrongSettlementKek;
    console.error(isMendable ? error.message : error);
    process.exit(1);
  },
);
