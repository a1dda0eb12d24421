// Transactions checked and applied per second of CPU time in this process, which is what one core does when it has
// nothing else to do: payments and transfers that a passkey approves, each in a ledger of its own, decoded from the text
// that a client would send. The engine compiles itself anew while it warms up, so the first ones are not counted.
import { getAccount } from '../../devnet/src/ledger/account.ts';
import { decodeTransaction } from '../../devnet/src/ledger/transactionFrame.ts';
import type { Network } from '../../devnet/src/network/network.ts';
import type { Figure, Progress } from '../figure.ts';
import { keypair } from '../participants.ts';
import { classicTransactions, openNetwork, passkeyTransfers, payment } from './network.ts';

const WARM_UP = 200;
const TRANSFERS = 600;
const PAYMENTS = 4_000;
const MIN_TRANSFERS_PER_SECOND = 300;
const MIN_PAYMENTS_PER_SECOND = 2_000;

export async function throughput(progress: Progress): Promise<Figure[]> {
  progress(`devnet: ${TRANSFERS} passkey transfers`);
  const transfers = await openNetwork();
  const signed = await passkeyTransfers(transfers, WARM_UP + TRANSFERS);
  const transfersPerSecond = perSecond(transfers.network, signed);

  progress(`devnet: ${PAYMENTS} payments`);
  const { network, fund } = await openNetwork();
  const [alice, bob] = [keypair('alice'), keypair('bob')];
  for (const { publicKey } of [alice, bob].map((key) => ({ publicKey: key.publicKey() })))
    await fund(publicKey);
  const { seqNum } = getAccount(network.ledger, new Uint8Array(alice.rawPublicKey()))!;
  const payments = classicTransactions(alice, seqNum + 1n, [payment(bob, 1n)], WARM_UP + PAYMENTS);
  return [
    {
      key: 'passkeyTransfers.perSecond',
      value: transfersPerSecond,
      target: MIN_TRANSFERS_PER_SECOND,
      isLeast: true,
    },
    {
      key: 'payments.perSecond',
      value: perSecond(network, payments),
      target: MIN_PAYMENTS_PER_SECOND,
      isLeast: true,
    },
  ];
}

function perSecond(network: Network, envelopes: readonly string[]): number {
  const submit = (envelope: string) => {
    const answer = network.submit(decodeTransaction(envelope, network.ledger.networkId));
    const isApplied = answer.kind === 'pending' && network.latest.transactions[0]?.isSuccess;
    if (!isApplied) throw new Error(`a transaction was not applied: ${answer.kind}`);
  };
  for (const envelope of envelopes.slice(0, WARM_UP)) submit(envelope);
  const measured = envelopes.slice(WARM_UP);
  const start = process.cpuUsage();
  for (const envelope of measured) submit(envelope);
  const { user, system } = process.cpuUsage(start);
  return (1_000_000 * measured.length) / (user + system);
}
