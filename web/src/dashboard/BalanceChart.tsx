// The balance over time as a drawing with its words: the drawing is for the eye, the caption and the table behind it say the
// same. Loads again when there is news.
import type { BalancePoint } from '@latchkey/sdk/merchant';
import { useCallback, useState } from 'react';
import { Amount } from '../ui/Amount.tsx';
import { Notice } from '../ui/Notice.tsx';
import { SelectField } from '../ui/SelectField.tsx';
import { dateTime } from '../wallet/dates.ts';
import { CHART_HEIGHT, CHART_WIDTH, chartLine, dailyBalances, daysBefore } from './balanceChart.ts';
import { useClient } from './clientContext.ts';
import { useMerchant } from './merchantView.tsx';
import { useLoaded } from './useLoaded.ts';
import { USDC_DECIMALS } from './withdrawForm.ts';

const RANGES = [
  { value: '7', text: 'Last 7 days' },
  { value: '30', text: 'Last 30 days' },
  { value: '90', text: 'Last 90 days' },
  { value: '366', text: 'Last year' },
] as const;

/** For a span shorter than this the times of day are what tells its ends apart. */
const TIMES_BELOW_MS = 3 * 86_400_000;

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

export function BalanceChart() {
  const client = useClient();
  const { merchant, news } = useMerchant();
  const [days, setDays] = useState('30');
  const load = useCallback(() => client.balanceHistory(Number(days)), [client, days]);
  const history = useLoaded(load, `${news} ${merchant.settlement.balance}`);
  return (
    <section className="chart-section" aria-labelledby="chart-heading">
      <div className="section-head">
        <h2 id="chart-heading">Balance over time</h2>
        <SelectField label="Period" value={days} options={RANGES} onChoice={setDays} />
      </div>
      {history.failure && history.value === null ? (
        <Notice kind="bad">
          <p>{history.failure.sentence}</p>
        </Notice>
      ) : (
        <Figure
          points={history.value}
          days={Number(days)}
          sinceMs={merchant.createdAt}
          symbol={merchant.usdc.code}
        />
      )}
    </section>
  );
}

interface FigureProps {
  points: BalancePoint[] | null;
  days: number;
  /** When the account was opened: the drawing begins no earlier. */
  sinceMs: number;
  symbol: string;
}

function Figure({ points, days, sinceMs, symbol }: FigureProps) {
  const nowMs = points?.at(-1)?.at ?? Date.now();
  const fromMs = Math.max(daysBefore(nowMs, days), Math.min(sinceMs, nowMs - 1));
  const label = (atMs: number) => (nowMs - fromMs < TIMES_BELOW_MS ? dateTime(atMs) : DAY.format(atMs));
  const chart = points && chartLine(points, fromMs, nowMs);
  const amount = (value: bigint) => <Amount amount={value} decimals={USDC_DECIMALS} symbol={symbol} />;
  return (
    <figure className="chart" aria-busy={points === null}>
      <svg
        viewBox={`0 0 ${CHART_WIDTH} ${CHART_HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden="true"
        className="chart-drawing"
      >
        {chart ? (
          <>
            <path className="chart-area" d={chart.area} />
            <path className="chart-line" d={chart.line} vectorEffect="non-scaling-stroke" />
          </>
        ) : null}
      </svg>
      <p className="chart-days">
        <span>{label(fromMs)}</span>
        <span>{label(nowMs)}</span>
      </p>
      <figcaption className="small">
        {chart && points?.length ? (
          <>
            Highest {amount(chart.highest)}, now {amount(points.at(-1)!.balance)}.
          </>
        ) : (
          'Loading the history'
        )}
      </figcaption>
      {points?.length ? (
        <details className="more">
          <summary>As a table</summary>
          <div className="table-box">
            <table>
              <caption className="visually-hidden">Balance at the end of each day with a change</caption>
              <thead>
                <tr>
                  <th scope="col">When</th>
                  <th scope="col">Balance</th>
                </tr>
              </thead>
              <tbody>
                {dailyBalances(points).map(({ at, balance }) => (
                  <tr key={at}>
                    <td>
                      <time dateTime={new Date(at).toISOString()}>{dateTime(at)}</time>
                    </td>
                    <td>{amount(balance)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
      ) : null}
    </figure>
  );
}
