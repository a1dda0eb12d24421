import { type HostFunction, ScVal } from '@stellar/stellar-sdk/xdr';
import { describe, expect, it } from 'vitest';
import { type ContractSpec, contractSpec } from '../testing/contractSpec.ts';
import { addressToScVal, parseAddress, scValToAddress } from './address.ts';
import { contractErrors } from './contractErrors.ts';
import { factoryCalls, readProvenance } from './factoryContract.ts';
import {
  readPendingRotation,
  readRecoverySettings,
  recoveryCalls,
  recoverySettingsToScVals,
} from './recoveryContract.ts';
import {
  postQuantumSchemes,
  type RegisteredSigner,
  type Role,
  readRegisteredSigner,
  readSigner,
  readSignerKey,
  type Signer,
  type SignerKey,
  signerKeyToScVal,
  signerToScVal,
} from './signer.ts';
import { readTransferCall, tokenCalls } from './tokenContract.ts';
import { scBytes, scI128, scStruct, scU32, scU64, scValToI128, scVec } from './values.ts';
import { readSettings, readSigners, walletCalls } from './walletContract.ts';

const wallet = 'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC';
const other = 'CAAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQC526';
const account = 'GAAH4OT36RRCCAGKARGPN2HLHT2NOBVFHO4GUHA6CF7UKQ4MMV24WQ4N';
const bytes = (length: number) => new Uint8Array(length).fill(length);

const passkey = {
  publicKey: bytes(65),
  credentialId: bytes(20),
  rpIdHash: bytes(32),
  origin: 'https://wallet.example',
};
const keys: SignerKey[] = [
  { kind: 'passkey', passkey },
  { kind: 'ed25519', publicKey: bytes(32) },
  { kind: 'account', address: account },
  { kind: 'account', address: wallet },
  ...(Object.keys(postQuantumSchemes) as (keyof typeof postQuantumSchemes)[]).map((scheme) => ({
    kind: 'post-quantum' as const,
    scheme,
    publicKeyHash: bytes(32),
    verifier: wallet,
  })),
];
const session: Role = { kind: 'session', contracts: [wallet, other], expiresAtLedger: 77 };
const signers = keys.flatMap((key): Signer[] => [
  { key, role: { kind: 'admin' }, coSigners: null },
  { key, role: session, coSigners: { signerIds: [3, 1], threshold: 2 } },
]);
const init = (recovery: string | null) => ({ signers, adminThreshold: 2, recovery });
const policies = [wallet, other].map((policy) => ({ policy, parameters: scI128(5n) }));

function calledBy(hostFunction: HostFunction) {
  if (hostFunction.type !== 'hostFunctionTypeInvokeContract') throw new Error('no contract call');
  return hostFunction.value;
}

const specs = {
  wallet: await contractSpec('wallet'),
  factory: await contractSpec('factory'),
  recovery: await contractSpec('recovery'),
};

/** Where a call departs from the specification; null when nowhere. */
function departureOf(spec: ContractSpec, hostFunction: HostFunction): string | null {
  const { functionName, args } = calledBy(hostFunction);
  const declared = spec.functions.get(String(functionName));
  if (declared?.inputs.length !== args.length) return `${functionName} takes another number of arguments`;
  for (const [at, { name, type }] of declared.inputs.entries()) {
    const departure = spec.departure(args[at]!, type, `${functionName} ${name}`);
    if (departure !== null) return departure;
  }
  return null;
}

describe('the contracts as built', () => {
  const calls = {
    wallet: [
      ...signers.map((signer) => walletCalls.add(wallet, signer, policies)),
      walletCalls.add(wallet, signers[0]!),
      walletCalls.updateSigner(wallet, 1, {
        role: session,
        coSigners: { signerIds: [2, 3], threshold: 1 },
        policies,
      }),
      walletCalls.updateSigner(wallet, 1, { role: { kind: 'admin' }, coSigners: null, policies: [] }),
      walletCalls.remove(wallet, 1),
      walletCalls.signer(wallet, 1),
      walletCalls.signers(wallet, 0),
      walletCalls.settings(wallet),
      walletCalls.configure(wallet, { adminThreshold: 2, recovery: account }),
      walletCalls.configure(wallet, { adminThreshold: 1, recovery: null }),
      ...keys.map((key) => walletCalls.rotateSigner(wallet, 0, key)),
      walletCalls.update(wallet, bytes(32)),
    ],
    factory: [
      factoryCalls.deploy(wallet, bytes(32), init(account)),
      factoryCalls.addressOf(wallet, bytes(32), init(null)),
      factoryCalls.deployAndCall(wallet, bytes(32), init(account), [
        { contract: other, functionName: 'transfer', args: [scI128(1n), scU32(2)] },
      ]),
      factoryCalls.provenance(wallet, other, bytes(32)),
      factoryCalls.walletWasmHash(wallet),
    ],
    recovery: [
      ...keys.map((key) => recoveryCalls.propose(wallet, other, 0, key)),
      recoveryCalls.cancel(wallet, other),
      recoveryCalls.execute(wallet, other),
      recoveryCalls.pending(wallet, other),
      recoveryCalls.settings(wallet),
    ],
  };

  it.each(Object.keys(specs) as (keyof typeof specs)[])(
    'take every call of the %s with the arguments that are sent',
    (name) => {
      expect(calls[name].map((call) => departureOf(specs[name], call)).filter(Boolean)).toEqual([]);
    },
  );

  it.each(Object.keys(specs) as (keyof typeof specs)[])(
    'have no function of the %s that nothing calls',
    (name) => {
      const called = new Set(calls[name].map((call) => String(calledBy(call).functionName)));
      const callable = [...specs[name].functions.keys()].filter((it) => !it.startsWith('__'));
      expect([...called].sort()).toEqual(callable.sort());
    },
  );

  it('construct a recovery contract from the settings that are sent', () => {
    const { inputs } = specs.recovery.functions.get('__constructor')!;
    const sent = recoverySettingsToScVals({ guardian: account, delaySeconds: 5n });
    expect(sent).toHaveLength(inputs.length);
    for (const [at, value] of sent.entries()) {
      expect(specs.recovery.departure(value, inputs[at]!.type)).toBeNull();
    }
  });

  it('name and number the post-quantum schemes alike', () => {
    const built = specs.wallet.enums.get('Scheme')!.map(({ name, value }) => [name, value]);
    expect(Object.entries(postQuantumSchemes).map(([name, { number }]) => [name, number])).toEqual(built);
  });

  it('have exactly the errors of the table, by number and name', async () => {
    // The factory raises what this contract specifies.
    const sources = [...Object.values(specs), await contractSpec('batch')];
    const built = new Map(sources.flatMap(({ errors }) => [...errors]));
    const table = Object.entries(contractErrors).filter(([number]) => Number(number) >= 100);
    expect(table.map(([number, { name }]) => [Number(number), name])).toEqual(
      [...built].sort(([a], [b]) => a - b),
    );
  });
});

describe('what a contract answers', () => {
  const registered: RegisteredSigner[] = signers.map((signer, id) => ({ id, signer, policies: [other] }));
  const registeredValues = registered.map(({ id, signer, policies: under }) =>
    scStruct({
      id: scU32(id),
      policies: scVec(under.map(addressToScVal)),
      signer: signerToScVal(signer),
    }),
  );

  it('is read as it was written, for every kind of key and role', () => {
    expect(keys.map((key) => readSignerKey(signerKeyToScVal(key)))).toEqual(keys);
    expect(signers.map((signer) => readSigner(signerToScVal(signer)))).toEqual(signers);
  });

  it('is read as registered signers', () => {
    const answer = scVec(registeredValues);
    expect(specs.wallet.departure(answer, specs.wallet.functions.get('signers')!.output!)).toBeNull();
    expect(readSigners(answer)).toEqual(registered);
    const one = registeredValues[1]!;
    expect(specs.wallet.departure(one, specs.wallet.functions.get('signer')!.output!)).toBeNull();
    expect(readRegisteredSigner(one)).toEqual(registered[1]);
  });

  it.each([account, null])('is read as the settings of a wallet, guardian %s', (guardian) => {
    const answer = scStruct({
      admin_threshold: scU32(2),
      recovery: guardian === null ? ScVal.scvVoid() : addressToScVal(guardian),
      state_version: scU32(2),
    });
    expect(specs.wallet.departure(answer, specs.wallet.functions.get('settings')!.output!)).toBeNull();
    expect(readSettings(answer)).toEqual({ adminThreshold: 2, recovery: guardian, stateVersion: 2 });
  });

  it('is read as a pending rotation, or none', () => {
    const { output } = specs.recovery.functions.get('pending')!;
    const answer = scStruct({
      executable_at: scU64(9n),
      id: scU32(1),
      key: signerKeyToScVal(keys[0]!),
    });
    expect(specs.recovery.departure(answer, output!)).toBeNull();
    expect(readPendingRotation(answer)).toEqual({ id: 1, key: keys[0], executableAtSeconds: 9n });
    expect(readPendingRotation(ScVal.scvVoid())).toBeNull();
  });

  it('is read as the settings of a recovery contract', () => {
    const answer = scStruct({ delay_seconds: scU64(3n), guardian: addressToScVal(account) });
    const { output } = specs.recovery.functions.get('settings')!;
    expect(specs.recovery.departure(answer, output!)).toBeNull();
    expect(readRecoverySettings(answer)).toEqual({ guardian: account, delaySeconds: 3n });
  });

  it('is read as the provenance of a wallet, or none', () => {
    const { output } = specs.factory.functions.get('provenance')!;
    const [deployedWasmHash, presentWasmHash] = [bytes(32), new Uint8Array(32)];
    const answer = scStruct({
      deployed_wasm_hash: scBytes(deployedWasmHash),
      present_wasm_hash: scBytes(presentWasmHash),
    });
    expect(specs.factory.departure(answer, output!)).toBeNull();
    expect(readProvenance(answer)).toEqual({ deployedWasmHash, presentWasmHash });
    expect(readProvenance(ScVal.scvVoid())).toBeNull();
  });

  it('is refused when it is something else', () => {
    const strange = [ScVal.scvVoid(), scU32(1), scVec([]), scStruct({}), scVec([scU32(1), scU32(2)])];
    const refusal = expect.objectContaining({ code: 'SIMULATION_FAILED' });
    for (const value of strange) {
      for (const read of [
        readSignerKey,
        readSigner,
        readRegisteredSigner,
        readSettings,
        readRecoverySettings,
      ]) {
        expect(() => read(value)).toThrow(refusal);
      }
    }
    for (const value of strange.slice(1)) {
      expect(() => readPendingRotation(value)).toThrow(refusal);
      expect(() => readProvenance(value)).toThrow(refusal);
    }
  });
});

describe('values', () => {
  it.each([0n, 1n, -1n, 2n ** 64n, 2n ** 127n - 1n, -(2n ** 127n)])('carries %s as i128', (amount) => {
    expect(scValToI128(scI128(amount))).toBe(amount);
  });

  it('reads a transfer from the call that is signed, and nothing else as one', () => {
    const call = calledBy(tokenCalls.transfer(wallet, wallet, account, 5n));
    expect(readTransferCall(call)).toEqual({ token: wallet, from: wallet, to: account, amount: 5n });
    expect(readTransferCall(calledBy(tokenCalls.balance(wallet, account)))).toBeNull();
  });

  it('reads addresses back and names the field of a wrong one', () => {
    expect(scValToAddress(addressToScVal(account))).toBe(account);
    const mistyped = `${wallet.slice(0, -1)}D`;
    for (const text of [
      '',
      'G',
      account.toLowerCase(),
      mistyped,
      `M${account.slice(1)}`,
      `S${account.slice(1)}`,
    ]) {
      expect(() => parseAddress(text, 'toWalletAddress')).toThrow(
        expect.objectContaining({ code: 'INVALID_ADDRESS', details: { field: 'toWalletAddress' } }),
      );
    }
  });
});
