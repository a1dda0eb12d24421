// Suite for every database: how processes share the queue and the channel accounts, and what a key has spent.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addChannel, allChannels, releaseChannel } from './channels.ts';
import type { Database } from './database.ts';
import { claimQueued, claimSent, endClaims } from './submissionClaims.ts';
import {
  insertSubmission,
  stroopsSince,
  submissionById,
  submissionLoad,
  updateSubmission,
} from './submissions.ts';

const NOW = 1_795_000_000_000;
const CLAIM_MS = 4_000;
/** One of many that are free. */
const ONE_LANE = { free: 1, total: 1 };

export function submissionSuite(name: string, open: () => Promise<Database>): void {
  describe(name, () => {
    let db: Database;
    let created = 0;

    beforeEach(async () => {
      db = await open();
    });
    afterEach(() => db.destroy());

    function submit(apiKeyId: string, kind: 'call' | 'envelope' = 'call'): Promise<string> {
      const submission = {
        kind,
        accountId: null,
        hostFunctionXdr: 'AAAA',
        authXdr: [],
        authExpiresAtLedger: null,
        maxFeeStroops: 1_000n,
        mayRestore: false,
        byKey: {
          apiKeyId,
          wallet: null,
          idempotencyKey: null,
          requestHash: '',
          signedXdr: null,
          validUntilSeconds: null,
        },
      };
      return insertSubmission(db, submission, NOW + created++);
    }

    async function channels(count: number): Promise<void> {
      for (let index = 0; index < count; index++)
        await addChannel(db, { address: `G${index}`, key_index: index });
    }

    /** The next one, as if there were one lane. */
    async function claim(nowMs = NOW, network?: string) {
      const until = nowMs + CLAIM_MS;
      const [sent] = await claimSent(db, 1, nowMs, until, network);
      if (sent) return sent.row;
      return (await claimQueued(db, ONE_LANE, nowMs, until, network))[0]?.row;
    }

    describe('claiming', () => {
      it('gives each submission to one process, with a channel account of its own', async () => {
        await channels(3);
        const ids = [await submit('a'), await submit('a'), await submit('a')];
        const rows = await Promise.all([claim(), claim(), claim(), claim()]);
        const claimed = rows.filter((it) => it !== undefined);
        expect(new Set(claimed.map((it) => it.id))).toEqual(new Set(ids));
        expect(new Set(claimed.map((it) => it.channel)).size).toBe(3);
        expect(await claim()).toBeUndefined();
      });

      it('waits for a free account, except for what brings its own source', async () => {
        await channels(1);
        await submit('a');
        await submit('a');
        const given = await submit('a', 'envelope');
        expect((await claim())?.channel).toBe('G0');
        expect(await claim()).toMatchObject({ id: given, channel: null });
        expect(await claim()).toBeUndefined();
        expect((await allChannels(db)).filter((it) => it.submission_id !== null)).toHaveLength(1);
      });

      it('comes back to a row, with the same account, when nobody is heard of', async () => {
        await channels(2);
        await submit('a');
        const first = await claim();
        expect(await claim(NOW + CLAIM_MS - 1)).toBeUndefined();
        expect(await claim(NOW + CLAIM_MS)).toMatchObject({ id: first!.id, channel: first!.channel });
      });

      it('lets nobody starve: a key with one submission comes before the rest of a key with many', async () => {
        await channels(4);
        for (let i = 0; i < 20; i++) await submit('many');
        const one = await submit('one');
        const claimed = [await claim(), await claim()];
        expect(claimed.map((it) => it?.id)).toContain(one);
      });

      it('keeps the last part of the accounts for owners that have less than that', async () => {
        await channels(8);
        for (let i = 0; i < 20; i++) await submit('many');
        const lanes = { free: 100, total: 100 };
        const first = await claimQueued(db, lanes, NOW, NOW + CLAIM_MS);
        expect(first).toHaveLength(6);
        expect(await claimQueued(db, lanes, NOW, NOW + CLAIM_MS)).toEqual([]);
        const others = [await submit('one'), await submit('one'), await submit('one')];
        const then = await claimQueued(db, lanes, NOW, NOW + CLAIM_MS);
        expect(then.map((it) => it.row.id)).toEqual(others.slice(0, 2));
        expect(new Set([...first, ...then].map((it) => it.channel?.address)).size).toBe(8);
      });

      it('keeps the last part of the lanes in the same way', async () => {
        for (let i = 0; i < 20; i++) await submit('many', 'envelope');
        expect(await claimQueued(db, { free: 8, total: 8 }, NOW, NOW + CLAIM_MS)).toHaveLength(6);
        const one = await submit('one', 'envelope');
        const then = await claimQueued(db, { free: 2, total: 8 }, NOW, NOW + CLAIM_MS);
        expect(then.map((it) => it.row.id)).toEqual([one]);
      });

      it('takes what may be on its way before what is waiting', async () => {
        await channels(2);
        await submit('a');
        const row = (await claim())!;
        await updateSubmission(db, row, { state: 'sent', claimed_until: 0 }, NOW);
        await submit('b');
        expect(await claim()).toMatchObject({ id: row.id, state: 'sent' });
      });
    });

    describe('networks', () => {
      it('have their own rows and accounts: neither is ever claimed for another one', async () => {
        await addChannel(db, { address: 'G0', key_index: 0 });
        await addChannel(db, { address: 'G9', key_index: 9, network: 'other' });
        const own = await submit('a');
        const other = await submit('a');
        await submit('a');
        await db.updateTable('submissions').set({ network: 'other' }).where('id', '=', other).execute();
        const claimOther = () => claim(NOW, 'other');
        expect(await claimOther()).toMatchObject({ id: other, channel: 'G9' });
        expect(await claimOther()).toBeUndefined();
        expect(await claim()).toMatchObject({ id: own, channel: 'G0' });
        // One more is waiting, and no account of its network is free.
        expect(await claim()).toBeUndefined();
        await endClaims(db, 'other');
        expect(await claimOther()).toMatchObject({ id: other, channel: 'G9' });
        expect(await claim()).toBeUndefined();
      });
    });

    describe('a change', () => {
      it('of a row that somebody else has moved on is none', async () => {
        await channels(1);
        await submit('a');
        const row = (await claim())!;
        expect(await updateSubmission(db, row, { state: 'sent', attempts: 1, bids: 1 }, NOW)).toBe(true);
        expect(await updateSubmission(db, row, { state: 'failed' }, NOW)).toBe(false);
        expect((await submissionById(db, row.id))?.state).toBe('sent');
      });
    });

    describe('what a key has spent', () => {
      it('is counted from the start of the ten minutes in which the period began', async () => {
        await submit('a');
        const tenMinutes = 600_000;
        const load = async (sinceMs: number) =>
          (await submissionLoad(db, { apiKeyId: 'a' }, sinceMs)).ofOwner;
        expect(await load(NOW + tenMinutes - 1 - (NOW % tenMinutes))).toBe(1);
        expect(await load(NOW + tenMinutes - (NOW % tenMinutes))).toBe(0);
      });

      it('is nothing for what failed before it was sent, and the same when it is settled twice', async () => {
        await channels(1);
        await submit('a');
        const row = (await claim())!;
        await updateSubmission(db, row, { state: 'failed' }, NOW);
        await updateSubmission(db, row, { state: 'failed' }, NOW);
        expect(await stroopsSince(db, 'a', NOW - 1)).toBe(0n);
      });

      it('is what was charged, and for what is under way what it may cost', async () => {
        await channels(2);
        await submit('a');
        const row = (await claim())!;
        expect(await stroopsSince(db, 'a', NOW - 1)).toBe(1_000n);
        await updateSubmission(db, row, { state: 'confirmed', fee_charged_stroops: '300' }, NOW);
        await releaseChannel(db, row.id, true);
        await submit('a');
        await submit('b');
        expect(await stroopsSince(db, 'a', NOW - 1)).toBe(1_300n);
      });
    });
  });
}
