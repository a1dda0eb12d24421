import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { onEveryDatabase } from '../testing/everyDatabase.ts';
import { insertAccount } from './accounts.ts';
import type { Database, Db } from './database.ts';
import { type Commit, createGroupCommit } from './groupCommit.ts';

onEveryDatabase((open) => {
  let db: Database;
  let commit: Commit;

  beforeEach(async () => {
    db = await open();
    commit = createGroupCommit(db);
  });
  afterEach(() => db.destroy());

  const insert = (name: string) => async (trx: Db) => {
    await insertAccount(trx, { id: name, email: `${name}@example.org` }, 0);
    return name;
  };
  const stored = async () =>
    (await db.selectFrom('accounts').select('id').orderBy('id').execute()).map((it) => it.id);

  describe('changes that are committed together', () => {
    it('are all stored, and each is told its own result', async () => {
      const names = Array.from({ length: 200 }, (_, index) => `a${index}`);
      expect(await Promise.all(names.map((it) => commit(insert(it))))).toEqual(names);
      expect(await stored()).toEqual(names.toSorted());
    });

    it('are stored when they are told, not later', async () => {
      await commit(insert('first'));
      expect(await stored()).toEqual(['first']);
    });

    it('do not suffer from one that fails, of which nothing stays', async () => {
      const failing = commit(async (trx) => {
        await insert('half')(trx);
        throw new Error('no');
      });
      const results = await Promise.allSettled([commit(insert('before')), failing, commit(insert('after'))]);
      expect(results.map((it) => it.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(await stored()).toEqual(['after', 'before']);
    });

    it('are all refused when the database is away', async () => {
      const away = Object.assign(new Error('away'), { code: 'ECONNRESET' });
      const results = await Promise.allSettled([
        commit(() => Promise.reject(away)),
        commit(() => Promise.reject(away)),
      ]);
      expect(results.map((it) => it.status === 'rejected' && it.reason)).toEqual([away, away]);
      expect(await stored()).toEqual([]);
    });
  });
});
