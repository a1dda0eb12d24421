// The dashboard at a glance: the balance, the address that payments go to, the balance over time, and the latest payments.
import { Link } from 'react-router';
import { Address } from '../../ui/Address.tsx';
import { Amount } from '../../ui/Amount.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { KeyOutline } from '../../ui/KeyOutline.tsx';
import { QrCode } from '../../ui/QrCode.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { BalanceChart } from '../BalanceChart.tsx';
import { useMerchant } from '../merchantView.tsx';
import { PaymentList } from '../PaymentList.tsx';
import { usePayments } from '../usePayments.ts';
import { WalletNotices } from '../WalletNotices.tsx';
import { USDC_DECIMALS } from '../withdrawForm.ts';

const LATEST_SHOWN = 5;

export function Home() {
  return (
    <Screen title="Your settlement" className="home home-dashboard">
      <WalletNotices />
      <div className="home-wallet">
        <Plate />
        <nav className="actions actions-two" aria-label="Settlement">
          <Link to="/withdraw" className="action">
            <Icon name="out" />
            Withdraw
          </Link>
          <Link to="/payments" className="action">
            <Icon name="list" />
            All payments
          </Link>
        </nav>
        <GetPaid />
      </div>
      <div className="home-news">
        <BalanceChart />
        <Latest />
      </div>
    </Screen>
  );
}

function Plate() {
  const { merchant } = useMerchant();
  const { settlement, usdc } = merchant;
  return (
    <section className="plate" aria-label="Balance">
      <p className="plate-label">Balance</p>
      <p className="plate-money" data-testid="balance" role="status">
        {settlement.balance === null ? (
          'Not known'
        ) : (
          <Amount amount={settlement.balance} decimals={USDC_DECIMALS} symbol={usdc.code} />
        )}
      </p>
      <p className="plate-label">
        {settlement.managed ? 'Managed for you' : 'Your own wallet, opened by your passkey'}
      </p>
      <KeyOutline address={merchant.settlementAddress ?? merchant.id} />
    </section>
  );
}

function GetPaid() {
  const { merchant } = useMerchant();
  const address = merchant.settlementAddress;
  return (
    <section className="receive receive-narrow" aria-labelledby="get-paid">
      {address ? (
        <QrCode text={address} label="QR code of your settlement address" />
      ) : (
        <span className="qr qr-waiting skeleton" />
      )}
      <div className="receive-words">
        <h2 id="get-paid">Your address</h2>
        {address ? (
          <>
            <p data-testid="settlement-address" data-address={address}>
              <Address address={address} />
            </p>
            <CopyButton text={address} look="primary">
              Copy address
            </CopyButton>
          </>
        ) : (
          <p>It is being made.</p>
        )}
        <p className="small">
          Takes {merchant.usdc.code} on Stellar.
          {merchant.settlement.managed
            ? null
            : ' It is a contract address (it begins with C); some exchanges pay only to addresses that begin with G.'}
        </p>
      </div>
    </section>
  );
}

function Latest() {
  const { merchant } = useMerchant();
  const payments = usePayments(LATEST_SHOWN);
  const latest = { ...payments, items: payments.items?.slice(0, LATEST_SHOWN) ?? null };
  return (
    <section className="latest" aria-labelledby="latest-heading">
      <h2 id="latest-heading">Latest payments</h2>
      <PaymentList pages={latest} symbol={merchant.usdc.code} skeletonRows={3} />
    </section>
  );
}
