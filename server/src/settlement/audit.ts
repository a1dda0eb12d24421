// The audit of a merchant's settlement wallet as its merchant sees it: newest first, page by page. Writing it is the
// business of whatever did something (db/settlementAudit.ts).
import { LatchkeyError, type settlementSchema } from '@latchkey/sdk/api';
import type { Database } from '../db/database.ts';
import { type AuditPosition, auditPage } from '../db/settlementAudit.ts';

const DEFAULT_LIMIT = 50;
const CURSOR = /^(\d{1,16})\.([0-9a-f-]{36})$/;

export type AuditList = {
  /** @throws LatchkeyError INVALID_REQUEST for a cursor that is none */
  page(
    accountId: string,
    query: { cursor?: string | undefined; limit?: number | undefined },
  ): Promise<settlementSchema.AuditBody>;
};

function readCursor(text: string | undefined): AuditPosition | null {
  if (text === undefined) return null;
  const match = CURSOR.exec(text);
  if (!match) {
    throw new LatchkeyError('INVALID_REQUEST', {
      message: 'cursor: is not one that a page ended with.',
      details: { field: 'cursor' },
    });
  }
  return { at: Number(match[1]), id: match[2]! };
}

export function createAuditList(db: Database): AuditList {
  return {
    async page(accountId, { cursor, limit = DEFAULT_LIMIT }) {
      const rows = await auditPage(db, accountId, readCursor(cursor), limit + 1);
      const shown = rows.slice(0, limit);
      const last = shown.at(-1);
      return {
        entries: shown.map(({ id, at, action, detail }) => ({ id, at, action, detail: JSON.parse(detail) })),
        cursor: rows.length > limit && last ? `${last.at}.${last.id}` : null,
      };
    },
  };
}
