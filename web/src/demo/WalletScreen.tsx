// The wallet of the demo: balance, funding, sending with the passkey, and beside it what the network has recorded.
import { parseAmount } from '@latchkey/sdk';
import { type FormEvent, useCallback, useEffect, useState } from 'react';
import { Amount } from '../ui/Amount.tsx';
import { shortAddress } from '../ui/addressGroups.ts';
import { Button } from '../ui/Button.tsx';
import { CopyButton } from '../ui/CopyButton.tsx';
import { KeyOutline } from '../ui/KeyOutline.tsx';
import { Notice } from '../ui/Notice.tsx';
import { Screen } from '../ui/Screen.tsx';
import { TextField } from '../ui/TextField.tsx';
import { type Failure, failureOf } from '../wallet/failure.ts';
import { PasskeyButton } from '../wallet/PasskeyButton.tsx';
import { cleanAddress, cleanAmount, draftErrors } from '../wallet/transferForm.ts';
import { useTask } from '../wallet/useTask.ts';
import { balanceOf, type DemoWallet, type Transfer, transfer } from './demoWallet.ts';
import { type LedgerRow, ledgerRows } from './ledgerRows.ts';
import type { LedgerNow, LocalNetwork } from './localNetwork.ts';
import { NetworkPanel } from './NetworkPanel.tsx';

export const XLM = { decimals: 7, symbol: 'XLM' } as const;
/** What friendbot gives. */
const FUNDING_STROOPS = 100_000_000_000n;

type Looks = { balanceStroops: bigint; rows: LedgerRow[]; now: LedgerNow };

export function WalletScreen({ network, wallet }: { network: LocalNetwork; wallet: DemoWallet }) {
  const [looks, setLooks] = useState<Looks | null>(null);
  const [unseen, setUnseen] = useState<Failure | null>(null);
  const look = useCallback(async () => {
    const balanceStroops = await balanceOf(network, wallet.address);
    const rows = await ledgerRows(network, wallet.address);
    setLooks({ balanceStroops, rows, now: await network.now() });
  }, [network, wallet]);
  useEffect(() => {
    look().catch((error) => setUnseen(failureOf(error)));
  }, [look]);

  const fund = useTask(async () => {
    await network.fund(wallet.address);
    await look();
  });
  const passTime = useTask(async (seconds: number) => {
    await network.passTime(seconds);
    await look();
  });
  const failure = fund.failure ?? passTime.failure ?? unseen;

  return (
    <Screen title="Your wallet" className="home">
      {failure ? (
        <Notice kind="bad">
          <p>{failure.sentence}</p>
        </Notice>
      ) : null}
      <div className="home-wallet">
        <section className="plate" aria-label="Balance">
          <p className="plate-label">Balance</p>
          <p className="plate-money" data-testid="balance">
            {looks ? (
              <Amount amount={looks.balanceStroops} {...XLM} />
            ) : (
              <span className="skeleton">Loading</span>
            )}
          </p>
          <div className="plate-foot">
            <span
              className="plate-address mono"
              data-testid="wallet-address"
              data-address={wallet.address}
              title={wallet.address}
            >
              {shortAddress(wallet.address)}
            </span>
            <CopyButton text={wallet.address} look="quiet">
              Copy
            </CopyButton>
          </div>
          <KeyOutline address={wallet.address} />
        </section>
        <Button look="secondary" icon="in" busy={fund.busy} onClick={() => fund.run()}>
          Fund with <Amount amount={FUNDING_STROOPS} {...XLM} />
        </Button>
        <SendForm
          network={network}
          wallet={wallet}
          balanceStroops={looks?.balanceStroops ?? 0n}
          onSent={look}
        />
      </div>
      <NetworkPanel
        wallet={wallet}
        rows={looks?.rows ?? []}
        now={looks?.now ?? null}
        busy={passTime.busy}
        onPassTime={passTime.run}
      />
    </Screen>
  );
}

interface SendFormProps {
  network: LocalNetwork;
  wallet: DemoWallet;
  balanceStroops: bigint;
  onSent: () => Promise<void>;
}

function SendForm({ network, wallet, balanceStroops, onSent }: SendFormProps) {
  const [draft, setDraft] = useState({ to: network.shop, amount: '' });
  const [errors, setErrors] = useState<ReturnType<typeof draftErrors>>({ to: null, amount: null });
  const [sent, setSent] = useState<Transfer | null>(null);
  const send = useTask(async () => {
    setSent(await transfer(network, wallet, draft.to, parseAmount(draft.amount, XLM.decimals)));
    setDraft({ ...draft, amount: '' });
    await onSent();
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const balance = { token: network.tokenId, amount: balanceStroops, ...XLM };
    const found = draftErrors(draft, wallet.address, balance);
    setErrors(found);
    setSent(null);
    if (found.to === null && found.amount === null) void send.run();
  };
  const change = (part: Partial<typeof draft>) => {
    setDraft({ ...draft, ...part });
    setErrors({ to: null, amount: null });
    send.clear();
  };

  return (
    <form className="form demo-send" noValidate onSubmit={submit} aria-labelledby="send-heading">
      <h2 id="send-heading">Send</h2>
      <TextField
        label="To"
        mono
        autoComplete="off"
        spellCheck={false}
        value={draft.to}
        error={errors.to}
        hint={draft.to === network.shop ? 'A shop that has an account on this network.' : undefined}
        onText={(text) => change({ to: cleanAddress(text) })}
      />
      <TextField
        label="Amount"
        autoComplete="off"
        inputMode="decimal"
        placeholder="0"
        value={draft.amount}
        error={errors.amount}
        hint="The page pays the network fee."
        beside={<span className="field-beside field-unit">{XLM.symbol}</span>}
        onText={(text) => change({ amount: cleanAmount(text) })}
      />
      <PasskeyButton busy={send.busy} failure={send.failure} progress="Your passkey signs this one transfer.">
        Send with passkey
      </PasskeyButton>
      {sent ? <Sent sent={sent} /> : null}
    </form>
  );
}

function Sent({ sent }: { sent: Transfer }) {
  return (
    <Notice kind="good" title="Sent">
      <p>
        The wallet contract verified your passkey&rsquo;s signature ({sent.signatureBytes} bytes). What it
        signed, the authorization payload, was
      </p>
      <p className="mono hash">{sent.challenge}</p>
    </Notice>
  );
}
