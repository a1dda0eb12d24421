// simulateTransaction: what a Soroban transaction would do on the latest ledger, and the resources to declare.
// Failures are part of the answer (`error`), as stellar-rpc gives them. Signatures, sequence number and balance of
// the transaction's source are not looked at.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { concatBytes } from '../bytes.ts';
import { EngineError, type LookUp } from '../engine/engine.ts';
import type { InvokeSimulation } from '../engine/sorobanHost.ts';
import { accountIdOf } from '../ledger/account.ts';
import { keyText } from '../ledger/entryStore.ts';
import { impersonatedAddress } from '../ledger/impersonatedAddress.ts';
import { ledgerKeyOf } from '../ledger/ledgerKey.ts';
import { operationSource, type TransactionFrame } from '../ledger/transactionFrame.ts';
import { words } from '../ledger/xdrBytes.ts';
import type { Network } from '../network/network.ts';
import { sha256 } from '../sha256.ts';
import type { Params } from './params.ts';
import { transactionParam } from './transactionParam.ts';
import { type XdrFormat, xdrField, xdrListField } from './xdrField.ts';

const AUTH_MODES = ['enforce', 'record', 'record_allow_nonroot'] as const;
type AuthMode = (typeof AUTH_MODES)[number];
type FootprintBody = Extract<xdr.OperationBody, { type: 'extendFootprintTtl' | 'restoreFootprint' }>;

/** A failure that is reported inside the answer. */
class SimulationRefusal extends Error {}

/** Simulations so far, so that no two draw the same nonces. */
const counts = new WeakMap<Network, number>();

export function simulateTransaction(network: Network, params: Params) {
  const latestLedger = network.latest.sequence;
  try {
    const format = formatOf(params);
    return { ...simulate(network, params, format), latestLedger };
  } catch (error) {
    const isRefused = error instanceof EngineError && error.code !== 'ENGINE_TRAPPED';
    if (error instanceof SimulationRefusal || isRefused) return { error: error.message, latestLedger };
    throw error;
  }
}

function formatOf(params: Params): XdrFormat {
  try {
    return params.xdrFormat();
  } catch (error) {
    throw new SimulationRefusal((error as Error).message);
  }
}

function simulate(network: Network, params: Params, format: XdrFormat) {
  const frame = transactionParam(network, params);
  if (!frame) throw new SimulationRefusal('Could not unmarshal transaction');
  const { tx } = frame;
  const [operation] = tx.operations;
  if (!operation || tx.operations.length > 1) {
    throw new SimulationRefusal('Transaction contains more than one operation');
  }
  if (tx.memo.type !== 'memoNone') {
    throw new SimulationRefusal('Transaction contains a memo. Soroban transactions do not support memos.');
  }
  const authMode = readAuthMode(params, operation.body);
  const { body } = operation;
  return body.type === 'invokeHostFunction'
    ? simulateInvoke(network, params, frame, operation, body.invokeHostFunctionOp, authMode, format)
    : simulateFootprint(network, frame, body as FootprintBody, format);
}

/** The mode asked for, else to check entries that were given and to record where there are none. */
function readAuthMode(params: Params, body: xdr.OperationBody): AuthMode {
  const asked = params.optionalText('authMode') || undefined;
  const mode = AUTH_MODES.find((name) => name === asked);
  if (asked !== undefined && !mode) {
    throw new SimulationRefusal(`optional 'authMode' must be one of ${AUTH_MODES.join(',')} when included`);
  }
  switch (body.type) {
    case 'invokeHostFunction': {
      const hasEntries = body.invokeHostFunctionOp.auth.length > 0;
      if (hasEntries && mode !== undefined && mode !== 'enforce') {
        throw new SimulationRefusal(`cannot set authMode to '${mode}' with an auth footprint`);
      }
      return mode ?? (hasEntries ? 'enforce' : 'record');
    }
    case 'extendFootprintTtl':
    case 'restoreFootprint':
      if (mode === undefined) return 'enforce';
      throw new SimulationRefusal('cannot set authMode with non-InvokeHostFunction operations');
    default: {
      const name = `OperationType${body.type.slice(0, 1).toUpperCase()}${body.type.slice(1)}`;
      throw new SimulationRefusal(`transaction contains unsupported operation type: ${name}`);
    }
  }
}

function simulateInvoke(
  network: Network,
  params: Params,
  frame: TransactionFrame,
  operation: xdr.Operation,
  invoke: xdr.InvokeHostFunctionOp,
  authMode: AuthMode,
  format: XdrFormat,
) {
  const simulation = network.host.simulateInvoke(network.hostLedger(), {
    hostFunction: invoke.hostFunction.toXdr(),
    source: accountIdOf(operationSource(frame, operation)).toXdr(),
    seed: seedOf(network, frame),
    auth: invoke.auth.map((entry) => entry.toXdr()),
    authMode,
    useAddressV2: params.flag('useUpgradedAuth'),
    instructionLeeway: params.nested('resourceConfig').u32('instructionLeeway'),
    impersonated: impersonatedAddress(invoke.auth, network.ledger.impersonated),
  });
  return renderInvoke(simulation, format);
}

/** Follows from the transaction, the ledger and how often was simulated: a run can be repeated exactly. */
function seedOf(network: Network, frame: TransactionFrame): Uint8Array {
  const count = counts.get(network) ?? 0;
  counts.set(network, count + 1);
  return sha256(concatBytes(frame.txHash, network.latest.hash, words(count)));
}

function renderInvoke(simulation: InvokeSimulation, format: XdrFormat) {
  const diagnosticEvents = simulation.diagnosticEvents.map((event) => xdr.DiagnosticEvent.fromXdr(event));
  const events = renamed(xdrListField('events', diagnosticEvents, format), 'eventsXdr', 'events');
  if (simulation.error !== null) return { error: simulation.error, ...events };
  const auth = simulation.auth.map((entry) => xdr.SorobanAuthorizationEntry.fromXdr(entry));
  return {
    ...transactionData(simulation.transactionData!, format),
    ...events,
    results: [
      {
        ...renamed(xdrListField('auth', auth, format), 'authXdr', 'auth'),
        ...xdrField('returnValue', xdr.ScVal, simulation.returnValue!, format, 'xdr'),
      },
    ],
    stateChanges: simulation.changes.map(({ before, after }) => renderChange(before, after, format)),
  };
}

function renderChange(before: Uint8Array | null, after: Uint8Array | null, format: XdrFormat) {
  const entry = (name: string, bytes: Uint8Array | null) =>
    bytes === null
      ? { [format === 'json' ? `${name}Json` : name]: null }
      : xdrField(name, xdr.LedgerEntry, bytes, format, name);
  const key = ledgerKeyOf(xdr.LedgerEntry.fromXdr((after ?? before)!))!;
  return {
    type: before === null ? 'created' : after === null ? 'deleted' : 'updated',
    ...xdrField('key', xdr.LedgerKey, key.toXdr(), format, 'key'),
    ...entry('before', before),
    ...entry('after', after),
  };
}

function simulateFootprint(
  network: Network,
  frame: TransactionFrame,
  body: FootprintBody,
  format: XdrFormat,
) {
  if (!frame.sorobanData) {
    throw new SimulationRefusal(
      'To perform a SimulateTransaction for ExtendFootprintTtl or RestoreFootprint operations, SorobanTransactionData must be provided',
    );
  }
  const { readOnly, readWrite } = frame.sorobanData.resources.footprint;
  const ledger = network.hostLedger();
  const encode = (keys: readonly xdr.LedgerKey[]) => keys.map((key) => key.toXdr());
  if (body.type === 'restoreFootprint') {
    return transactionData(network.host.simulateRestore(ledger, encode(readWrite)), format);
  }
  const keys = encode(readOnly);
  const archived = keys.filter((key) => isArchived(network, key));
  const { extendTo } = body.extendFootprintTtlOp;
  const extension = network.host.simulateExtend(ledger, extendTo, keys, restoring(network));
  if (archived.length === 0) return transactionData(extension, format);
  const restorePreamble = transactionData(network.host.simulateRestore(ledger, archived), format);
  return { ...transactionData(extension, format), restorePreamble };
}

function isArchived(network: Network, key: Uint8Array): boolean {
  const ttl = network.ledger.get(keyText(key))?.ttl;
  return ttl !== null && ttl !== undefined && ttl.liveUntilLedger < network.latest.sequence;
}

/** The ledger as it will be once what is archived has been restored. */
function restoring(network: Network): LookUp {
  const { ledger, latest } = network;
  const restoredUntil = latest.sequence + ledger.settings.minPersistentTtl - 1;
  return (key) => {
    const stored = ledger.get(keyText(key));
    if (!stored) return null;
    const liveUntil = stored.ttl?.liveUntilLedger ?? null;
    const isGone = liveUntil !== null && liveUntil < latest.sequence;
    return { xdr: stored.xdr, liveUntilLedger: isGone ? restoredUntil : liveUntil };
  };
}

function transactionData(data: Uint8Array, format: XdrFormat) {
  return {
    ...xdrField('transactionData', xdr.SorobanTransactionData, data, format, 'transactionData'),
    minResourceFee: String(xdr.SorobanTransactionData.fromXdr(data).resourceFee),
  };
}

function renamed(fields: Record<string, unknown>, from: string, to: string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name === from ? to : name, value]),
  );
}
