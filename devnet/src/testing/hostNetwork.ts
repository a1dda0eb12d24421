// A network whose host is called directly, below transactions: what the host reports as changed is kept here, so that
// one call builds on another. For tests of what transactions cannot ask for, such as impersonation and traces.
import { Keypair, StrKey } from '@stellar/stellar-sdk';
import * as xdr from '@stellar/stellar-sdk/xdr';
import type { Engine, LookUp } from '../engine/engine.ts';
import type { ProtocolVersion } from '../engine/engineFile.ts';
import { sharedEngine } from '../engine/sharedEngine.ts';
import type { AuthMode, EntryOutcome, InvokeOutcome, TraceOutcome } from '../engine/sorobanHost.ts';
import { STANDALONE_PASSPHRASE } from '../index.ts';
import { accountIdOf } from '../ledger/account.ts';
import { keyText } from '../ledger/entryStore.ts';
import type { LimitsName } from '../ledger/limits.ts';
import { fund } from '../network/friendbot.ts';
import { Network } from '../network/network.ts';
import { sha256 } from '../sha256.ts';
import { START_SECONDS } from './testNetwork.ts';

type Call = {
  auth?: readonly xdr.SorobanAuthorizationEntry[];
  impersonated?: xdr.ScAddress;
};

export type HostNetwork = Awaited<ReturnType<typeof openHostNetwork>>;

/** @param engine another one than that of the protocol, such as one that records */
export async function openHostNetwork(
  protocol: ProtocolVersion = 30,
  engine?: Engine,
  limits: LimitsName = 'mainnet',
) {
  const network = new Network(engine ?? (await sharedEngine(protocol)), {
    passphrase: STANDALONE_PASSPHRASE,
    limits,
    mineMode: 'instant',
    nowSeconds: () => START_SECONDS,
    closeIntervalSeconds: 0,
  });
  const { host } = network;
  const source = Keypair.fromRawEd25519Seed(Buffer.alloc(32, 1));
  fund(network, source.publicKey());
  const changed = new Map<string, ReturnType<LookUp>>();
  const lookUp: LookUp = (key) => {
    const text = keyText(key);
    if (changed.has(text)) return changed.get(text) ?? null;
    const stored = network.ledger.get(text);
    return stored ? { xdr: stored.xdr, liveUntilLedger: stored.ttl?.liveUntilLedger ?? null } : null;
  };
  const seedOf = (hostFunction: Uint8Array) => sha256(hostFunction, new Uint8Array([changed.size]));
  const invocation = (hostFunction: xdr.HostFunction, { auth = [], impersonated }: Call) => ({
    hostFunction: hostFunction.toXdr(),
    source: accountIdOf(source.xdrPublicKey().value.toBytes()).toXdr(),
    seed: seedOf(hostFunction.toXdr()),
    auth: auth.map((entry) => entry.toXdr()),
    impersonated: impersonated?.toXdr() ?? null,
  });
  const keep = ({ key, readOnly, after, ttl }: EntryOutcome) => {
    if (readOnly) return;
    const liveUntilLedger = ttl?.newLiveUntil ?? null;
    changed.set(keyText(key), after ? { xdr: after, liveUntilLedger } : null);
  };
  const self = {
    network,
    host,
    source,
    lookUp,
    /** Records what the call needs. @throws Error when the simulation fails */
    record(hostFunction: xdr.HostFunction, call: Call = {}, authMode: AuthMode = 'record') {
      const simulation = host.simulateInvoke(
        network.hostLedger(),
        { ...invocation(hostFunction, call), authMode, useAddressV2: false, instructionLeeway: 0 },
        lookUp,
      );
      if (!simulation.transactionData) throw new Error(simulation.error ?? 'no footprint');
      return {
        resources: xdr.SorobanTransactionData.fromXdr(simulation.transactionData).resources,
        auth: simulation.auth.map((entry) => xdr.SorobanAuthorizationEntry.fromXdr(entry)),
        instructions: simulation.instructions,
      };
    },
    /** Applies the call on what simulation recorded, its unsigned authorization entries included. */
    apply(hostFunction: xdr.HostFunction, call: Call = {}): InvokeOutcome {
      const recorded = self.record(hostFunction);
      const outcome = host.applyInvoke(
        network.hostLedger(),
        {
          ...invocation(hostFunction, { auth: recorded.auth, ...call }),
          resources: recorded.resources.toXdr(),
          restoredIndices: [],
        },
        lookUp,
      );
      if (outcome.kind === 'success') outcome.entries.forEach(keep);
      return outcome;
    },
    trace(
      hostFunction: xdr.HostFunction,
      call: Call & { authMode?: AuthMode; resources?: xdr.SorobanResources } = {},
    ): TraceOutcome {
      return host.traceInvoke(
        network.hostLedger(),
        {
          ...invocation(hostFunction, call),
          authMode: call.authMode ?? 'record',
          resources: call.resources?.toXdr() ?? null,
          restoredIndices: [],
        },
        lookUp,
      );
    },
    /** Uploads wasm, creates a contract of it and gives its address. */
    deploy(wasm: Uint8Array, salt = 0): xdr.ScAddress {
      const upload = self.apply(xdr.HostFunction.hostFunctionTypeUploadContractWasm(wasm));
      if (upload.kind !== 'success') throw new Error('the upload failed');
      const create = self.apply(
        xdr.HostFunction.hostFunctionTypeCreateContract(
          new xdr.CreateContractArgs({
            contractIdPreimage: xdr.ContractIdPreimage.contractIdPreimageFromAddress(
              new xdr.ContractIdPreimageFromAddress({
                address: addressOf(source.publicKey()),
                salt: new Uint8Array(32).fill(salt),
              }),
            ),
            executable: xdr.ContractExecutable.contractExecutableWasm(sha256(wasm)),
          }),
        ),
      );
      if (create.kind !== 'success') throw new Error('the creation failed');
      const created = xdr.ScVal.fromXdr(create.returnValue);
      return (created as Extract<xdr.ScVal, { type: 'scvAddress' }>).address;
    },
    fund: (address: string) => void fund(network, address),
  };
  return self;
}

export function addressOf(address: string): xdr.ScAddress {
  return xdr.ScAddress.fromJson(address);
}

export function contractCall(
  contract: xdr.ScAddress,
  functionName: string,
  ...args: xdr.ScVal[]
): xdr.HostFunction {
  return xdr.HostFunction.hostFunctionTypeInvokeContract(
    new xdr.InvokeContractArgs({ contractAddress: contract, functionName, args }),
  );
}

/** The native asset's contract moves stroops. */
export function transferCall(
  { network }: HostNetwork,
  from: xdr.ScAddress,
  to: xdr.ScAddress,
  stroops: bigint,
) {
  const token = addressOf(StrKey.encodeContract(Buffer.from(network.ledger.nativeContractId)));
  const amount = xdr.ScVal.scvI128(new xdr.Int128Parts({ hi: 0n, lo: stroops }));
  return contractCall(token, 'transfer', xdr.ScVal.scvAddress(from), xdr.ScVal.scvAddress(to), amount);
}
