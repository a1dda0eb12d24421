// Writes the golden corpus of engine calls, `devnet/golden/`: `node bench/recordEngineCalls.ts`. The calls are those of
// a wallet's life (bench/operations/owner.ts) on each protocol that has an engine; what uploads large contracts is left
// out for its size. Recording anew is for deliberate changes only: the tests hold every engine to what is recorded.
import { mkdirSync, writeFileSync } from 'node:fs';
import { PROTOCOL_VERSIONS, type ProtocolVersion } from '../devnet/src/engine/engineFile.ts';
import { OPERATION } from '../devnet/src/engine/sorobanHost.ts';
import { corpusFile, formatEngineCalls, RecordingEngine } from '../devnet/src/golden/engineCalls.ts';
import { engineModule } from '../devnet/src/platform/node/engineModule.ts';
import { addressOf, contractCall, openHostNetwork, transferCall } from '../devnet/src/testing/hostNetwork.ts';
import { stubbornAccount } from '../devnet/src/testing/stubbornAccount.ts';
import { ownerOperations } from './operations/owner.ts';

const MAX_FRAME_BYTES = 8_000;

/** What a wallet's life leaves out: failures, impersonation, traces, lifetimes. */
async function otherOperations(protocol: ProtocolVersion, engine: RecordingEngine): Promise<void> {
  const net = await openHostNetwork(protocol, engine);
  const account = net.deploy(stubbornAccount());
  net.fund(String(account.toJson()));
  const transfer = transferCall(net, account, addressOf(net.source.publicKey()), 7n);
  const touch = contractCall(account, 'touch');
  for (const call of [transfer, touch]) {
    net.apply(call);
    net.trace(call);
    net.apply(call, { impersonated: account });
  }
  const { auth, resources } = net.record(transfer);
  net.record(transfer, { auth, impersonated: account }, 'enforce');
  net.trace(transfer, { auth, resources, authMode: 'enforce' });
  const keys = resources.footprint.readOnly.map((key) => key.toXdr());
  const ledger = net.network.hostLedger();
  net.host.simulateExtend(ledger, 500_000, keys);
  net.host.simulateRestore({ ...ledger, sequence: 5_000_000 }, keys.slice(0, 1));
  for (const key of keys) net.host.entryRentSize(net.lookUp(key)!.xdr);
  const sizes = { oldSizeBytes: 100, newSizeBytes: 300, oldLiveUntil: 5_000, newLiveUntil: 90_000 };
  net.host.rentFee(ledger.sequence, [{ isPersistent: true, isCode: false, ...sizes }]);
}

const operationNames = new Map<number, string>(
  Object.entries(OPERATION).map(([name, operation]) => [operation, name]),
);

for (const protocol of PROTOCOL_VERSIONS) {
  const module = await engineModule(protocol);
  const counts = new Map<string, number>();
  const engine = new RecordingEngine(module, (operation, frame) => {
    const name = operationNames.get(operation) ?? String(operation);
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return frame.length > MAX_FRAME_BYTES ? null : `${name} ${count}`;
  });
  await ownerOperations(engine);
  await otherOperations(protocol, engine);
  const file = corpusFile(protocol);
  mkdirSync(new URL('.', file), { recursive: true });
  const text = formatEngineCalls(engine.calls);
  writeFileSync(file, text);
  console.log(`protocol ${protocol}: ${engine.calls.length} calls, ${text.length} bytes`);
}
