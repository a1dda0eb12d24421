// Submissions of classic operations on the embedded network: what a settlement address needs of the relayer, and that no
// payment happens twice although operations have no nonce.
import { createDevnet, type Devnet } from '@latchkey/devnet';
import type { Rpc } from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import {
  AlphaNum4,
  Asset,
  BeginSponsoringFutureReservesOp,
  ChangeTrustAsset,
  ChangeTrustOp,
  CreateAccountOp,
  LedgerEntryData,
  LedgerKey,
  LedgerKeyTrustLine,
  Memo,
  MuxedAccount,
  Operation,
  OperationBody,
  PaymentOp,
  TransactionEnvelope,
  TrustLineAsset,
} from '@stellar/stellar-sdk/xdr';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertAccount } from '../db/accounts.ts';
import { allChannels } from '../db/channels.ts';
import type { Database } from '../db/database.ts';
import { type SettlementKind, settlementKinds } from '../db/schema.ts';
import type { Submission } from '../db/submissions.ts';
import { onEveryDatabase } from '../testing/everyDatabase.ts';
import { openChannelKeys } from './channelKeys.ts';
import { createChannelPool } from './channelPool.ts';
import { mergedBalanceStroops } from './resultCodes.ts';
import { createSponsor, readAccount, type Sponsor, signatureOf } from './sponsor.ts';
import { createRelayer, type Effects, type Relayer, type StepObserver } from './worker.ts';

const kek = new Uint8Array(32).fill(9);
const sponsorKey = Keypair.fromRawEd25519Seed(Buffer.alloc(32, 3));
const issuer = Keypair.fromRawEd25519Seed(Buffer.alloc(32, 4));
/** Whose key nobody here has made known. */
const stranger = Keypair.fromRawEd25519Seed(Buffer.alloc(32, 6));
const merchant = Keypair.fromRawEd25519Seed(Buffer.alloc(32, 5));
const log = pino({ level: 'silent' });
const CHANNELS = 2;
const SETTLED_WITHIN_MS = 20_000;
const ACCOUNT = 'merchant';

const usd = new AlphaNum4({ assetCode: new TextEncoder().encode('USD\0'), issuer: issuer.xdrAccountId() });
const operation = (source: Keypair, body: OperationBody) =>
  new Operation({ sourceAccount: MuxedAccount.fromJson(source.publicKey()), body }).toXdr('base64');
const changeTrust = (limit: bigint) =>
  operation(
    merchant,
    OperationBody.changeTrust(
      new ChangeTrustOp({ line: ChangeTrustAsset.assetTypeCreditAlphanum4(usd), limit }),
    ),
  );
const pay = (
  from: Keypair,
  to: Keypair,
  amount: bigint,
  asset: Asset = Asset.assetTypeCreditAlphanum4(usd),
) =>
  operation(
    from,
    OperationBody.payment(
      new PaymentOp({ destination: MuxedAccount.fromJson(to.publicKey()), asset, amount }),
    ),
  );
const merge = () =>
  operation(merchant, OperationBody.accountMerge(MuxedAccount.fromJson(sponsorKey.publicKey())));
const provision = () => [
  operation(
    sponsorKey,
    OperationBody.beginSponsoringFutureReserves(
      new BeginSponsoringFutureReservesOp({ sponsoredId: merchant.xdrAccountId() }),
    ),
  ),
  operation(
    sponsorKey,
    OperationBody.createAccount(
      new CreateAccountOp({ destination: merchant.xdrAccountId(), startingBalance: 0n }),
    ),
  ),
  changeTrust(10n ** 12n),
  operation(merchant, OperationBody.endSponsoringFutureReserves()),
];

onEveryDatabase((open) => {
  let net: Devnet;
  let rpc: Rpc;
  let sponsor: Sponsor;
  let db: Database;
  let networkPassphrase: string;
  let relayer: Relayer;
  let effects: Submission[];
  let asked: number;

  beforeEach(async () => {
    net = await createDevnet();
    rpc = { url: 'in process', call: (method, params) => net.rpc(method, params as never) as never };
    for (const it of [sponsorKey, issuer]) await net.fund(it.publicKey());
    networkPassphrase = (await rpc.call('getNetwork')).passphrase;
    sponsor = createSponsor(rpc, sponsorKey.secret(), networkPassphrase);
    db = await open();
    await insertAccount(db, { id: ACCOUNT, email: 'shop@example.org' }, 0);
    [effects, asked] = [[], 0];
    relayer = await startRelayer();
  });
  afterEach(async () => {
    await relayer.stop();
    await db.destroy();
    await net.close();
  });

  /** Signs for the merchant and the issuer, as a domain does that has their seeds. */
  async function startRelayer(observe?: StepObserver): Promise<Relayer> {
    const keys = await openChannelKeys(db, kek);
    const confirmNetwork = async () => {};
    const noted = async (_: unknown, row: Submission) => void effects.push(row);
    const started = createRelayer({
      db,
      log,
      chain: { rpc, sponsor, networkPassphrase, factoryId: '', nativeTokenId: '', confirmNetwork },
      pool: createChannelPool({ db, rpc, sponsor, keys, size: CHANNELS, confirmNetwork, log }),
      maxFeeStroops: 100_000n,
      isAlone: true,
      effects: Object.fromEntries(settlementKinds.map((it) => [it, noted])) as unknown as Effects,
      async signaturesOf(row, hash) {
        asked++;
        const operations = (JSON.parse(row.operations_xdr!) as string[]).map((it) =>
          Operation.fromXdr(it, 'base64'),
        );
        const sources = operations.map((it) => String(it.sourceAccount?.toJson()));
        return [merchant, issuer]
          .filter((it) => sources.includes(it.publicKey()))
          .map((it) => signatureOf(it, hash));
      },
      ...(observe ? { observe } : {}),
    });
    started.start();
    return started;
  }

  async function enqueue(kind: SettlementKind, operationsXdr: string[], memoXdr?: string): Promise<string> {
    const work = memoXdr === undefined ? { operationsXdr } : { operationsXdr, memoXdr };
    const id = await db
      .transaction()
      .execute((trx) => relayer.enqueue(trx, { kind, accountId: ACCOUNT, ...work }));
    relayer.wake();
    return id;
  }

  const submit = async (kind: SettlementKind, operationsXdr: string[], memoXdr?: string) =>
    relayer.settled(await enqueue(kind, operationsXdr, memoXdr), SETTLED_WITHIN_MS);

  async function usdOf(keypair: Keypair): Promise<bigint | null> {
    const asset = TrustLineAsset.assetTypeCreditAlphanum4(usd);
    const key = new LedgerKeyTrustLine({ accountId: keypair.xdrAccountId(), asset });
    const { entries } = await rpc.call('getLedgerEntries', {
      keys: [LedgerKey.trustline(key).toXdr('base64')],
    });
    const data = entries[0] && LedgerEntryData.fromXdr(entries[0].xdr, 'base64');
    return data?.type === 'trustline' ? data.value.balance : null;
  }

  const lent = async () => (await allChannels(db)).filter((it) => it.submission_id !== null);

  async function provisioned(amount: bigint): Promise<void> {
    expect((await submit('provision-settlement', provision())).state).toBe('confirmed');
    expect((await submit('withdraw-settlement', [pay(issuer, merchant, amount)])).state).toBe('confirmed');
  }

  describe('operations', () => {
    it('make a sponsored account with a trust line, and cost the sponsor the fee and nothing else', async () => {
      await expect.poll(async () => (await allChannels(db)).length).toBe(CHANNELS);
      const before = await sponsor.account();
      const row = await submit('provision-settlement', provision());
      expect(row).toMatchObject({ state: 'confirmed', host_function_xdr: '', error_code: null });
      expect((await readAccount(rpc, merchant.publicKey())).balanceStroops).toBe(0n);
      expect(await usdOf(merchant)).toBe(0n);
      // Four operations and the bump, each at the minimum.
      expect(row.fee_charged_stroops).toBe('500');
      expect(before.balanceStroops - (await sponsor.account()).balanceStroops).toBe(500n);
      expect(effects).toMatchObject([{ id: row.id, state: 'confirmed', result_xdr: row.result_xdr }]);
      expect(await lent()).toEqual([]);
    });

    it('carry a memo', async () => {
      await provisioned(50n);
      const memo = Memo.memoText(new TextEncoder().encode('invoice 7')).toXdr('base64');
      const row = await submit('withdraw-settlement', [pay(merchant, issuer, 20n)], memo);
      expect(row.state).toBe('confirmed');
      const { envelopeXdr } = await rpc.call('getTransaction', { hash: row.hash! });
      const envelope = TransactionEnvelope.fromXdr(envelopeXdr!, 'base64');
      if (envelope.type !== 'envelopeTypeTxFeeBump') throw new Error('the sponsor pays by fee bumps');
      expect(envelope.value.tx.innerTx.value.tx.memo.toXdr('base64')).toBe(memo);
      expect(await usdOf(merchant)).toBe(30n);
    });

    it('close an account, and the row says what it still had', async () => {
      await provisioned(50n);
      const xlm = pay(issuer, merchant, 1_234_567n, Asset.assetTypeNative());
      expect((await submit('withdraw-settlement', [xlm])).state).toBe('confirmed');
      const early = await submit('close-settlement', [merge()]);
      expect(early).toMatchObject({ state: 'failed', error_code: 'TRANSACTION_FAILED' });
      expect(early.error_message).toContain('trust lines');
      expect(early.error_message).toContain('txFailed: accountMergeHasSubEntries');
      expect(mergedBalanceStroops(early.result_xdr!)).toBeNull();

      const closing = [pay(merchant, issuer, 50n), changeTrust(0n), merge()];
      const row = await submit('close-settlement', closing);
      expect(row.state).toBe('confirmed');
      expect(mergedBalanceStroops(row.result_xdr!)).toBe(1_234_567n);
      await expect(readAccount(rpc, merchant.publicKey())).rejects.toThrow('does not exist');
    });

    it('that fail say which and why, change nothing, and give their account back', async () => {
      await provisioned(50n);
      const row = await submit('withdraw-settlement', [
        pay(merchant, issuer, 10n),
        pay(merchant, issuer, 41n),
      ]);
      expect(row).toMatchObject({
        state: 'failed',
        error_code: 'TRANSACTION_FAILED',
        error_message:
          'The account does not hold that much. The network refused the transaction (txFailed: paymentUnderfunded). Nothing was moved.',
      });
      expect(await usdOf(merchant)).toBe(50n);
      expect(effects.at(-1)).toMatchObject({ id: row.id, state: 'failed' });
      expect(await lent()).toEqual([]);
    });

    it('that nobody signs are refused by the network, in words', async () => {
      await provisioned(50n);
      await net.fund(stranger.publicKey());
      const row = await submit('withdraw-settlement', [pay(stranger, merchant, 1n)]);
      expect(row.state).toBe('failed');
      expect(row.error_message).toContain('signature');
      expect(row.error_message).toContain('txFailed: opBadAuth');
    });

    it('are made for the kinds that have them, of their sorts, each with a source account', async () => {
      const refused = (kind: SettlementKind, operations: string[]) =>
        expect(enqueue(kind, operations)).rejects.toThrow(TypeError);
      await refused('withdraw-settlement', [merge()]);
      await refused('deploy-settlement', [pay(merchant, issuer, 1n)]);
      await refused('withdraw-settlement', []);
      await refused('withdraw-settlement', Array(101).fill(pay(merchant, issuer, 1n)) as string[]);
      const sourceless = new Operation({
        sourceAccount: null,
        body: OperationBody.endSponsoringFutureReserves(),
      });
      await refused('provision-settlement', [sourceless.toXdr('base64')]);
      expect(await db.selectFrom('submissions').selectAll().execute()).toEqual([]);
    });

    it.each(['prepared', 'stored', 'sent'] as const)(
      'happen once when the process dies at "%s" and another goes on',
      async (point) => {
        await provisioned(50n);
        await relayer.stop();
        let died = () => {};
        const death = new Promise<void>((resolve) => {
          died = resolve;
        });
        relayer = await startRelayer((at) => {
          if (at !== point) return;
          void relayer.stop();
          died();
          throw new Error('died');
        });
        const id = await enqueue('withdraw-settlement', [pay(merchant, issuer, 20n)]);
        await death;
        await relayer.stop();
        const stored = await db.selectFrom('submissions').selectAll().where('id', '=', id).executeTakeFirst();
        expect(stored?.state).toBe(point === 'prepared' ? 'queued' : 'sent');
        relayer = await startRelayer();
        const row = await relayer.settled(id, SETTLED_WITHIN_MS);
        expect(row).toMatchObject({ state: 'confirmed', attempts: 1 });
        if (point !== 'prepared') expect(row.envelope_xdr).toBe(stored?.envelope_xdr);
        expect(await usdOf(merchant)).toBe(30n);
      },
    );

    it('happen once where the sequence number was believed to be lower, and are signed anew', async () => {
      await provisioned(50n);
      for (const { address } of await allChannels(db)) {
        const sequence = String((await readAccount(rpc, address)).sequenceNumber - 3n);
        await db.updateTable('channels').set({ sequence }).where('address', '=', address).execute();
      }
      const askedBefore = asked;
      const row = await submit('withdraw-settlement', [pay(merchant, issuer, 20n)]);
      expect(row).toMatchObject({ state: 'confirmed', attempts: 2 });
      expect(asked - askedBefore).toBe(2);
      expect(await usdOf(merchant)).toBe(30n);
    });
  });
});
