// Where others send money to: the whole address to copy and as a QR code.
import { Address } from '../../ui/Address.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { QrCode } from '../../ui/QrCode.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { BackHome } from '../BackHome.tsx';
import { useSession } from '../session.tsx';
import { useWalletView } from '../walletView.tsx';

export function Receive() {
  const { session } = useSession();
  const { view } = useWalletView();
  const address = session?.walletAddress ?? '';
  return (
    <Screen
      title="Receive"
      above={<BackHome />}
      lead="Give this address to whoever pays you. It never changes, even when you recover the wallet."
    >
      <div className="receive">
        <QrCode text={address} label="QR code of your wallet address" />
        <div className="receive-words">
          <h2>Your address</h2>
          <p data-testid="wallet-address" data-address={address}>
            <Address address={address} />
          </p>
          <CopyButton text={address} look="primary">
            Copy address
          </CopyButton>
          <p className="small">
            {view ? `On ${view.network.name}. ` : null}
            This is a contract address (it begins with C). Some exchanges can pay only to addresses that begin
            with G; try a small amount first.
          </p>
        </div>
      </div>
    </Screen>
  );
}
