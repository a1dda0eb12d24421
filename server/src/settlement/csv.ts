// CSV by RFC 4180, for spreadsheets: lines end in CRLF, fields are quoted where they have to be, and a text that a
// spreadsheet would take for a formula gets an apostrophe before it, because memos come from strangers. The file begins
// with a byte order mark: without one Excel reads UTF-8 as something else. Programs have the JSON routes.
export const UTF8_BOM = '\uFEFF';

/** What spreadsheets begin a formula with, blanks and quotes before it included. */
const FORMULA = /^[\s"]*[=+\-@|%＝＋－＠]|^[\t\r\n]/;
const NEEDS_QUOTES = /[",\r\n\t]|^\s|\s$/;

export function csvField(value: string): string {
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return NEEDS_QUOTES.test(safe) || safe !== value ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csvLine(values: string[]): string {
  return `${values.map(csvField).join(',')}\r\n`;
}
