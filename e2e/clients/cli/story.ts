// The story of README.md, told with stellar-cli alone: STELLAR names the program, RPC_URL the network, ALICE and BOB are
// secret keys, WASM is the contract's file. Prints one line per fact, "name: JSON"; clients.test.ts says what is right.
import { openStellar, signedHash } from './stellar.ts';

const { STELLAR = 'stellar', RPC_URL = 'http://localhost:8000/rpc' } = process.env;
const { ALICE = '', BOB = '', WASM = '' } = process.env;
const PASSPHRASE = 'Standalone Network ; February 2017';
const CONTEXTS_HASH = '09'.repeat(32);

const stellar = await openStellar(STELLAR, RPC_URL, PASSPHRASE);
process.on('exit', stellar.close);
const report = (name: string, value: unknown) => console.log(`${name}: ${JSON.stringify(value)}`);

type Entries<T> = { entries: { val: T }[] };
type Account = { account: { balance: string; home_domain: string } };

async function account(name: string): Promise<Account['account']> {
  const reply = await stellar.json<Entries<Account>>([
    ...['ledger', 'entry', 'fetch', 'account', '--account', name, '--output', 'json'],
  ]);
  return reply.entries[0]!.val.account;
}

/** Signs with the source's key, sends, and gives the hash. */
async function send(source: string, operation: string, ...args: string[]): Promise<string> {
  return signedHash(await stellar.progress(['tx', 'new', operation, '--source', source, ...args]));
}

function invoke(source: string, ...args: string[]): string[] {
  return ['contract', 'invoke', '--id', 'approvals', '--source', source, '--', ...args];
}

const network = await stellar.json<{ passphrase: string; protocol_version: number }>([
  ...['network', 'info', '--output', 'json'],
]);
report('passphrase', network.passphrase);
report('protocolVersion', network.protocol_version);
const health = await stellar.json<{ status: string }>(['network', 'health', '--output', 'json']);
report('health', health.status);
const { sequence: firstLedger } = await stellar.json<{ sequence: number }>([
  ...['ledger', 'latest', '--output', 'json'],
]);

// Accounts and payments
await stellar.addKey('alice', ALICE);
await stellar.addKey('bob', BOB);
await stellar.run(['keys', 'fund', 'alice']);
report('friendbotBalance', (await account('alice')).balance);
const alice = await stellar.run(['keys', 'public-key', 'alice']);
const bob = await stellar.run(['keys', 'public-key', 'bob']);
await send('alice', 'create-account', '--destination', bob, '--starting-balance', '10000000000');
report('createdBalance', (await account('bob')).balance);
const paid = await send('alice', 'payment', '--destination', bob, '--amount', '12345678');
const { charged } = await stellar.json<{ charged: { fee: number } }>([
  ...['tx', 'fetch', 'fee', '--hash', paid, '--output', 'json'],
]);
report('paymentFee', String(charged.fee));
report('paidBalance', (await account('bob')).balance);
const refused = await stellar.refusal([
  ...['tx', 'new', 'payment', '--source', 'bob', '--destination', alice, '--amount', '99990000000'],
]);
report('underfunded', ['FAILED', /Payment\(\s*(\w+)/.exec(refused)?.[1] ?? refused]);

// Another asset, settings, data, a claimable balance
const bean = `BEAN:${alice}`;
await send('bob', 'change-trust', '--line', bean, '--limit', '10000000000');
await send('alice', 'payment', '--destination', bob, '--asset', bean, '--amount', '250000000');
const line = await stellar.json<Entries<{ trustline: { balance: string } }>>([
  ...['ledger', 'entry', 'fetch', 'trustline', '--account', 'bob', '--asset', bean, '--output', 'json'],
]);
report('beanBalance', line.entries[0]!.val.trustline.balance);
const settings = await stellar.run([
  ...[
    'tx',
    'new',
    'set-options',
    '--source',
    'alice',
    '--home-domain',
    'example.org',
    '--inclusion-fee',
    '200',
    '--build-only',
  ],
]);
const both = await stellar.run(
  [
    'tx',
    'operation',
    'add',
    'manage-data',
    '--source',
    'alice',
    '--data-name',
    'greeting',
    '--data-value',
    '68656c6c6f',
  ],
  { input: settings },
);
const signed = await stellar.run(['tx', 'sign', '--sign-with-key', 'alice'], { input: both });
await stellar.run(['tx', 'send'], { input: signed });
report('homeDomain', (await account('alice')).home_domain);
const claimable = await send(
  'alice',
  'create-claimable-balance',
  ...['--asset', 'native', '--amount', '50000000', '--claimant', bob],
);
const created = await stellar.run(['tx', 'fetch', 'result', '--hash', claimable]);
// The CLI prints the id as an address and takes it as hex.
const balanceAddress = /"(B[A-Z2-7]{57})"/.exec(created)?.[1] ?? created;
const { claimable_balance: decoded } = await stellar.json<{ claimable_balance: { v0: string } }>([
  ...['strkey', 'decode', balanceAddress],
]);
const balanceId = decoded.v0;
const waiting = await stellar.json<Entries<{ claimable_balance: { amount: string } }>>([
  ...['ledger', 'entry', 'fetch', 'claimable-balance', '--id', balanceId, '--output', 'json'],
]);
report('claimableAmount', waiting.entries[0]!.val.claimable_balance.amount);
const beforeClaim = BigInt((await account('bob')).balance);
await send('bob', 'claim-claimable-balance', '--balance-id', balanceId);
report('claimed', String(BigInt((await account('bob')).balance) - beforeClaim));

// A contract: upload, deploy, call, its events and errors
report('wasmHash', await stellar.run(['contract', 'upload', '--source', 'alice', '--wasm', WASM]));
const contractId = await stellar.run([
  ...['contract', 'deploy', '--source', 'alice', '--wasm', WASM, '--salt', '07'.repeat(32)],
  ...['--alias', 'approvals'],
]);
report('contractId', contractId);
const target = ['--wallet', 'alice', '--signer', '0'];
const parameters = JSON.stringify({ approvers: [bob], threshold: 1 });
await stellar.run(invoke('alice', 'install', ...target, '--parameters', parameters));
report('installed', 'SUCCESS');
const approval = [...target, '--contexts_hash', CONTEXTS_HASH];
const approve = (approver: string) =>
  invoke(
    'alice',
    'approve',
    '--approver',
    approver,
    ...approval,
    '--expires_at_ledger',
    `${firstLedger + 1000}`,
  );
await stellar.run(approve('bob'));
report('approved', 'SUCCESS');
report('approvals', JSON.parse(await stellar.run(invoke('alice', 'approvals', ...approval))));
report('contractError', /HostError: .*/.exec(await stellar.refusal(approve('alice')))?.[0]);

// An asset's contract
const asset = ['--asset', bean];
report('beanContractId', await stellar.run(['contract', 'asset', 'deploy', '--source', 'alice', ...asset]));
const balance = ['contract', 'invoke', '--id', await stellar.run(['contract', 'id', 'asset', ...asset])];
const held = await stellar.run([...balance, '--source', 'alice', '--', 'balance', '--id', bob]);
report('heldBeans', JSON.parse(held));

// History, page by page
type Event = { id: string; prefix_topics: string[] };
async function events(...args: string[]): Promise<Event[]> {
  const lines = await stellar.run(['events', '--output', 'json', '--id', contractId, ...args]);
  return lines
    .split('\n')
    .filter((text) => text.startsWith('{'))
    .map((text) => JSON.parse(text) as Event);
}
const since = ['--start-ledger', String(firstLedger)];
const all = await events(...since);
report(
  'events',
  all.map((event) => event.prefix_topics[0]),
);
const topic = ['--topic', `${await approvedTopic()},**`];
const page = await events(...since, ...topic, '--count', '1');
report('approvedEvents', page.length);
report('approvedEventsAfterCursor', (await events('--cursor', page[0]!.id, ...topic)).length);

async function approvedTopic(): Promise<string> {
  return stellar.run(['xdr', 'encode', '--type', 'ScVal'], { input: '{"symbol":"approved"}' });
}

const { sequence: lastLedger } = await stellar.json<{ sequence: number }>([
  ...['ledger', 'latest', '--output', 'json'],
]);
const count = lastLedger - firstLedger;
const { ledgers } = await stellar.json<{ ledgers: { sequence: number }[] }>([
  ...['ledger', 'fetch', String(firstLedger + 1), '--limit', String(count), '--output', 'json'],
]);
report(
  'pagedLedgers',
  ledgers.length === count && ledgers.every((it, i) => it.sequence === firstLedger + 1 + i),
);
const fees = await stellar.json<Record<string, { min: string; transactionCount: string | number }>>([
  ...['fees', 'stats', '--output', 'json'],
]);
report('feeStats', [fees.inclusionFee!.min, Number(fees.sorobanInclusionFee!.transactionCount) > 0]);
