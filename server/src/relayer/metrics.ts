// Figures of the relayer in the Prometheus text format (0.0.4): what this process settled, with codes and latencies,
// and what the tables say when somebody asks. No address, key or id is in them.
import { allChannels } from '../db/channels.ts';
import type { Database } from '../db/database.ts';
import { countOpen, type Submission } from '../db/submissions.ts';
import type { SponsorWatch } from './sponsorWatch.ts';

const LATENCY_BUCKETS_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120];

export type RelayerMetrics = {
  settled(row: Submission): void;
  text(): Promise<string>;
};

type Sample = { labels?: Record<string, string>; value: number | bigint; suffix?: string };

function family(
  name: string,
  type: 'counter' | 'gauge' | 'histogram',
  help: string,
  samples: Sample[],
): string {
  const lines = samples.map(({ labels = {}, value, suffix = '' }) => {
    const pairs = Object.entries(labels).map(
      ([label, text]) => `${label}="${text.replaceAll(/["\\\n]/g, '_')}"`,
    );
    return `${name}${suffix}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`;
  });
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n');
}

export function createRelayerMetrics(deps: {
  db: Database;
  sponsorWatch: SponsorWatch;
  nowMs: () => number;
}): RelayerMetrics {
  const byCode = new Map<string, number>();
  const latencies = LATENCY_BUCKETS_SECONDS.map(() => 0);
  let latencyCount = 0;
  let latencySumSeconds = 0;
  let feesStroops = 0n;

  function histogram(): Sample[] {
    const buckets = LATENCY_BUCKETS_SECONDS.map((le, index) => ({
      suffix: '_bucket',
      labels: { le: String(le) },
      value: latencies[index]!,
    }));
    return [
      ...buckets,
      { suffix: '_bucket', labels: { le: '+Inf' }, value: latencyCount },
      { suffix: '_sum', value: latencySumSeconds },
      { suffix: '_count', value: latencyCount },
    ];
  }

  return {
    settled(row) {
      const code = row.error_code ?? 'CONFIRMED';
      byCode.set(code, (byCode.get(code) ?? 0) + 1);
      feesStroops += BigInt(row.fee_charged_stroops ?? '0');
      const seconds = (deps.nowMs() - row.created_at) / 1000;
      latencyCount++;
      latencySumSeconds += seconds;
      LATENCY_BUCKETS_SECONDS.forEach((le, index) => {
        if (seconds <= le) latencies[index]!++;
      });
    },

    async text() {
      const open = new Map((await countOpen(deps.db)).map((it) => [it.state, it.count]));
      const channels = await allChannels(deps.db);
      const balance = deps.sponsorWatch.balanceStroops();
      const leased = channels.filter((it) => it.submission_id !== null).length;
      return [
        family(
          'latchkey_submissions_settled_total',
          'counter',
          'Submissions that this process settled, by result code.',
          [...byCode].map(([code, value]) => ({ labels: { code }, value })),
        ),
        family(
          'latchkey_submissions_open',
          'gauge',
          'Submissions that are not settled.',
          ['queued', 'sent'].map((state) => ({ labels: { state }, value: open.get(state) ?? 0 })),
        ),
        family('latchkey_submission_seconds', 'histogram', 'From request to outcome.', histogram()),
        family(
          'latchkey_fees_stroops_total',
          'counter',
          'Fees charged on chain for what this process settled.',
          [{ value: feesStroops }],
        ),
        family('latchkey_channels', 'gauge', 'Channel accounts.', [
          { labels: { state: 'leased' }, value: leased },
          { labels: { state: 'free' }, value: channels.length - leased },
        ]),
        family(
          'latchkey_sponsor_balance_stroops',
          'gauge',
          'Balance of the account that pays.',
          balance === null ? [] : [{ value: balance }],
        ),
        family('latchkey_sponsor_balance_low', 'gauge', '1 while the balance is below its threshold.', [
          { value: deps.sponsorWatch.isLow() ? 1 : 0 },
        ]),
      ].join('');
    },
  };
}
