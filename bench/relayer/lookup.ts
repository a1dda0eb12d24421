// Look-ups where a million signers are known: by credential id, public key and address, and of one wallet with all its
// signers, one after the other, each for another one of half a million wallets. The figure is the slowest kind's p99 on
// the slower database, from the question to the answer as the API has it, without HTTP.
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '../../server/src/db/database.ts';
import { createLookups } from '../../server/src/indexer/lookups.ts';
import { signerColumns } from '../../server/src/indexer/signerRow.ts';
import { type Figure, type Progress, quantile } from '../figure.ts';
import { admin, credential, keypair, passkeyOf } from '../participants.ts';
import { onLibsql, onPostgres } from './databases.ts';

/** Wallets are numbered, and made of pairs of texts: their keys share no more than real ones do. */
const [OUTER, INNER] = [500, 1_000];
const WALLETS = OUTER * INNER;
const PART_CHARS = 28;
/** The server ends statements that take long. */
const OUTER_PER_STATEMENT = 20;
const LOOKUPS = 2_000;
/** Prime, so that look-ups are spread over all wallets. */
const STEP = 104_729;
const MAX_P99_MS = 5;

export async function lookup(progress: Progress): Promise<Figure[]> {
  const libsql = await onLibsql((db) => slowestP99(db, progress));
  const postgres = await onPostgres(progress, (db) => slowestP99(db, progress));
  return [
    { key: 'lookup.p99Ms', value: Math.max(libsql, postgres ?? 0), target: MAX_P99_MS },
    { key: 'lookupLibsql.p99Ms', value: libsql, isPart: true },
    ...(postgres === null ? [] : [{ key: 'lookupPostgres.p99Ms', value: postgres, isPart: true }]),
  ];
}

const textOf = (index: number) =>
  createHash('sha256').update(`part ${index}`).digest('hex').slice(0, PART_CHARS);
const keyOf = (index: number) => textOf(Math.floor(index / INNER)) + textOf(index % INNER);

/** A passkey and an ed25519 key in each wallet; the texts are made by the database, which is a hundred times faster. */
async function fill(db: Database): Promise<void> {
  await sql`create table bench_parts (part bigint not null, letters text not null)`.execute(db);
  const parts = Array.from({ length: Math.max(INNER, OUTER) }, (_, part) => sql`(${part}, ${textOf(part)})`);
  await sql`insert into bench_parts values ${sql.join(parts)}`.execute(db);
  for (let from = 0; from < OUTER; from += OUTER_PER_STATEMENT) await fillFrom(db, from);
}

async function fillFrom(db: Database, from: number): Promise<void> {
  const to = Math.min(from + OUTER_PER_STATEMENT, OUTER);
  const pairs = sql`from bench_parts a, bench_parts b
    where a.part >= ${sql.lit(from)} and a.part < ${sql.lit(to)} and b.part < ${sql.lit(INNER)}`;
  const key = sql`a.letters || b.letters`;
  await sql`insert into indexed_wallets (address, factory, deployment_salt, deployed_at_ledger, wasm_hash,
      is_known_code, admin_threshold, changed_at_ledger)
    select 'C' || ${key}, 'C', 'salt', 1, 'hash', 1, 1, 1 ${pairs}`.execute(db);
  const insert = sql`insert into indexed_signers (wallet, signer_id, kind, credential_id, public_key, address, role,
    signer_xdr, policies, added_at_ledger, changed_at_ledger)`;
  const owner = signerColumns(admin(passkeyOf(credential('passkey')))).signer_xdr;
  await sql`${insert} select 'C' || ${key}, 0, 'passkey', ${key}, '04' || ${key}, null, 'admin', ${sql.lit(owner)}, '[]', 1, 1
    ${pairs}`.execute(db);
  const publicKey = new Uint8Array(keypair('alice').rawPublicKey());
  const other = signerColumns(admin({ kind: 'ed25519', publicKey })).signer_xdr;
  await sql`${insert} select 'C' || ${key}, 1, 'ed25519', null, ${key}, 'G' || ${key}, 'admin', ${sql.lit(other)}, '[]', 1, 1
    ${pairs}`.execute(db);
}

async function slowestP99(db: Database, progress: Progress): Promise<number> {
  progress(`relayer: storing ${2 * WALLETS} signers`);
  await fill(db);
  const lookups = createLookups({ db, nowMs: Date.now });
  const kinds: Record<string, (index: number) => Promise<{ count: number }>> = {
    'credential id': (index) => lookups.byKey('credential_id', keyOf(index)),
    'public key': (index) => lookups.byKey('public_key', keyOf(index)),
    address: (index) => lookups.byKey('address', `G${keyOf(index)}`),
    wallet: async (index) => ({ count: (await lookups.wallet(`C${keyOf(index)}`)).signers.length / 2 }),
  };
  progress(`relayer: ${LOOKUPS} look-ups of each of ${Object.keys(kinds).length} kinds`);
  const slowest: number[] = [];
  for (const [kind, ask] of Object.entries(kinds)) {
    const times: number[] = [];
    for (let run = 0; run < LOOKUPS; run++) {
      const index = (run * STEP) % WALLETS;
      const start = performance.now();
      const { count } = await ask(index);
      times.push(performance.now() - start);
      if (count !== 1) throw new Error(`${count} answers by ${kind}`);
    }
    slowest.push(quantile(times, 0.99));
  }
  return Math.max(...slowest);
}
