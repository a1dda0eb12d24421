// Drives a network with transactions made field by field, which the SDK's builder would refuse to make: for the tests of
// validity and for the golden corpus. Keys come from names and the clock stands still, so that a script gives the same
// bytes on every run. Replies are decoded to codes, fee and metadata.
import { hash, Keypair, xdr } from '@stellar/stellar-sdk';
import { createDevnet, type DevnetOptions } from '../index.ts';
import { START_SECONDS } from './testNetwork.ts';

export type Draft = {
  source: Keypair;
  operations: xdr.Operation[];
  fee?: number;
  /** The next one of the source, if nothing is said. */
  sequence?: bigint;
  cond?: xdr.Preconditions;
  memo?: xdr.Memo;
  data?: xdr.SorobanTransactionData;
  /** Of the source, which makes its address a muxed one. */
  muxedId?: bigint;
  /** The source, if nothing is said. */
  signers?: readonly Keypair[];
  isV0?: boolean;
  bump?: { source: Keypair; fee: bigint; signers?: readonly Keypair[] };
};

export type Reply = {
  readonly hash: string;
  readonly envelope: string;
  /** SUCCESS or FAILED in a ledger; ERROR, DUPLICATE, TRY_AGAIN_LATER or PENDING in the queue. */
  readonly status: string;
  /** Of a fee bump the code inside, behind the outer one: `txFeeBumpInnerFailed txBadSeq`. */
  readonly code: string;
  readonly operations: readonly string[];
  readonly feeCharged: bigint;
  readonly ledger: number | null;
  readonly resultXdr: string | null;
  readonly metaXdr: string | null;
  readonly diagnostics: readonly string[];
};

type RpcReply = {
  status: string;
  hash: string;
  ledger?: number;
  errorResultXdr?: string;
  resultXdr?: string;
  resultMetaXdr?: string;
  diagnosticEventsXdr?: string[];
};

export type LedgerScript = Awaited<ReturnType<typeof openLedgerScript>>;

/** A key that everybody can make from its name. */
export function keyOf(name: string): Keypair {
  return Keypair.fromRawEd25519Seed(hash(Buffer.from(name)));
}

export async function openLedgerScript(options: DevnetOptions = {}) {
  const clock = { seconds: START_SECONDS };
  const net = await createDevnet({ nowSeconds: () => clock.seconds, ...options });
  const networkId = hash(Buffer.from(net.passphrase));
  const script = {
    net,
    clock,
    /** A funded account whose key follows from its name. */
    async account(name: string): Promise<Keypair> {
      const key = keyOf(name);
      await net.fund(key.publicKey());
      return key;
    },
    async entry(key: xdr.LedgerKey): Promise<{ data: xdr.LedgerEntryData; liveUntil: number | null } | null> {
      const { entries } = (await net.rpc('getLedgerEntries', { keys: [key.toXdr('base64')] })) as {
        entries: { xdr: string; liveUntilLedgerSeq?: number }[];
      };
      const [found] = entries;
      if (!found) return null;
      const data = xdr.LedgerEntryData.fromXdr(found.xdr, 'base64');
      return { data, liveUntil: found.liveUntilLedgerSeq ?? null };
    },
    async accountEntry(key: Keypair): Promise<xdr.AccountEntry> {
      const found = await script.entry(
        xdr.LedgerKey.account(new xdr.LedgerKeyAccount({ accountId: key.xdrAccountId() })),
      );
      if (found?.data.type !== 'account') throw new Error('no such account');
      return found.data.account;
    },
    async envelope(draft: Draft): Promise<xdr.TransactionEnvelope> {
      const tx = new xdr.Transaction({
        sourceAccount: muxed(draft.source, draft.muxedId),
        fee: draft.fee ?? 100 * Math.max(1, draft.operations.length),
        seqNum: draft.sequence ?? (await script.accountEntry(draft.source)).seqNum + 1n,
        cond: draft.cond ?? xdr.Preconditions.precondNone(),
        memo: draft.memo ?? xdr.Memo.memoNone(),
        operations: draft.operations,
        ext: draft.data ? xdr.TransactionExt.sorobanData(draft.data) : xdr.TransactionExt.v0(),
      });
      const tagged = xdr.TransactionSignaturePayloadTaggedTransaction.envelopeTypeTx(tx);
      const signatures = sign(tagged, draft.signers ?? [draft.source]);
      const v1 = new xdr.TransactionV1Envelope({ tx, signatures });
      if (draft.isV0) return envelopeV0(draft.source, v1);
      return draft.bump ? bumped(v1, draft.bump) : xdr.TransactionEnvelope.envelopeTypeTx(v1);
    },
    async send(draft: Draft): Promise<Reply> {
      return script.sendEnvelope((await script.envelope(draft)).toXdr('base64'));
    },
    async sendEnvelope(transaction: string): Promise<Reply> {
      const sent = (await net.rpc('sendTransaction', { transaction })) as RpcReply;
      if (sent.status !== 'PENDING') return decoded(transaction, sent.hash, sent);
      const applied = (await net.rpc('getTransaction', { hash: sent.hash })) as RpcReply;
      return decoded(transaction, sent.hash, applied.status === 'NOT_FOUND' ? sent : applied);
    },
    /** What became of a transaction that was pending. */
    async outcome({ envelope, hash: id }: Reply): Promise<Reply> {
      return decoded(envelope, id, (await net.rpc('getTransaction', { hash: id })) as RpcReply);
    },
    /** Simulates, lets `change` alter the resources and the fee, and sends. */
    async invoke(
      draft: Draft,
      change: (data: xdr.SorobanTransactionData) => xdr.SorobanTransactionData = (data) => data,
    ): Promise<Reply> {
      const { data, operations } = await script.prepare(draft);
      const changed = change(data);
      const fee = draft.fee ?? Number(changed.resourceFee) + 100;
      return script.send({ ...draft, operations, data: changed, fee });
    },
    async prepare(draft: Draft): Promise<{ data: xdr.SorobanTransactionData; operations: xdr.Operation[] }> {
      const { bump: _, ...plain } = draft;
      const transaction = (await script.envelope({ ...plain, signers: [] })).toXdr('base64');
      const simulation = (await net.rpc('simulateTransaction', { transaction })) as {
        error?: string;
        transactionData: string;
        results?: { auth?: string[] }[];
      };
      if (simulation.error !== undefined) throw new Error(simulation.error);
      const auth = (simulation.results?.[0]?.auth ?? []).map((entry) =>
        xdr.SorobanAuthorizationEntry.fromXdr(entry, 'base64'),
      );
      const operations = draft.operations.map((operation) => authorized(operation, auth));
      return { data: xdr.SorobanTransactionData.fromXdr(simulation.transactionData, 'base64'), operations };
    },
  };

  function sign(
    taggedTransaction: xdr.TransactionSignaturePayloadTaggedTransaction,
    signers: readonly Keypair[],
  ): xdr.DecoratedSignature[] {
    const payload = hash(new xdr.TransactionSignaturePayload({ networkId, taggedTransaction }).toXdr());
    return signers.map((signer) => signer.signDecorated(payload));
  }

  function bumped(
    inner: xdr.TransactionV1Envelope,
    { source, fee, signers = [source] }: NonNullable<Draft['bump']>,
  ): xdr.TransactionEnvelope {
    const tx = new xdr.FeeBumpTransaction({
      feeSource: muxed(source),
      fee,
      innerTx: xdr.FeeBumpTransactionInnerTx.envelopeTypeTx(inner),
      ext: xdr.FeeBumpTransactionExt.v0(),
    });
    const tagged = xdr.TransactionSignaturePayloadTaggedTransaction.envelopeTypeTxFeeBump(tx);
    return xdr.TransactionEnvelope.envelopeTypeTxFeeBump(
      new xdr.FeeBumpTransactionEnvelope({ tx, signatures: sign(tagged, signers) }),
    );
  }

  return script;
}

/** The same resources with parts of them replaced. */
export function withResources(
  data: xdr.SorobanTransactionData,
  resources: Partial<ConstructorParameters<typeof xdr.SorobanResources>[0]>,
  more: Partial<ConstructorParameters<typeof xdr.SorobanTransactionData>[0]> = {},
): xdr.SorobanTransactionData {
  return new xdr.SorobanTransactionData({
    ...data,
    resources: new xdr.SorobanResources({ ...data.resources, ...resources }),
    ...more,
  });
}

export function muxed(key: Keypair, id?: bigint): xdr.MuxedAccount {
  const ed25519 = new Uint8Array(key.rawPublicKey());
  return id === undefined
    ? xdr.MuxedAccount.keyTypeEd25519(ed25519)
    : xdr.MuxedAccount.keyTypeMuxedEd25519(new xdr.MuxedAccountMed25519({ id, ed25519 }));
}

function envelopeV0(source: Keypair, { tx, signatures }: xdr.TransactionV1Envelope): xdr.TransactionEnvelope {
  const v0 = new xdr.TransactionV0({
    sourceAccountEd25519: new Uint8Array(source.rawPublicKey()),
    fee: tx.fee,
    seqNum: tx.seqNum,
    timeBounds: tx.cond.type === 'precondTime' ? tx.cond.timeBounds : null,
    memo: tx.memo,
    operations: tx.operations,
    ext: xdr.TransactionV0Ext.v0(),
  });
  return xdr.TransactionEnvelope.envelopeTypeTxV0(new xdr.TransactionV0Envelope({ tx: v0, signatures }));
}

function authorized(operation: xdr.Operation, auth: xdr.SorobanAuthorizationEntry[]): xdr.Operation {
  const { body } = operation;
  if (body.type !== 'invokeHostFunction' || auth.length === 0) return operation;
  const { hostFunction } = body.invokeHostFunctionOp;
  return new xdr.Operation({
    ...operation,
    body: xdr.OperationBody.invokeHostFunction(new xdr.InvokeHostFunctionOp({ hostFunction, auth })),
  });
}

function decoded(envelope: string, id: string, reply: RpcReply): Reply {
  const resultXdr = reply.errorResultXdr ?? reply.resultXdr ?? null;
  const result = resultXdr ? xdr.TransactionResult.fromXdr(resultXdr, 'base64') : null;
  const outer = result?.result ?? null;
  const inner = outer && 'innerResultPair' in outer ? outer.innerResultPair.result.result : null;
  const operations = [outer, inner].flatMap((part) => (part && 'results' in part ? [...part.results] : []));
  return {
    hash: id,
    envelope,
    status: reply.status,
    code: [outer?.type, inner?.type].filter(Boolean).join(' '),
    operations: operations.map((operation) =>
      operation.type === 'opInner' ? (operation.tr.value as { type: string }).type : operation.type,
    ),
    feeCharged: result?.feeCharged ?? 0n,
    ledger: reply.ledger ?? null,
    resultXdr,
    metaXdr: reply.resultMetaXdr ?? null,
    diagnostics: reply.diagnosticEventsXdr ?? [],
  };
}
