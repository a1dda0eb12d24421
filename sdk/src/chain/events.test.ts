import { ScVal } from '@stellar/stellar-sdk/xdr';
import { describe, expect, it } from 'vitest';
import { type ContractSpec, contractSpec } from '../testing/contractSpec.ts';
import { addressToScVal } from './address.ts';
import { eventTopics, readFactoryEvent, readRecoveryEvent, readWalletEvent } from './events.ts';
import { type Signer, type SignerKey, signerKeyToScVal, signerToScVal } from './signer.ts';
import { readTokenEvent } from './tokenEvents.ts';
import { scBytes, scI128, scStruct, scSymbol, scU32, scU64 } from './values.ts';

const wallet = 'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC';
const account = 'GAAH4OT36RRCCAGKARGPN2HLHT2NOBVFHO4GUHA6CF7UKQ4MMV24WQ4N';
const bytes = (length: number) => new Uint8Array(length).fill(length);
const key: SignerKey = {
  kind: 'passkey',
  passkey: {
    publicKey: bytes(65),
    credentialId: bytes(20),
    rpIdHash: bytes(32),
    origin: 'https://wallet.example',
  },
};
const signer: Signer = {
  key,
  role: { kind: 'session', contracts: [wallet], expiresAtLedger: 77 },
  coSigners: { signerIds: [3], threshold: 1 },
};
const rotation = { id: scU32(1), key: signerKeyToScVal(key) };

type Example = [name: string, topics: ScVal[], fields: Record<string, ScVal>, read: unknown];
const examples: Record<'wallet' | 'factory' | 'recovery', Example[]> = {
  wallet: [
    ['signer_added', [scU32(1)], { signer: signerToScVal(signer) }, { kind: 'signer-added', id: 1, signer }],
    [
      'signer_updated',
      [scU32(2)],
      { signer: signerToScVal(signer) },
      { kind: 'signer-updated', id: 2, signer },
    ],
    ['signer_removed', [scU32(3)], {}, { kind: 'signer-removed', id: 3 }],
    ['signer_rotated', [scU32(0)], { key: signerKeyToScVal(key) }, { kind: 'signer-rotated', id: 0, key }],
    [
      'policy_added',
      [scU32(1)],
      { policy: addressToScVal(wallet) },
      { kind: 'policy-added', id: 1, policy: wallet },
    ],
    [
      'policy_removed',
      [scU32(1)],
      { policy: addressToScVal(wallet) },
      { kind: 'policy-removed', id: 1, policy: wallet },
    ],
    [
      'configured',
      [],
      { admin_threshold: scU32(2), recovery: addressToScVal(account) },
      { kind: 'configured', adminThreshold: 2, recovery: account },
    ],
    ['updated', [], { wasm_hash: scBytes(bytes(32)) }, { kind: 'updated', wasmHash: bytes(32) }],
  ],
  factory: [
    [
      'wallet_deployed',
      [addressToScVal(wallet)],
      {
        deployment_salt: scBytes(bytes(32)),
        salt: scBytes(new Uint8Array(32)),
        wallet_wasm_hash: scBytes(bytes(32)),
      },
      {
        kind: 'wallet-deployed',
        wallet,
        deploymentSalt: bytes(32),
        salt: new Uint8Array(32),
        walletWasmHash: bytes(32),
      },
    ],
  ],
  recovery: [
    [
      'rotation_proposed',
      [addressToScVal(wallet)],
      { ...rotation, executable_at: scU64(9n) },
      { kind: 'rotation-proposed', wallet, id: 1, key, executableAtSeconds: 9n },
    ],
    [
      'rotation_cancelled',
      [addressToScVal(wallet)],
      rotation,
      { kind: 'rotation-cancelled', wallet, id: 1, key },
    ],
    [
      'rotation_executed',
      [addressToScVal(wallet)],
      rotation,
      { kind: 'rotation-executed', wallet, id: 1, key },
    ],
  ],
};
const readers = { wallet: readWalletEvent, factory: readFactoryEvent, recovery: readRecoveryEvent };
const names = Object.keys(readers) as (keyof typeof readers)[];
const specs: Record<string, ContractSpec> = {
  wallet: await contractSpec('wallet'),
  factory: await contractSpec('factory'),
  recovery: await contractSpec('recovery'),
};

describe.each(names)('events of the built %s', (contract) => {
  it('have each an example here, and the topics that are asked for', () => {
    const built = [...specs[contract]!.events];
    expect(examples[contract].map(([name]) => name).sort()).toEqual(built.map(([name]) => name).sort());
    const asked = new Map(eventTopics[contract].map(({ name, more }) => [name, more]));
    expect(new Map(built.map(([name, { topics }]) => [name, topics.length]))).toEqual(asked);
  });

  it.each(examples[contract])('%s is read as it is specified', (name, topics, fields, read) => {
    const declared = specs[contract]!.events.get(name)!;
    expect(Object.keys(fields).sort()).toEqual(declared.data.map((it) => it.name).sort());
    for (const field of declared.data) {
      expect(specs[contract]!.departure(fields[field.name]!, field.type, field.name)).toBeNull();
    }
    for (const [at, topic] of topics.entries()) {
      expect(specs[contract]!.departure(topic, declared.topics[at]!.type)).toBeNull();
    }
    expect(readers[contract]([scSymbol(name), ...topics], scStruct(fields))).toEqual(read);
  });

  it.each(examples[contract])(
    '%s is nothing when any part of it is something else',
    (name, topics, fields) => {
      const read = readers[contract];
      const whole = [scSymbol(name), ...topics];
      expect(read([scSymbol(`${name}_`), ...topics], scStruct(fields))).toBeNull();
      expect(read([ScVal.scvString(name), ...topics], scStruct(fields))).toBeNull();
      expect(read([...whole, scU32(0)], scStruct(fields))).toBeNull();
      if (topics.length > 0) {
        expect(read([scSymbol(name)], scStruct(fields))).toBeNull();
        expect(read([scSymbol(name), ScVal.scvVoid()], scStruct(fields))).toBeNull();
      }
      for (const field of Object.keys(fields)) {
        const { [field]: _, ...others } = fields;
        expect(read(whole, scStruct(others))).toBeNull();
        expect(read(whole, scStruct({ ...fields, [field]: ScVal.scvBool(true) }))).toBeNull();
      }
    },
  );
});

describe('events of tokens', () => {
  const [a, b] = [addressToScVal(account), addressToScVal(wallet)];
  const asset = ScVal.scvString('native');
  const amount = scI128(5n);
  const base = { amount: 5n, asset: 'native', memo: null };
  it.each<[string, ScVal[], ScVal, unknown]>([
    [
      'a transfer',
      [scSymbol('transfer'), a, b, asset],
      amount,
      { kind: 'transfer', from: account, to: wallet, ...base },
    ],
    [
      'a transfer to a muxed account',
      [scSymbol('transfer'), b, a, asset],
      scStruct({ amount, to_muxed_id: scU64(7n) }),
      { kind: 'transfer', from: wallet, to: account, ...base, memo: '7' },
    ],
    [
      'a transfer of a token that is no asset',
      [scSymbol('transfer'), a, b],
      amount,
      { kind: 'transfer', from: account, to: wallet, ...base, asset: null },
    ],
    ['a mint', [scSymbol('mint'), b, asset], amount, { kind: 'mint', from: null, to: wallet, ...base }],
    [
      'a mint before CAP-67',
      [scSymbol('mint'), a, b, asset],
      amount,
      { kind: 'mint', from: null, to: wallet, ...base },
    ],
    ['a burn', [scSymbol('burn'), b, asset], amount, { kind: 'burn', from: wallet, to: null, ...base }],
    [
      'a clawback',
      [scSymbol('clawback'), b, asset],
      amount,
      { kind: 'clawback', from: wallet, to: null, ...base },
    ],
    [
      'a clawback before CAP-67',
      [scSymbol('clawback'), a, b, asset],
      amount,
      { kind: 'clawback', from: wallet, to: null, ...base },
    ],
  ])('%s is read', (_, topics, value, read) => {
    expect(readTokenEvent(topics, value)).toEqual(read);
  });

  it.each<[string, ScVal[], ScVal]>([
    ['another name', [scSymbol('approve'), a, b, asset], amount],
    ['one holder', [scSymbol('transfer'), a, asset], amount],
    ['three holders', [scSymbol('transfer'), a, b, a, asset], amount],
    ['a holder that is no address', [scSymbol('transfer'), a, scU32(1), asset], amount],
    ['no amount', [scSymbol('transfer'), a, b, asset], scU64(5n)],
    ['a negative amount', [scSymbol('transfer'), a, b, asset], scI128(-5n)],
    ['no topics', [], amount],
  ])('%s is nothing', (_, topics, value) => {
    expect(readTokenEvent(topics, value)).toBeNull();
  });
});
