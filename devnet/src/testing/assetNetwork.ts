// A network with an issuer and holders of its asset, for the tests of operations on assets. Replies are decoded to what
// those tests state: a code for each operation, and events as XDR.
import {
  Address,
  Asset,
  hash,
  type Keypair,
  type Memo,
  nativeToScVal,
  Operation,
  StrKey,
  xdr,
} from '@stellar/stellar-sdk';
import {
  metaOf,
  openTestNetwork,
  operationCodes,
  resultOf,
  type TestNetwork,
  type TransactionReply,
} from './testNetwork.ts';

export type AssetNetwork = Awaited<ReturnType<typeof openAssetNetwork>>;

export async function openAssetNetwork() {
  const network = await openTestNetwork();
  const issuer = await network.account();
  const alice = await network.account();
  const bob = await network.account();
  const usd = new Asset('USD', issuer.publicKey());

  /** Sends a transaction of the first signer, signed by all. */
  async function send(signers: Keypair | Keypair[], operations: xdr.Operation[], memo?: Memo) {
    const all = [signers].flat();
    const edit = (builder: Parameters<NonNullable<Build['edit']>>[0]) => {
      builder.setTimeout(0);
      if (memo) builder.addMemo(memo);
    };
    const transaction = await network.build(all[0]!, operations, { fee: '1000', edit });
    transaction.sign(...all);
    const sent = await network.submit(transaction);
    return sent.status === 'PENDING' ? network.transaction(sent.hash) : sent;
  }

  const assets = {
    network,
    issuer,
    alice,
    bob,
    usd,
    send,
    /** The code of each operation. */
    async codes(signers: Keypair | Keypair[], ...operations: xdr.Operation[]): Promise<string[]> {
      return operationCodes(await send(signers, operations));
    },
    /** The code of an operation that the SDK would refuse to build. */
    async codeOfRaw(signer: Keypair, body: xdr.OperationBody): Promise<string> {
      const draft = await network.build(signer, [Operation.inflation()]);
      const operations = [new xdr.Operation({ sourceAccount: null, body })];
      const envelope = draft.toEnvelope() as Extract<xdr.TransactionEnvelope, { type: 'envelopeTypeTx' }>;
      const tx = new xdr.Transaction({ ...envelope.v1.tx, operations });
      const payload = payloadOf(tx, hash(Buffer.from(network.net.passphrase)));
      const signatures = [signer.signDecorated(Buffer.from(payload))];
      const signed = xdr.TransactionEnvelope.envelopeTypeTx(
        new xdr.TransactionV1Envelope({ tx, signatures }),
      );
      const sent = await network.submit({ toXDR: () => signed.toXdr('base64') });
      return operationCodes(sent.status === 'PENDING' ? await network.transaction(sent.hash) : sent)[0]!;
    },
    /** Sends operations that have to succeed. */
    async done(
      signers: Keypair | Keypair[],
      operations: xdr.Operation[],
      memo?: Memo,
    ): Promise<TransactionReply> {
      const reply = await send(signers, operations, memo);
      if (reply.status !== 'SUCCESS') throw new Error(`not applied: ${operationCodes(reply).join(', ')}`);
      return reply as TransactionReply;
    },
    /** Opens a trust line and fills it. */
    async hold(holder: Keypair, amount: string, asset = usd): Promise<void> {
      await assets.done(holder, [Operation.changeTrust({ asset })]);
      await assets.done(issuer, [Operation.payment({ destination: holder.publicKey(), asset, amount })]);
    },
    async entry(key: xdr.LedgerKey): Promise<xdr.LedgerEntryData | null> {
      const { entries } = (await network.net.rpc('getLedgerEntries', { keys: [key.toXdr('base64')] })) as {
        entries: { xdr: string }[];
      };
      return entries[0] ? xdr.LedgerEntryData.fromXdr(entries[0].xdr, 'base64') : null;
    },
    async line(holder: Keypair, asset = usd): Promise<xdr.TrustLineEntry | null> {
      const key = new xdr.LedgerKeyTrustLine({
        accountId: holder.xdrAccountId(),
        asset: asset.toTrustLineXdrObject(),
      });
      const data = await assets.entry(xdr.LedgerKey.trustline(key));
      return data?.type === 'trustline' ? data.trustLine : null;
    },
    async claimable(balanceId: xdr.ClaimableBalanceId): Promise<xdr.ClaimableBalanceEntry | null> {
      const key = new xdr.LedgerKeyClaimableBalance({ balanceId });
      const data = await assets.entry(xdr.LedgerKey.claimableBalance(key));
      return data?.type === 'claimableBalance' ? data.claimableBalance : null;
    },
    /** What an asset's contract would emit, in base64. */
    event(asset: Asset, name: string, addresses: string[], data: xdr.ScVal): string {
      const text = asset.isNative() ? 'native' : `${asset.getCode()}:${asset.getIssuer()}`;
      const topics = [
        xdr.ScVal.scvSymbol(name),
        ...addresses.map((address) => Address.fromString(address).toScVal()),
        xdr.ScVal.scvString(text),
      ];
      const contract = Address.fromString(asset.contractId(network.net.passphrase)).toScAddress();
      return new xdr.ContractEvent({
        ext: xdr.ExtensionPoint.v0(),
        contractId: (contract as Extract<xdr.ScAddress, { type: 'scAddressTypeContract' }>).contractId,
        type: xdr.ContractEventType.contract,
        body: xdr.ContractEventBody.v0(new xdr.ContractEventV0({ topics, data })),
      }).toXdr('base64');
    },
  };
  return assets;
}

type Build = NonNullable<Parameters<TestNetwork['build']>[2]>;

/** The events of all operations, in base64. */
export function eventsOf(reply: TransactionReply): string[] {
  return metaOf(reply).operations.flatMap(({ events }) => events.map((event) => event.toXdr('base64')));
}

export function i128(amount: bigint): xdr.ScVal {
  return nativeToScVal(amount, { type: 'i128' });
}

/** The B address of a claimable balance. */
export function addressOf({ v0 }: xdr.ClaimableBalanceId): string {
  return StrKey.encodeClaimableBalance(Buffer.from([0, ...v0.toBytes()]));
}

/** The id of the claimable balance that an operation created. */
export function balanceIdOf(reply: TransactionReply, operationIndex = 0): xdr.ClaimableBalanceId {
  const { result } = resultOf(reply);
  if (result.type !== 'txSuccess') throw new Error(result.type);
  const operation = result.results[operationIndex]! as Extract<xdr.OperationResult, { type: 'opInner' }>;
  const created = operation.tr.value as Extract<
    xdr.CreateClaimableBalanceResult,
    { type: 'createClaimableBalanceSuccess' }
  >;
  return created.balanceId;
}

/** The payload that signers of a transaction sign. */
function payloadOf(tx: xdr.Transaction, networkId: Uint8Array): Uint8Array {
  const taggedTransaction = xdr.TransactionSignaturePayloadTaggedTransaction.envelopeTypeTx(tx);
  return hash(new xdr.TransactionSignaturePayload({ networkId, taggedTransaction }).toXdr());
}
