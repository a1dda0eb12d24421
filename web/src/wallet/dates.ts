// Dates and spans as this app writes them: day before month in words, 24-hour clock, the reader's own time zone.

const DATE_TIME = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const FULL_DATE_TIME = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'short' });
const TIME = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** E.g. `24 Nov 2026, 14:05`. */
export const dateTime = (atMs: number): string => DATE_TIME.format(atMs);

/** E.g. `Tuesday 24 November 2026 at 14:05`. */
export const fullDateTime = (atMs: number): string => FULL_DATE_TIME.format(atMs);

/** E.g. `14:05:30`. */
export const clockTime = (atMs: number): string => TIME.format(atMs);

/** A span as minutes and seconds, e.g. `4:05`; never negative. */
export function countdown(spanMs: number): string {
  const seconds = Math.max(0, Math.ceil(spanMs / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
