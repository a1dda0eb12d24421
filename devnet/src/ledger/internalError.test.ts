import { Contract, hash, Operation, xdr } from '@stellar/stellar-sdk';
import { expect, it } from 'vitest';
import { openLedgerScript, withResources } from '../testing/ledgerScript.ts';
import { smallContract } from '../testing/smallContract.ts';

const LIVE_UNTIL = 100_000;

it('an operation that breaks fails its transaction with txINTERNAL_ERROR, and the network goes on', async () => {
  const script = await openLedgerScript();
  const alice = await script.account('alice');
  // Code that no upload lets pass and that the host cannot read.
  const code = new Uint8Array([1, 2, 3]);
  const codeHash = new Uint8Array(hash(Buffer.from(code)));
  const ext = xdr.ContractCodeEntryExt.v0();
  const broken = new xdr.LedgerEntry({
    lastModifiedLedgerSeq: 1,
    data: xdr.LedgerEntryData.contractCode(new xdr.ContractCodeEntry({ ext, hash: codeHash, code })),
    ext: xdr.LedgerEntryExt.v0(),
  });
  await script.net.setLedgerEntry(broken.toXdr('base64'), LIVE_UNTIL);
  const wasm = Buffer.from(smallContract());
  const { data } = await script.prepare({
    source: alice,
    operations: [Operation.uploadContractWasm({ wasm })],
  });
  const call = new Contract(script.net.nativeTokenContractId).call('name');
  const readOnly = [xdr.LedgerKey.contractCode(new xdr.LedgerKeyContractCode({ hash: codeHash }))];
  const touching = withResources(data, { footprint: new xdr.LedgerFootprint({ readOnly, readWrite: [] }) });
  const before = await script.accountEntry(alice);
  const draft = { source: alice, operations: [call], data: touching };
  const reply = await script.send({ ...draft, fee: Number(data.resourceFee) + 100 });
  expect([reply.status, reply.code]).toEqual(['FAILED', 'txInternalError']);
  expect(reply.diagnostics).toHaveLength(1);
  const after = await script.accountEntry(alice);
  expect(after.seqNum).toBe(before.seqNum + 1n);
  expect(after.balance).toBe(before.balance - reply.feeCharged);
  const next = await script.send({ source: alice, operations: [Operation.bumpSequence({ bumpTo: '0' })] });
  expect(next.code).toBe('txSuccess');
});
