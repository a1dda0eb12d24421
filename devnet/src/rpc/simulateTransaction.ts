// simulateTransaction: what a Soroban transaction would do on the latest ledger, and the resources to declare.
// Failures are part of the answer (`error`), as stellar-rpc gives them. Signatures, sequence number and balance of
// the transaction's source are not looked at.
import { randomBytes } from 'node:crypto';
import * as xdr from '@stellar/stellar-sdk/xdr';
import { EngineError } from '../engine.ts';
import { accountIdOf } from '../ledger/account.ts';
import { decodeTransaction, operationSource, type TransactionFrame } from '../ledger/transactionFrame.ts';
import type { Network } from '../network.ts';
import type { InvokeSimulation } from '../sorobanHost.ts';
import type { Params } from './params.ts';
import { type XdrFormat, xdrField, xdrListField } from './xdrField.ts';

const AUTH_MODES = ['enforce', 'record', 'record_allow_nonroot'] as const;
type AuthMode = (typeof AUTH_MODES)[number];

/** A failure that is reported inside the answer. */
class SimulationRefusal extends Error {}

export function simulateTransaction(network: Network, params: Params) {
  const latestLedger = network.latest.sequence;
  try {
    const format = formatOf(params);
    return { ...simulate(network, params, format), latestLedger };
  } catch (error) {
    if (error instanceof SimulationRefusal || error instanceof EngineError) {
      return { error: error.message, latestLedger };
    }
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
  const frame = decode(params.text('transaction'), network.ledger.networkId);
  const { tx } = frame;
  const [operation] = tx.operations;
  if (!operation || tx.operations.length > 1) {
    throw new SimulationRefusal('Transaction contains more than one operation');
  }
  if (tx.memo.type !== 'memoNone') {
    throw new SimulationRefusal('Transaction contains a memo. Soroban transactions do not support memos.');
  }
  const authMode = params.optionalText('authMode') || undefined;
  if (authMode !== undefined && !AUTH_MODES.includes(authMode as AuthMode)) {
    throw new SimulationRefusal(`optional 'authMode' must be one of ${AUTH_MODES.join(', ')}`);
  }
  const { body } = operation;
  if (body.type === 'invokeHostFunction') {
    return simulateInvoke(network, params, frame, operation, body.invokeHostFunctionOp, format);
  }
  if (body.type !== 'extendFootprintTtl' && body.type !== 'restoreFootprint') {
    throw new SimulationRefusal(`transaction contains unsupported operation type: ${body.type}`);
  }
  if (authMode !== undefined) {
    throw new SimulationRefusal('cannot set authMode with non-InvokeHostFunction operations');
  }
  return simulateFootprint(network, frame, body, format);
}

function simulateInvoke(
  network: Network,
  params: Params,
  frame: TransactionFrame,
  operation: xdr.Operation,
  invoke: xdr.InvokeHostFunctionOp,
  format: XdrFormat,
) {
  const requested = params.optionalText('authMode') as AuthMode | undefined;
  const authMode = requested || (invoke.auth.length > 0 ? 'enforce' : 'record');
  if (authMode !== 'enforce' && invoke.auth.length > 0) {
    throw new SimulationRefusal("cannot set authMode to 'record' with an auth footprint");
  }
  const simulation = network.host.simulateInvoke(network.hostLedger(), {
    hostFunction: invoke.hostFunction.toXdr(),
    source: accountIdOf(operationSource(frame, operation)).toXdr(),
    seed: new Uint8Array(randomBytes(32)),
    auth: invoke.auth.map((entry) => entry.toXdr()),
    authMode,
    useAddressV2: params.flag('useUpgradedAuth'),
    instructionLeeway: params.nested('resourceConfig').u32('instructionLeeway'),
  });
  return renderInvoke(simulation, format);
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
  const key = ledgerKeyOf(xdr.LedgerEntry.fromXdr((after ?? before)!));
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
  body: Extract<xdr.OperationBody, { type: 'extendFootprintTtl' | 'restoreFootprint' }>,
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
  const data =
    body.type === 'extendFootprintTtl'
      ? network.host.simulateExtend(ledger, body.extendFootprintTtlOp.extendTo, encode(readOnly))
      : network.host.simulateRestore(ledger, encode(readWrite));
  return transactionData(data, format);
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

function decode(transaction: string, networkId: Uint8Array): TransactionFrame {
  try {
    return decodeTransaction(transaction, networkId);
  } catch {
    throw new SimulationRefusal('Could not unmarshal transaction');
  }
}

function ledgerKeyOf({ data }: xdr.LedgerEntry): xdr.LedgerKey {
  switch (data.type) {
    case 'account':
      return xdr.LedgerKey.account(new xdr.LedgerKeyAccount({ accountId: data.account.accountId }));
    case 'trustline':
      return xdr.LedgerKey.trustline(new xdr.LedgerKeyTrustLine({ ...data.trustLine }));
    case 'contractData':
      return xdr.LedgerKey.contractData(new xdr.LedgerKeyContractData({ ...data.contractData }));
    case 'contractCode':
      return xdr.LedgerKey.contractCode(new xdr.LedgerKeyContractCode({ hash: data.contractCode.hash }));
    default:
      throw new EngineError('ENGINE_HOST', `a contract cannot change a ${data.type} entry`);
  }
}
