// The relayer's own affairs, with the server's environment: the pool of channel accounts, and API keys. With --dev the
// environment is that of `npm start`.
// A key's secret is printed once and not kept. Safe beside a running server.
import { parseArgs } from 'node:util';
import { createRpc } from '@latchkey/sdk/chain';
import { pino } from 'pino';
import { ConfigError, readRelayerConfig } from '../server/src/config.ts';
import {
  type AllowedCall,
  allApiKeys,
  apiKeyById,
  createApiKey,
  endApiKey,
} from '../server/src/db/apiKeys.ts';
import { allChannels } from '../server/src/db/channels.ts';
import { openDatabase } from '../server/src/db/database.ts';
import { keptEnvironment } from '../server/src/development/environmentFile.ts';
import { ANY_WALLET, CREATE, NEW_WALLET } from '../server/src/relayer/callPolicy.ts';
import { openChannelKeys } from '../server/src/relayer/channelKeys.ts';
import { createChannelPool } from '../server/src/relayer/channelPool.ts';
import { createNetworkCheck } from '../server/src/relayer/network.ts';
import { createSponsor } from '../server/src/relayer/sponsor.ts';

const USAGE = `npm run relayer -- channels                 bring the pool to RELAYER_CHANNELS accounts
npm run relayer -- key create NAME [--allow C…:transfer,approve]… [--max-fee STROOPS]
       [--per-day COUNT] [--stroops-per-day STROOPS] [--wallet-per-day COUNT] [--restore] [--allow-create] [--public]
       C… may be "${ANY_WALLET}" for any known wallet; without --allow: transfers of the native token, deploy of the factory
npm run relayer -- key list
npm run relayer -- key rotate ID           a new secret under the same terms; the old one works for a day
npm run relayer -- key revoke ID
       --dev [--dir FOLDER]: of the server that npm start runs`;

const ROTATION_OVERLAP_MS = 86_400_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    allow: { type: 'string', multiple: true },
    'max-fee': { type: 'string' },
    'per-day': { type: 'string', default: '10000' },
    'stroops-per-day': { type: 'string', default: '1000000000' },
    'wallet-per-day': { type: 'string', default: '500' },
    restore: { type: 'boolean', default: false },
    'allow-create': { type: 'boolean', default: false },
    public: { type: 'boolean', default: false },
    dev: { type: 'boolean', default: false },
    dir: { type: 'string', default: '.latchkey' },
  },
});

function fail(text: string): never {
  console.error(text);
  process.exit(2);
}

async function settings() {
  try {
    const env = values.dev ? await keptEnvironment(values.dir, process.env) : process.env;
    return readRelayerConfig(env);
  } catch (error) {
    return fail(error instanceof ConfigError ? error.message : String(error));
  }
}

function whole(name: 'max-fee' | 'per-day' | 'stroops-per-day' | 'wallet-per-day', fallback = ''): bigint {
  const text = values[name] ?? fallback;
  return /^\d{1,15}$/.test(text) ? BigInt(text) : fail(`--${name} ${text}: write a whole number`);
}

function allowedCall(text: string): AllowedCall {
  const [, contract, functions] = /^(C[A-Z2-7]{55}|wallet):([\w,]+)$/.exec(text) ?? [];
  if (!contract || !functions) return fail(`--allow ${text}: write CONTRACT:function,function`);
  return { contract, functions: functions.split(',') };
}

const [topic, action, subject] = positionals;
if (topic !== 'channels' && topic !== 'key') fail(USAGE);
const config = await settings();
const db = await openDatabase(config.database);
try {
  if (topic === 'channels') await bringPoolToSize();
  else if (action === 'create' && subject) await create(subject);
  else if (action === 'list') await list();
  else if (action === 'rotate' && subject) await rotate(subject);
  else if (action === 'revoke' && subject) {
    if (!(await endApiKey(db, subject, Date.now()))) fail(`There is no live key ${subject}.`);
    console.log(`revoked ${subject}`);
  } else fail(USAGE);
} finally {
  await db.destroy();
}

async function bringPoolToSize(): Promise<void> {
  const rpc = createRpc(config.rpcUrl);
  const pool = createChannelPool({
    db,
    rpc,
    sponsor: createSponsor(rpc, config.sponsorSecretKey, config.networkPassphrase),
    keys: await openChannelKeys(db, config.keyEncryptionKey),
    size: config.channels,
    confirmNetwork: createNetworkCheck(rpc, config.networkPassphrase),
    log: pino({ level: 'warn' }),
  });
  await pool.reconcile();
  for (const { address, state } of await allChannels(db)) console.log(`${address} ${state}`);
}

async function create(name: string): Promise<void> {
  const standard = [
    { contract: config.nativeTokenId, functions: ['transfer'] },
    { contract: config.factoryId, functions: ['deploy'] },
  ];
  const { id, secret } = await createApiKey(
    db,
    {
      name,
      allowed: [
        ...(values.allow?.map(allowedCall) ?? standard),
        ...(values['allow-create'] ? [{ contract: NEW_WALLET, functions: [CREATE] }] : []),
      ],
      maxFeeStroops: whole('max-fee', String(config.maxFeeStroops)),
      submissionsPerDay: Number(whole('per-day')),
      stroopsPerDay: whole('stroops-per-day'),
      walletSubmissionsPerDay: Number(whole('wallet-per-day')),
      mayRestore: values.restore,
      isPublic: values.public,
    },
    Date.now(),
  );
  console.log(`${id}\n${secret}`);
}

async function list(): Promise<void> {
  for (const key of await allApiKeys(db)) {
    const end = key.expires_at === null ? '' : ` until ${new Date(key.expires_at).toISOString()}`;
    console.log(`${key.id} ${key.name}${key.is_public ? ' (public)' : ''}${end} ${key.allowed}`);
  }
}

async function rotate(id: string): Promise<void> {
  const old = await apiKeyById(db, id);
  if (!old) return fail(`There is no key ${id}.`);
  const made = await createApiKey(
    db,
    {
      name: old.name,
      allowed: JSON.parse(old.allowed) as AllowedCall[],
      maxFeeStroops: BigInt(old.max_fee_stroops),
      submissionsPerDay: old.submissions_per_day,
      stroopsPerDay: BigInt(old.stroops_per_day),
      walletSubmissionsPerDay: old.wallet_submissions_per_day,
      mayRestore: old.may_restore === 1,
      isPublic: old.is_public === 1,
    },
    Date.now(),
  );
  await endApiKey(db, id, Date.now() + ROTATION_OVERLAP_MS);
  console.log(`${made.id}\n${made.secret}`);
}
