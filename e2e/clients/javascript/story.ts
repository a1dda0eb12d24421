// The story of README.md, told with @stellar/stellar-sdk alone: RPC_URL names the network, ALICE and BOB are secret
// keys, WASM is the contract's file. Prints one line per fact, "name: JSON"; clients.test.ts says what is right.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  Account,
  Asset,
  BASE_FEE,
  Claimant,
  contract,
  type FeeBumpTransaction,
  Keypair,
  Operation,
  rpc,
  scValToNative,
  type Transaction,
  TransactionBuilder,
  xdr,
} from '@stellar/stellar-sdk';

const { RPC_URL = 'http://localhost:8000/rpc', ALICE = '', BOB = '', WASM = '' } = process.env;
const SALT = new Uint8Array(32).fill(7);
const CONTEXTS_HASH = new Uint8Array(32).fill(9);
const POLLING: rpc.Server.PollingOptions = { attempts: 50, sleepStrategy: () => 100 };

const server = new rpc.Server(RPC_URL, { allowHttp: true });
const alice = Keypair.fromSecret(ALICE);
const bob = Keypair.fromSecret(BOB);
const bean = new Asset('BEAN', alice.publicKey());
const report = (name: string, value: unknown) => console.log(`${name}: ${JSON.stringify(value)}`);

const { passphrase, protocolVersion, friendbotUrl } = await server.getNetwork();
report('passphrase', passphrase);
report('protocolVersion', protocolVersion);
report('health', (await server.getHealth()).status);
report('rpcProtocolVersion', (await server.getVersionInfo()).protocolVersion);
const firstLedger = (await server.getLatestLedger()).sequence;

async function balance(keypair: Keypair): Promise<string> {
  return (await server.getAccountEntry(keypair.publicKey())).balance.toString();
}

async function build(source: Keypair, ...operations: xdr.Operation[]): Promise<Transaction> {
  const account = await server.getAccount(source.publicKey());
  const builder = new TransactionBuilder(account, { fee: BASE_FEE, networkPassphrase: passphrase });
  for (const operation of operations) builder.addOperation(operation);
  return builder.setTimeout(60).build();
}

async function send(transaction: Transaction | FeeBumpTransaction, ...signers: Keypair[]) {
  for (const signer of signers) transaction.sign(signer);
  const sent = await server.sendTransaction(transaction);
  if (sent.status !== 'PENDING') throw new Error(`${sent.status}: ${JSON.stringify(sent.errorResult)}`);
  const done = await server.pollTransaction(sent.hash, POLLING);
  if (done.status === 'NOT_FOUND') throw new Error(`${sent.hash} was never applied`);
  return done;
}

async function succeed(source: Keypair, ...operations: xdr.Operation[]) {
  const done = await send(await build(source, ...operations), source);
  if (done.status !== 'SUCCESS') throw new Error(`failed: ${JSON.stringify(done.resultXdr)}`);
  return done;
}

// Accounts and payments
await server.requestAirdrop(alice.publicKey());
report('friendbotBalance', await balance(alice));
const again = await fetch(`${friendbotUrl}?addr=${alice.publicKey()}`);
report('friendbotAgain', [again.status, ((await again.json()) as { detail: string }).detail]);
const carol = Keypair.random();
report('fundAddress', (await server.fundAddress(carol.publicKey())).status);

await succeed(alice, Operation.createAccount({ destination: bob.publicKey(), startingBalance: '1000' }));
report('createdBalance', await balance(bob));
const paid = await succeed(
  alice,
  Operation.payment({ destination: bob.publicKey(), asset: Asset.native(), amount: '1.2345678' }),
);
report('paymentFee', paid.resultXdr.feeCharged.toString());
report('paidBalance', await balance(bob));
const tooMuch = await send(
  await build(
    bob,
    Operation.payment({ destination: alice.publicKey(), asset: Asset.native(), amount: '9999' }),
  ),
  bob,
);
const outcome = tooMuch.resultXdr.result;
const inner = outcome.type === 'txFailed' ? outcome.results[0] : undefined;
report('underfunded', [
  tooMuch.status,
  inner?.type === 'opInner' ? (inner.tr.value as { type: string }).type : inner?.type,
]);
const stale = new TransactionBuilder(new Account(bob.publicKey(), '0'), {
  fee: BASE_FEE,
  networkPassphrase: passphrase,
})
  .addOperation(Operation.bumpSequence({ bumpTo: '0' }))
  .setTimeout(60)
  .build();
stale.sign(bob);
const rejected = await server.sendTransaction(stale);
report('refused', [rejected.status, rejected.errorResult?.result.type]);

const payment = await build(
  bob,
  Operation.payment({ destination: alice.publicKey(), asset: Asset.native(), amount: '1' }),
);
payment.sign(bob);
const bump = await send(TransactionBuilder.buildFeeBumpTransaction(alice, '200', payment, passphrase), alice);
report('feeBump', [bump.status, bump.feeBump, bump.resultXdr.feeCharged.toString()]);
report('bumpedBalance', await balance(bob));

// Another asset, settings, data, a claimable balance
await succeed(bob, Operation.changeTrust({ asset: bean, limit: '1000' }));
await succeed(alice, Operation.payment({ destination: bob.publicKey(), asset: bean, amount: '25' }));
report('beanBalance', (await server.getTrustline(bob.publicKey(), bean)).balance.toString());
await succeed(
  alice,
  Operation.setOptions({ homeDomain: 'example.org' }),
  Operation.manageData({ name: 'greeting', value: 'hello' }),
);
report('homeDomain', (await server.getAccountEntry(alice.publicKey())).homeDomain.toString());
const claimable = await build(
  alice,
  Operation.createClaimableBalance({
    asset: Asset.native(),
    amount: '5',
    claimants: [new Claimant(bob.publicKey())],
  }),
);
const balanceId = claimable.getClaimableBalanceId(0);
await send(claimable, alice);
report('claimableAmount', (await server.getClaimableBalance(balanceId)).amount.toString());
const beforeClaim = BigInt(await balance(bob));
await succeed(bob, Operation.claimClaimableBalance({ balanceId }));
report('claimed', (BigInt(await balance(bob)) - beforeClaim).toString());

// A contract: upload, deploy, call, its events and errors
type Approvals = {
  install(args: object, options?: contract.MethodOptions): Promise<contract.AssembledTransaction<unknown>>;
  approve(args: object, options?: contract.MethodOptions): Promise<contract.AssembledTransaction<unknown>>;
  approvals(args: object): Promise<contract.AssembledTransaction<string[]>>;
};
const wasm = readFileSync(WASM);
const upload = await server.prepareTransaction(await build(alice, Operation.uploadContractWasm({ wasm })));
const uploaded = await send(upload, alice);
if (uploaded.status !== 'SUCCESS') throw new Error('the upload failed');
const wasmHash = scValToNative(uploaded.returnValue!) as Uint8Array;
report('wasmHash', Buffer.from(wasmHash).toString('hex'));
const signing = (keypair: Keypair) => ({
  publicKey: keypair.publicKey(),
  ...contract.basicNodeSigner(keypair, passphrase),
});
const options = {
  rpcUrl: RPC_URL,
  networkPassphrase: passphrase,
  allowHttp: true,
  ...signing(alice),
};
const deployment = await contract.Client.deploy(null, { ...options, wasmHash, salt: SALT });
const { result: deployed } = await deployment.signAndSend();
const contractId = deployed.options.contractId;
report('contractId', contractId);
const client = (await contract.Client.from({ ...options, contractId })) as unknown as Approvals;
const target = { wallet: alice.publicKey(), signer: 0 };
const installed = await (
  await client.install({ ...target, parameters: { approvers: [bob.publicKey()], threshold: 1 } })
).signAndSend();
report('installed', installed.getTransactionResponse?.status);
const approval = {
  ...target,
  approver: bob.publicKey(),
  contexts_hash: CONTEXTS_HASH,
  expires_at_ledger: firstLedger + 1000,
};
const approving = await client.approve(approval);
report('needsSigningBy', approving.needsNonInvokerSigningBy());
await approving.signAuthEntries({
  address: bob.publicKey(),
  signAuthEntry: signing(bob).signAuthEntry,
});
report('approved', (await approving.signAndSend()).getTransactionResponse?.status);
report('approvals', (await client.approvals({ ...target, contexts_hash: CONTEXTS_HASH })).result);
const refused = await client.approve({ ...approval, approver: alice.publicKey() });
const error = rpc.Api.isSimulationError(refused.simulation!) ? refused.simulation.error : '';
report('contractError', error.split('\n')[0]);

const generator = fileURLToPath(new URL('../../../node_modules/.bin/stellar-js', import.meta.url));
const bindings = mkdtempSync(join(tmpdir(), 'latchkey-bindings-'));
execFileSync(process.execPath, [
  ...[generator, 'generate', '--contract-id', contractId, '--output-dir', bindings, '--overwrite'],
  ...['--network', 'localnet', '--rpc-url', RPC_URL, '--allow-http'],
]);
report(
  'bindings',
  readFileSync(join(bindings, 'src/client.ts'), 'utf8').includes('approversInstalledEventFilter'),
);
rmSync(bindings, { recursive: true });

// An asset's contract
const beanContract = await server.prepareTransaction(
  await build(alice, Operation.createStellarAssetContract({ asset: bean })),
);
await send(beanContract, alice);
report('beanContractId', bean.contractId(passphrase));
const held = await server.getAssetBalance(bob.publicKey(), bean, passphrase);
report('heldBeans', held.balanceEntry?.amount);

// History, page by page
const { events } = await server.getEvents({
  startLedger: firstLedger,
  filters: [{ type: 'contract', contractIds: [contractId] }],
});
report(
  'events',
  events.map((event) => scValToNative(event.topic[0]!) as string),
);
const topics = [[xdr.ScVal.scvSymbol('approved').toXdr('base64'), '**']];
const page = await server.getEvents({ startLedger: firstLedger, filters: [{ topics }], limit: 1 });
report('approvedEvents', page.events.length);
const rest = await server.getEvents({ cursor: page.cursor, filters: [{ topics }], limit: 10 });
report('approvedEventsAfterCursor', rest.events.length);

const { sequence: lastLedger } = await server.getLatestLedger();
async function pages(fetchPage: (paging: object) => Promise<{ cursor: string; items: string[] }>) {
  const seen: string[] = [];
  let paging: object = { startLedger: firstLedger + 1, pagination: { limit: 5 } };
  for (;;) {
    const { cursor, items } = await fetchPage(paging);
    if (items.length === 0) return seen;
    seen.push(...items);
    paging = { pagination: { cursor, limit: 5 } };
  }
}
const hashes = await pages(async (paging) => {
  const { transactions, cursor } = await server.getTransactions(paging as rpc.Api.GetTransactionsRequest);
  return { cursor, items: transactions.map(({ txHash }) => txHash) };
});
report('pagedTransactions', hashes.includes(uploaded.txHash) && new Set(hashes).size === hashes.length);
const ledgers = await pages(async (paging) => {
  const { ledgers, cursor } = await server.getLedgers(paging as rpc.Api.GetLedgersRequest);
  return { cursor, items: ledgers.map(({ sequence }) => String(sequence)) };
});
report(
  'pagedLedgers',
  Array.from({ length: lastLedger - firstLedger }, (_, i) => String(firstLedger + 1 + i)).every(
    (sequence, i) => ledgers[i] === sequence,
  ),
);
const fees = await server.getFeeStats();
report('feeStats', [fees.inclusionFee.min, Number(fees.sorobanInclusionFee.transactionCount) > 0]);
