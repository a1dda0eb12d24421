// The numbers behind the chart of the balance: a line that keeps its height between payments, in units of the drawing, and
// the same history as one row a day for the table.
// Guarantees: the line starts at the left edge and ends at the right one, its height is exact to a hundredth of a percent,
// and zero is always the lower edge. Amounts are in the smallest unit.
import type { BalancePoint } from '@latchkey/sdk/merchant';

export const CHART_WIDTH = 640;
export const CHART_HEIGHT = 180;

const DAY_MS = 86_400_000;
const FRACTIONS = 10_000n;

export interface ChartLine {
  /** Path data of the line, and of the ground below it. */
  line: string;
  area: string;
  highest: bigint;
}

const rounded = (units: number) => Math.round(units * 100) / 100;

/** @param points oldest first; the balance before the first one counts as the first one's */
export function chartLine(points: BalancePoint[], fromMs: number, toMs: number): ChartLine | null {
  const [first] = points;
  if (!first || toMs <= fromMs) return null;
  const highest = points.reduce((most, { balance }) => (balance > most ? balance : most), 0n);
  const x = (atMs: number) =>
    rounded((Math.min(Math.max(atMs - fromMs, 0), toMs - fromMs) / (toMs - fromMs)) * CHART_WIDTH);
  const y = (balance: bigint) =>
    highest === 0n
      ? CHART_HEIGHT
      : rounded(CHART_HEIGHT * (1 - Number((balance * FRACTIONS) / highest) / Number(FRACTIONS)));
  let line = `M0 ${y(first.balance)}`;
  for (const { at, balance } of points) line += `H${x(at)}V${y(balance)}`;
  line += `H${CHART_WIDTH}`;
  return { line, area: `${line}V${CHART_HEIGHT}H0z`, highest };
}

/** The balance at the end of each day (of the reader's time zone) that had a change, newest first. */
export function dailyBalances(points: BalancePoint[]): BalancePoint[] {
  const byDay = new Map<string, BalancePoint>();
  for (const point of points) byDay.set(new Date(point.at).toDateString(), point);
  return [...byDay.values()].reverse();
}

export const daysBefore = (toMs: number, days: number): number => toMs - days * DAY_MS;
