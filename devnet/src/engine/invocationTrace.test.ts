import { Keypair } from '@stellar/stellar-sdk';
import * as xdr from '@stellar/stellar-sdk/xdr';
import { describe, expect, it } from 'vitest';
import { addressOf, contractCall, openHostNetwork, transferCall } from '../testing/hostNetwork.ts';
import { smallContract } from '../testing/smallContract.ts';
import { stubbornAccount } from '../testing/stubbornAccount.ts';
import { PROTOCOL_VERSIONS } from './engineFile.ts';
import type { InvocationTrace, TraceFrame } from './invocationTrace.ts';
import type { TraceOutcome } from './sorobanHost.ts';

const SOME_ADDRESS = addressOf('CA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUWDA');

function traced(outcome: TraceOutcome): InvocationTrace & { root: TraceFrame } {
  if (outcome.kind !== 'traced' || !outcome.trace.root) throw new Error('there is no trace');
  return { ...outcome.trace, root: outcome.trace.root };
}

const functions = (frame: TraceFrame): unknown[] => [frame.function, ...frame.calls.map(functions)];

describe.each(PROTOCOL_VERSIONS)('a trace on protocol %i', (protocol) => {
  it('shows the call with its arguments, its event, who had to agree, and what it returned', async () => {
    const net = await openHostNetwork(protocol);
    const from = addressOf(net.source.publicKey());
    const { root } = traced(net.trace(transferCall(net, from, SOME_ADDRESS, 5n)));
    expect(root).toMatchObject({ kind: 'host_function', function: 'InvokeContract', contract: null });
    const [call] = root.calls;
    expect(call).toMatchObject({ kind: 'asset', function: 'transfer', error: null, calls: [] });
    expect(xdr.ScAddress.fromXdr(call!.contract!).type).toBe('scAddressTypeContract');
    const [sender, recipient] = call!.args.map((arg) => xdr.ScVal.fromXdr(arg));
    expect([sender, recipient]).toEqual([xdr.ScVal.scvAddress(from), xdr.ScVal.scvAddress(SOME_ADDRESS)]);
    expect(xdr.ScVal.fromXdr(call!.returnValue!).type).toBe('scvVoid');
    expect(call!.events.map((event) => xdr.ContractEvent.fromXdr(event).type.name)).toEqual(['contract']);
    const [demand] = call!.demands;
    expect(xdr.ScVal.fromXdr(demand!.address!)).toEqual(xdr.ScVal.scvAddress(from));
    expect(demand).toMatchObject({ isMet: true, args: null });
  });

  it('costs what the same invocation costs when it is applied', async () => {
    const net = await openHostNetwork(protocol);
    const from = addressOf(net.source.publicKey());
    const transfer = transferCall(net, from, SOME_ADDRESS, 5n);
    const { auth, resources } = net.record(transfer);
    const trace = traced(net.trace(transfer, { auth, resources, authMode: 'enforce' }));
    const outcome = net.apply(transfer, { auth });
    if (outcome.kind !== 'success') throw new Error(outcome.kind);
    expect(trace.instructions).toBe(outcome.instructions);
    expect(trace.memoryBytes).toBe(outcome.memoryBytes);
    expect(trace.returnValue).toEqual(outcome.returnValue);
    expect(trace.diagnosticEvents).toEqual(outcome.diagnosticEvents);
  });

  it('divides the cost between a frame and the calls it made', async () => {
    const net = await openHostNetwork(protocol);
    const { root, instructions } = traced(net.trace(contractCall(net.deploy(smallContract()), 'keep')));
    const [call] = root.calls;
    expect(call!.instructions).toBeGreaterThan(1_000n);
    expect(root.ownInstructions + call!.instructions).toBe(root.instructions);
    expect(root.instructions).toBeLessThan(instructions);
  });
});

describe('a trace', () => {
  it('shows where a call failed, and that its demand was not met', async () => {
    const net = await openHostNetwork();
    const account = net.deploy(stubbornAccount());
    const touch = contractCall(account, 'touch');
    const { auth } = net.record(touch);
    const trace = traced(net.trace(touch, { auth, authMode: 'enforce' }));
    expect(functions(trace.root)).toEqual(['InvokeContract', ['touch', ['__check_auth']]]);
    const [call] = trace.root.calls;
    expect(call!.demands).toMatchObject([{ isMet: false }]);
    expect(call!.calls[0]).toMatchObject({ error: expect.stringContaining('WasmVm'), returnValue: null });
    expect(trace.error).toContain('HostError');
    expect(trace.returnValue).toBeNull();
  });

  it('takes the permissions for granted where it records them', async () => {
    const net = await openHostNetwork();
    const trace = traced(net.trace(contractCall(net.deploy(stubbornAccount()), 'touch')));
    expect(trace.error).toBeNull();
    expect(trace.root.calls[0]!.demands).toMatchObject([{ isMet: true }]);
  });

  it('shows the frames up to where the instructions ran out', async () => {
    const net = await openHostNetwork();
    const contract = net.deploy(smallContract());
    const { resources } = net.record(contractCall(contract, 'keep'));
    const trace = traced(net.trace(contractCall(contract, 'burn'), { resources }));
    expect(functions(trace.root)).toEqual(['InvokeContract', ['burn']]);
    expect(trace.root.calls[0]).toMatchObject({ error: 'Error(Budget, ExceededLimit)', returnValue: null });
    expect(trace.error).toContain('Error(Budget, ExceededLimit)');
  });

  it('shows a call of a contract that does not exist as a failure of its caller', async () => {
    const net = await openHostNetwork();
    const trace = traced(net.trace(contractCall(SOME_ADDRESS, 'nothing')));
    expect(trace.root).toMatchObject({ calls: [], error: expect.stringContaining('Storage') });
  });

  it('honours an impersonation', async () => {
    const net = await openHostNetwork();
    const owner = addressOf(Keypair.random().publicKey());
    net.fund(String(owner.toJson()));
    const transfer = transferCall(net, owner, SOME_ADDRESS, 5n);
    const { auth } = net.record(transfer);
    const unsigned = traced(net.trace(transfer, { auth, authMode: 'enforce' }));
    expect(unsigned.error).not.toBeNull();
    const trace = traced(net.trace(transfer, { auth, authMode: 'enforce', impersonated: owner }));
    expect(trace.error).toBeNull();
  });
});
