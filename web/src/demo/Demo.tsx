// The demo's one page: the network starts, a passkey opens a wallet, the wallet is used. Reloading begins anew, since
// the network lives in the page.
import { useEffect, useState } from 'react';
import { Button } from '../ui/Button.tsx';
import { Logo } from '../ui/Logo.tsx';
import { Notice } from '../ui/Notice.tsx';
import { Screen } from '../ui/Screen.tsx';
import { PasskeyButton } from '../wallet/PasskeyButton.tsx';
import { useTask } from '../wallet/useTask.ts';
import { createDemoWallet, type DemoWallet } from './demoWallet.ts';
import { type LocalNetwork, openLocalNetwork } from './localNetwork.ts';
import { WalletScreen } from './WalletScreen.tsx';

export function Demo() {
  const start = useLocalNetwork();
  const [wallet, setWallet] = useState<DemoWallet | null>(null);
  return (
    <div className="house">
      <header className="bar">
        <Logo />
        <span className="bar-network">
          <span className="chip">Demo: all of it is in this page</span>
        </span>
      </header>
      <main className="house-main">
        {start.network && wallet ? (
          <WalletScreen network={start.network} wallet={wallet} />
        ) : (
          <Opening start={start} onOpened={setWallet} />
        )}
      </main>
    </div>
  );
}

type NetworkStart = { network: LocalNetwork | null; step: string; failed: boolean };

/** One network for the page, however often React mounts the component. */
let opening: Promise<LocalNetwork> | null = null;

function useLocalNetwork(): NetworkStart {
  const [start, setStart] = useState<NetworkStart>({ network: null, step: '', failed: false });
  useEffect(() => {
    const onStep = (step: string) => setStart({ network: null, step, failed: false });
    opening ??= openLocalNetwork(onStep);
    opening.then(
      (network) => setStart({ network, step: '', failed: false }),
      (error) => {
        console.error(error);
        setStart({ network: null, step: '', failed: true });
      },
    );
  }, []);
  return start;
}

function Opening({ start, onOpened }: { start: NetworkStart; onOpened: (wallet: DemoWallet) => void }) {
  const { network } = start;
  const create = useTask(async () => {
    if (network) onOpened(await createDemoWallet(network));
  });
  return (
    <Screen
      title="Open a wallet with your passkey"
      lead="There is no server here. A Stellar network with the real contract host runs in this page, and your passkey signs for a wallet contract on it. Reload, and all of it is gone."
    >
      <p className="network-step" role="status">
        {network ? 'The network is running.' : start.step}
      </p>
      {start.failed ? (
        <Notice kind="bad" title="The network could not be started">
          <p>This page needs a current browser with WebAssembly and Ed25519, such as Chrome 137.</p>
          <Button look="secondary" onClick={() => location.reload()}>
            Load again
          </Button>
        </Notice>
      ) : (
        <PasskeyButton
          busy={create.busy}
          unavailable={network === null}
          failure={create.failure}
          progress="Follow the prompt of your device. The wallet is deployed right after."
          onPress={create.run}
        >
          Create wallet
        </PasskeyButton>
      )}
    </Screen>
  );
}
