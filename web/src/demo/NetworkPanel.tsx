// The network's side of the demo: which ledger it has reached, letting time pass, and the wallet's transfers as the
// ledger has them, each with the transaction it came from.
import { Amount } from '../ui/Amount.tsx';
import { shortAddress } from '../ui/addressGroups.ts';
import { Button } from '../ui/Button.tsx';
import { Icon } from '../ui/Icon.tsx';
import { dateTime } from '../wallet/dates.ts';
import type { DemoWallet } from './demoWallet.ts';
import type { LedgerRow } from './ledgerRows.ts';
import type { LedgerNow } from './localNetwork.ts';
import { XLM } from './WalletScreen.tsx';

const DAY_SECONDS = 86_400;
const STEPS = [
  { text: '1 hour on', seconds: 3_600 },
  { text: '1 day on', seconds: DAY_SECONDS },
  { text: '6 months on', seconds: 182 * DAY_SECONDS },
] as const;

interface NetworkPanelProps {
  wallet: DemoWallet;
  rows: readonly LedgerRow[];
  now: LedgerNow | null;
  busy: boolean;
  onPassTime: (seconds: number) => Promise<void>;
}

export function NetworkPanel({ wallet, rows, now, busy, onPassTime }: NetworkPanelProps) {
  return (
    <section className="latest" aria-labelledby="network-heading">
      <h2 id="network-heading">The network</h2>
      <p className="network-now" role="status">
        <Icon name="clock" />
        <span>
          {now ? (
            <>
              Ledger <strong data-testid="ledger">{now.sequence}</strong>,{' '}
              <time dateTime={new Date(now.closeTimeSeconds * 1_000).toISOString()}>
                {dateTime(now.closeTimeSeconds * 1_000)}
              </time>
            </>
          ) : (
            'Looking'
          )}
        </span>
      </p>
      <fieldset className="network-steps">
        <legend className="small">Let time pass</legend>
        {STEPS.map(({ text, seconds }) => (
          <Button key={text} look="secondary" unavailable={busy} onClick={() => onPassTime(seconds)}>
            {text}
          </Button>
        ))}
      </fieldset>
      <p className="small">
        After six months the wallet&rsquo;s entries are archived. The next transfer brings them back and pays
        for it.
      </p>
      {rows.length === 0 ? <p className="empty">Transfers will be listed here.</p> : null}
      <ul className="rows">
        {rows.map((row) => (
          <Row key={row.id} row={row} own={wallet.address} />
        ))}
      </ul>
    </section>
  );
}

function Row({ row, own }: { row: LedgerRow; own: string }) {
  const isSent = row.from === own;
  return (
    <li className={`row ${isSent ? 'row-sent' : 'row-received'}`}>
      <span className="row-icon">
        <Icon name={isSent ? 'out' : 'in'} />
      </span>
      <span className="row-what">
        <span className="row-head">
          <span className="row-title">{isSent ? 'Sent' : 'Received'}</span>
          <span className="row-amount">
            <Amount amount={row.amountStroops} {...XLM} sign={isSent ? '\u2212' : '+'} />
          </span>
        </span>
        <span className="row-who">
          {isSent ? 'to' : 'from'} <span className="mono">{shortAddress(isSent ? row.to : row.from)}</span>
        </span>
        <span className="row-when">
          <time dateTime={new Date(row.closedAtMs).toISOString()}>{dateTime(row.closedAtMs)}</time>
        </span>
        <details className="row-transaction">
          <summary>Transaction</summary>
          <dl className="facts">
            <div className="fact">
              <dt>Hash</dt>
              <dd className="mono hash">{row.transactionHash}</dd>
            </div>
            <div className="fact">
              <dt>Ledger</dt>
              <dd>{row.ledger}</dd>
            </div>
            <div className="fact">
              <dt>Fee, paid by the page</dt>
              <dd>
                <Amount amount={row.feeStroops} {...XLM} />
              </dd>
            </div>
            <div className="fact">
              <dt>Event</dt>
              <dd className="mono hash">{row.id}</dd>
            </div>
          </dl>
        </details>
      </span>
    </li>
  );
}
