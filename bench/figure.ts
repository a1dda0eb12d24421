// One measured number, and how a run is shown: a table for people, one flat object on one line for machines. Rounding
// happens here and nowhere else.

export type Figure = {
  /** "area.name", with the unit at the end where it is not in the name: "transferRequest.cpuMs" */
  key: string;
  value: number;
  /** the most it should be, or the least; absent where the number only informs */
  target?: number;
  isLeast?: boolean;
  /** what another figure is made of: in the table only */
  isPart?: boolean;
};

/** What every measurement gets: a line about what it is doing, for standard error. */
export type Progress = (text: string) => void;

const DECIMALS = 3;

export function rounded(value: number): number {
  return Number(value.toFixed(DECIMALS));
}

export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('the median of nothing');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** @param part 0.99 for the value that 99 of 100 do not exceed */
export function quantile(values: readonly number[], part: number): number {
  if (values.length === 0) throw new RangeError('a quantile of nothing');
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(Math.ceil(part * sorted.length) - 1, 0)]!;
}

export function asJson(figures: readonly Figure[]): string {
  const whole = figures.filter((it) => !it.isPart);
  return JSON.stringify(Object.fromEntries(whole.map(({ key, value }) => [key, rounded(value)])));
}

export function asTable(figures: readonly Figure[]): string {
  const grouped = (value: number) =>
    rounded(value).toLocaleString('en-US', { maximumFractionDigits: DECIMALS });
  const rows = figures.map(({ key, value, target, isLeast = false }) => {
    if (target === undefined) return [key, grouped(value), '', '', ''];
    const verdict = (isLeast ? value >= target : value <= target) ? 'ok' : isLeast ? 'under' : 'over';
    return [key, grouped(value), grouped(target), (value / target).toFixed(2), verdict];
  });
  const header = ['name', 'value', 'target', 'ratio', ''];
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (row: string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [line(header), rule.trimEnd(), ...rows.map(line)].join('\n');
}
