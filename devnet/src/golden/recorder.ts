// Runs a story on a network of its own and writes down what became of each of its transactions: envelope, result,
// metadata and the hash of the ledger after it, with codes and fee beside them for people. Keys come from names and the
// clock stands still, so the same story gives the same lines on every run.
import { Asset, type Keypair, Operation, type xdr } from '@stellar/stellar-sdk';
import type { DevnetOptions } from '../index.ts';
import { type Draft, keyOf, openLedgerScript, type Reply } from '../testing/ledgerScript.ts';

export type GoldenLine = {
  readonly story: string;
  readonly step: string;
  readonly status: string;
  readonly code: string;
  readonly operations: readonly string[];
  readonly feeCharged: string;
  /** Of the latest ledger after it. */
  readonly ledgerHash: string;
  readonly envelope: string;
  readonly result: string | null;
  readonly meta: string | null;
};

export type Story = {
  readonly name: string;
  readonly options?: DevnetOptions;
  readonly tell: (recorder: Recorder) => Promise<void>;
};

export type Recorder = Awaited<ReturnType<typeof openRecorder>>['recorder'];

export async function record(story: Story): Promise<GoldenLine[]> {
  const { recorder, lines } = await openRecorder(story);
  await story.tell(recorder);
  return lines;
}

async function openRecorder(story: Story) {
  const script = await openLedgerScript({ closeIntervalSeconds: 0, ...story.options });
  const lines: GoldenLine[] = [];
  const root = await script.account('root of the corpus');
  const note = async (step: string, reply: Reply): Promise<Reply> => {
    const { id } = (await script.net.rpc('getLatestLedger')) as { id: string };
    lines.push({
      story: story.name,
      step,
      status: reply.status,
      code: reply.code,
      operations: reply.operations,
      feeCharged: String(reply.feeCharged),
      ledgerHash: id,
      envelope: reply.envelope,
      result: reply.resultXdr,
      meta: reply.metaXdr,
    });
    return reply;
  };
  const recorder = {
    script,
    root,
    key: keyOf,
    account: (name: string) => script.account(name),
    /** An account with exactly this balance. */
    async poor(name: string, balance: string): Promise<Keypair> {
      const key = keyOf(name);
      const create = Operation.createAccount({ destination: key.publicKey(), startingBalance: balance });
      await script.send({ source: root, operations: [create] });
      return key;
    },
    async send(step: string, draft: Draft): Promise<Reply> {
      return note(step, await script.send(draft));
    },
    /** One transaction with these operations of one source, signed by all sources they name. */
    async operations(step: string, source: Keypair, operations: xdr.Operation[], others: Keypair[] = []) {
      return recorder.send(step, { source, operations, signers: [source, ...others] });
    },
    async invoke(step: string, draft: Draft, change?: Parameters<typeof script.invoke>[1]): Promise<Reply> {
      return note(step, await script.invoke(draft, change));
    },
    /** Notes what became of transactions that were pending. */
    async outcome(step: string, reply: Reply): Promise<Reply> {
      return note(step, await script.outcome(reply));
    },
  };
  return { recorder, lines };
}

export function pay(destination: Keypair, amount: string, asset = Asset.native(), source?: Keypair) {
  return Operation.payment({
    destination: destination.publicKey(),
    asset,
    amount,
    ...(source ? { source: source.publicKey() } : {}),
  });
}
