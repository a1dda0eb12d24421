// Provisioning: merchants that sign up all at once over HTTP, until each has its account on the network, which closes a
// ledger whenever there is something to do; and what an account locks of the sponsor's. Beside it the same kind of
// transaction sent to the same network by nobody but a loop: sign, send, look.
import { buildTransaction, type Rpc, transactionHash } from '@latchkey/sdk/chain';
import { Keypair } from '@stellar/stellar-sdk/base';
import {
  CreateAccountOp,
  LedgerEntryData,
  OperationBody,
  TransactionEnvelope,
  TransactionV1Envelope,
} from '@stellar/stellar-sdk/xdr';
import { accountKey, readAccount, signatureOf } from '../../server/src/relayer/sponsor.ts';
import type { Figure, Progress } from '../figure.ts';
import { type SettlementService, startSettlement, until } from './service.ts';

const MERCHANTS = 1_000;
const AT_ONCE = 40;
const RAW = 200;
const BASE_RESERVE_STROOPS = 5_000_000;
/** Two reserves for an account, one for its trust line. */
const RESERVES = 3;

export async function provision(progress: Progress): Promise<Figure[]> {
  const service = await startSettlement();
  try {
    const rawPerSecond = await rawSending(service.rpc);
    progress(`settlement: ${MERCHANTS} merchants sign up`);
    const { db, sponsor } = service.server.services;
    const before = await sponsoredReserves(service, sponsor.address);
    const emails = Array.from({ length: MERCHANTS }, (_, index) => `shop${index}@example.org`);
    const startedAt = performance.now();
    const signUps = async () => {
      for (let email = emails.pop(); email; email = emails.pop()) await service.signUp(email);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, signUps));
    const signedUpMs = performance.now() - startedAt;
    await until(async () => {
      const waiting = await db
        .selectFrom('merchant_settlement_keys')
        .select('account_id')
        .where('status', '=', 'provisioning')
        .limit(1)
        .executeTakeFirst();
      return waiting ? null : true;
    });
    const perSecond = (MERCHANTS * 1_000) / (performance.now() - startedAt);
    const reserves = (await sponsoredReserves(service, sponsor.address)) - before;
    return [
      { key: 'provision.perSecond', value: perSecond },
      { key: 'provision.ofRawSending', value: perSecond / rawPerSecond },
      { key: 'provision.rawPerSecond', value: rawPerSecond },
      { key: 'provision.signUpsPerSecond', value: (MERCHANTS * 1_000) / signedUpMs },
      {
        key: 'provision.sponsoredStroops',
        value: (reserves * BASE_RESERVE_STROOPS) / MERCHANTS,
        target: RESERVES * BASE_RESERVE_STROOPS,
      },
    ];
  } finally {
    await service.stop();
  }
}

async function sponsoredReserves({ rpc }: SettlementService, address: string): Promise<number> {
  const key = accountKey(Keypair.fromPublicKey(address)).toXdr('base64');
  const { entries } = await rpc.call('getLedgerEntries', { keys: [key] });
  const data = LedgerEntryData.fromXdr(entries[0]!.xdr, 'base64');
  if (data.type !== 'account' || data.value.ext.type !== 'v1') return 0;
  const { ext } = data.value.ext.value;
  return ext.type === 'v2' ? ext.value.numSponsoring : 0;
}

/** Accounts made one after another by one account, with nothing stored and nothing asked twice. */
async function rawSending(rpc: Rpc): Promise<number> {
  const keypair = Keypair.random();
  const { friendbotUrl, passphrase } = await rpc.call('getNetwork');
  await fetch(`${friendbotUrl}?addr=${keypair.publicKey()}`);
  let { sequenceNumber } = await readAccount(rpc, keypair.publicKey());
  const startedAt = performance.now();
  for (let count = 0; count < RAW; count++) {
    const destination = Keypair.random().xdrAccountId();
    const startingBalance = BigInt(2 * BASE_RESERVE_STROOPS);
    const tx = buildTransaction({
      source: keypair.publicKey(),
      sequenceNumber: ++sequenceNumber,
      feeStroops: 100,
      validUntilSeconds: 0n,
      body: OperationBody.createAccount(new CreateAccountOp({ destination, startingBalance })),
    });
    const hash = await transactionHash(tx, passphrase);
    const signatures = [signatureOf(keypair, hash)];
    const envelope = TransactionEnvelope.envelopeTypeTx(new TransactionV1Envelope({ tx, signatures }));
    await rpc.call('sendTransaction', { transaction: envelope.toXdr('base64') });
    const found = await rpc.call('getTransaction', { hash: Buffer.from(hash).toString('hex') });
    if (found.status !== 'SUCCESS') throw new Error(`an account was not made: ${found.status}`);
  }
  return (RAW * 1_000) / (performance.now() - startedAt);
}
