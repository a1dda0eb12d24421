// Suite for every database: how processes share the queue and the channel accounts, and what a key has spent.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addChannel, allChannels, releaseChannel } from './channels.ts';
import type { Database } from './database.ts';
import {
  claimSubmission,
  insertSubmission,
  stroopsSince,
  submissionById,
  updateSubmission,
} from './submissions.ts';

const NOW = 1_795_000_000_000;
const CLAIM_MS = 4_000;

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

    const claim = (nowMs = NOW) => claimSubmission(db, nowMs, nowMs + CLAIM_MS);

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

      it('takes what may be on its way before what is waiting', async () => {
        await channels(2);
        await submit('a');
        const row = (await claim())!;
        await updateSubmission(db, row, { state: 'sent', claimed_until: 0 }, NOW);
        await submit('b');
        expect(await claim()).toMatchObject({ id: row.id, state: 'sent' });
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
