// Transfers that a passkey approves, sent to a network in a process of its own through stellar-sdk's own client, each
// with the question for its result: what a test suite does. Wall-clock time, one after the other.
import { createRpc } from '@latchkey/sdk/chain';
import { rpc, TransactionBuilder } from '@stellar/stellar-sdk';
import { STANDALONE_PASSPHRASE } from '../../devnet/src/index.ts';
import type { Figure, Progress } from '../figure.ts';
import { startDevnet } from '../processes.ts';
import { passkeyTransfers } from './network.ts';

const WARM_UP = 100;
const TRANSFERS = 200;
const MIN_PER_SECOND = 60;

export async function http(progress: Progress): Promise<Figure[]> {
  progress(`devnet: ${TRANSFERS} passkey transfers over HTTP`);
  const { rpcUrl, stop } = await startDevnet();
  try {
    const server = new rpc.Server(rpcUrl, { allowHttp: true });
    const client = createRpc(rpcUrl);
    const { friendbotUrl } = await client.call('getNetwork');
    const fund = async (address: string) => {
      const reply = await fetch(`${friendbotUrl}?addr=${address}`);
      if (!reply.ok) throw new Error(`friendbot answered ${reply.status}`);
    };
    const envelopes = await passkeyTransfers({ rpc: client, fund }, WARM_UP + TRANSFERS);
    const transactions = envelopes.map((xdr) => TransactionBuilder.fromXDR(xdr, STANDALONE_PASSPHRASE));
    const submit = async (transaction: (typeof transactions)[number]) => {
      const { hash } = await server.sendTransaction(transaction);
      const { status } = await server.getTransaction(hash);
      if (status !== rpc.Api.GetTransactionStatus.SUCCESS) throw new Error(`a transfer is ${status}`);
    };
    for (const transaction of transactions.slice(0, WARM_UP)) await submit(transaction);
    const start = performance.now();
    for (const transaction of transactions.slice(WARM_UP)) await submit(transaction);
    const perSecond = (1_000 * TRANSFERS) / (performance.now() - start);
    return [
      { key: 'passkeyTransfersHttp.perSecond', value: perSecond, target: MIN_PER_SECOND, isLeast: true },
    ];
  } finally {
    await stop();
  }
}
