// devnet_trace: runs a contract call on the latest ledger without applying it, and tells what happened in it: the tree of
// calls, and in each what was demanded of whom, emitted and spent. A `transaction` that carries resources runs on its
// footprint as it would be applied, else the footprint is found as simulation does. Transactions that were applied
// cannot be traced by hash: the ledger they ran on is gone.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { EngineError } from '../../engine/engine.ts';
import type { InvocationTrace, TraceFrame } from '../../engine/invocationTrace.ts';
import type { AuthMode, TraceOutcome } from '../../engine/sorobanHost.ts';
import { accountIdOf } from '../../ledger/account.ts';
import { impersonatedAddress } from '../../ledger/impersonatedAddress.ts';
import { restoredIndices } from '../../ledger/sorobanResources.ts';
import { operationSource, type TransactionFrame } from '../../ledger/transactionFrame.ts';
import type { Network } from '../../network/network.ts';
import { sha256 } from '../../sha256.ts';
import type { Params } from '../params.ts';
import { invalidParams } from '../rpcError.ts';
import { transactionParam } from '../transactionParam.ts';
import { type XdrFormat, xdrField, xdrListField } from '../xdrField.ts';

/** Before the address in an ScVal that holds one. */
const SCVAL_TAG_BYTES = 4;
const AUTH_MODES: readonly AuthMode[] = ['enforce', 'record', 'record_allow_nonroot'];

export function trace(network: Network, params: Params) {
  const format = params.xdrFormat();
  const frame = transactionParam(network, params);
  if (!frame) throw invalidParams('invalid_xdr');
  const outcome = run(network, frame, params.optionalChoice('authMode', AUTH_MODES));
  const latestLedger = network.latest.sequence;
  if (outcome.kind === 'traced') return { latestLedger, ...renderTrace(outcome.trace, format) };
  throw invalidParams(`the entry at index ${outcome.footprintIndex} of the footprint is archived`);
}

function run(network: Network, frame: TransactionFrame, asked: AuthMode | undefined): TraceOutcome {
  const [operation] = frame.tx.operations;
  if (operation?.body.type !== 'invokeHostFunction' || frame.tx.operations.length > 1) {
    throw invalidParams('only a transaction with one invokeHostFunction operation can be traced');
  }
  const { hostFunction, auth } = operation.body.invokeHostFunctionOp;
  const data = frame.sorobanData;
  try {
    return network.host.traceInvoke(network.hostLedger(), {
      hostFunction: hostFunction.toXdr(),
      source: accountIdOf(operationSource(frame, operation)).toXdr(),
      seed: sha256(frame.txHash),
      auth: auth.map((entry) => entry.toXdr()),
      authMode: asked ?? (data || auth.length > 0 ? 'enforce' : 'record'),
      resources: data?.resources.toXdr() ?? null,
      restoredIndices: data ? restoredIndices(data) : [],
      impersonated: impersonatedAddress(auth, network.ledger.impersonated),
    });
  } catch (error) {
    const isRefused = error instanceof EngineError && error.code !== 'ENGINE_TRAPPED';
    throw isRefused ? invalidParams(error.message) : error;
  }
}

function renderTrace(traced: InvocationTrace, format: XdrFormat) {
  return {
    instructions: String(traced.instructions),
    memoryBytes: String(traced.memoryBytes),
    ...optionalField('returnValue', xdr.ScVal, traced.returnValue, format),
    error: traced.error,
    ...listField('diagnosticEvents', xdr.DiagnosticEvent, traced.diagnosticEvents, format),
    root: traced.root && renderFrame(traced.root, format),
  };
}

function renderFrame(frame: TraceFrame, format: XdrFormat): Record<string, unknown> {
  return {
    kind: frame.kind,
    contract: addressText(frame.contract),
    function: frame.function,
    ...listField('args', xdr.ScVal, frame.args, format),
    ...optionalField('returnValue', xdr.ScVal, frame.returnValue, format),
    error: frame.error,
    ...listField('events', xdr.ContractEvent, frame.events, format),
    authorizations: frame.demands.map(({ address, args, isMet }) => ({
      address: address && addressText(address.subarray(SCVAL_TAG_BYTES)),
      ...optionalField('args', xdr.ScVal, args, format),
      isMet,
    })),
    instructions: String(frame.instructions),
    ownInstructions: String(frame.ownInstructions),
    memoryBytes: String(frame.memoryBytes),
    ownMemoryBytes: String(frame.ownMemoryBytes),
    calls: frame.calls.map((call) => renderFrame(call, format)),
  };
}

type Decoder = { fromXdr(bytes: Uint8Array): xdr.XdrValue };

function optionalField(name: string, decoder: Decoder, bytes: Uint8Array | null, format: XdrFormat) {
  if (bytes) return xdrField(name, decoder, bytes, format);
  return { [`${name}${format === 'json' ? 'Json' : 'Xdr'}`]: null };
}

function listField(name: string, decoder: Decoder, items: readonly Uint8Array[], format: XdrFormat) {
  return xdrListField(
    name,
    items.map((item) => decoder.fromXdr(item)),
    format,
  );
}

function addressText(address: Uint8Array | null): string | null {
  return address && String(xdr.ScAddress.fromXdr(address).toJson());
}
