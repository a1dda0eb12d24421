import { describe, expect, it } from 'vitest';
import { CHART_HEIGHT, CHART_WIDTH, chartLine, dailyBalances } from './balanceChart.ts';

const point = (at: number, balance: bigint) => ({ at, balance });

describe('the line of the balance', () => {
  it('keeps its height until the next payment, from edge to edge', () => {
    const chart = chartLine([point(0, 10n), point(50, 20n), point(100, 5n)], 0, 100)!;
    expect(chart.highest).toBe(20n);
    expect(chart.line).toBe(`M0 90H0V90H${CHART_WIDTH / 2}V0H${CHART_WIDTH}V135H${CHART_WIDTH}`);
    expect(chart.area).toBe(`${chart.line}V${CHART_HEIGHT}H0z`);
  });

  it('lies on the lower edge when there was never anything', () => {
    expect(chartLine([point(0, 0n)], 0, 100)!.line).toContain(`V${CHART_HEIGHT}`);
  });

  it('is exact for balances that a floating-point number cannot hold', () => {
    const huge = 2n ** 100n;
    expect(chartLine([point(0, huge), point(50, huge / 2n)], 0, 100)!.line).toContain(`V${CHART_HEIGHT / 2}`);
  });

  it('is none without points, and stays inside for points outside', () => {
    expect(chartLine([], 0, 100)).toBeNull();
    expect(chartLine([point(-50, 1n), point(200, 1n)], 0, 100)!.line).toBe(
      `M0 0H0V0H${CHART_WIDTH}V0H${CHART_WIDTH}`,
    );
  });
});

describe('the table of the balance', () => {
  it('has the last balance of each day with a change, newest first', () => {
    const day = (date: number, hour: number) => new Date(2026, 10, date, hour).getTime();
    const points = [point(day(1, 9), 1n), point(day(1, 20), 2n), point(day(3, 8), 3n)];
    expect(dailyBalances(points)).toEqual([point(day(3, 8), 3n), point(day(1, 20), 2n)]);
  });
});
