import { readFileSync } from 'node:fs';
import { ScSpecEntry } from '@stellar/stellar-sdk/xdr';
import { describe, expect, it } from 'vitest';
import { addressToScVal, parseAddress, scValToAddress } from './address.ts';
import { contractErrors } from './contractErrors.ts';
import {
  factoryCalls,
  passkeyToScVal,
  readTransferCall,
  scI128,
  scValToI128,
  tokenCalls,
  walletCalls,
  walletInitToScVal,
} from './contracts.ts';

const wallet = 'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC';
const account = 'GAAH4OT36RRCCAGKARGPN2HLHT2NOBVFHO4GUHA6CF7UKQ4MMV24WQ4N';
const signer = {
  publicKey: new Uint8Array(65),
  credentialId: new Uint8Array(32),
  rpIdHash: new Uint8Array(32),
  origin: 'https://wallet.example',
};

/** The entries of a contract's `contractspecv0` section (SEP-48). */
async function specOf(name: string): Promise<ScSpecEntry[]> {
  const bytes = readFileSync(new URL(`../../../contracts/wasm/${name}.wasm`, import.meta.url));
  const [section] = WebAssembly.Module.customSections(await WebAssembly.compile(bytes), 'contractspecv0');
  const entries: ScSpecEntry[] = [];
  let rest = new Uint8Array(section!);
  while (rest.length > 0) {
    const entry = readFirst(rest);
    entries.push(entry);
    rest = rest.slice(entry.toXdr().length);
  }
  return entries;
}

/** XDR entries stand one after another without a length: the shortest prefix that decodes is the first. */
function readFirst(bytes: Uint8Array): ScSpecEntry {
  for (let length = 4; length <= bytes.length; length += 4) {
    try {
      return ScSpecEntry.fromXdr(bytes.slice(0, length));
    } catch {
      // too short still
    }
  }
  throw new Error('no entry');
}

function calledBy(hostFunction: ReturnType<typeof walletCalls.signer>) {
  if (hostFunction.type !== 'hostFunctionTypeInvokeContract') throw new Error('no contract call');
  return hostFunction.value;
}

describe('the contracts as built', async () => {
  const spec = { wallet: await specOf('wallet'), factory: await specOf('factory') };
  const functions = (name: keyof typeof spec) =>
    new Map(
      spec[name].flatMap((it) =>
        it.type === 'scSpecEntryFunctionV0' ? [[String(it.value.name), it.value.inputs.length] as const] : [],
      ),
    );
  const structFields = (name: keyof typeof spec, struct: string) =>
    spec[name].flatMap((it) =>
      it.type === 'scSpecEntryUdtStructV0' && String(it.value.name) === struct
        ? it.value.fields.map((field) => String(field.name))
        : [],
    );
  const fieldsOf = (value: ReturnType<typeof passkeyToScVal>) =>
    value.type === 'scvMap' ? value.value!.map(({ key }) => String(key.value)) : [];

  it('have every function that is called, with as many arguments', () => {
    const calls = {
      wallet: [
        walletCalls.rotateSigner(wallet, signer),
        walletCalls.proposeRotation(wallet, signer),
        walletCalls.cancelRotation(wallet),
        walletCalls.executeRotation(wallet),
        walletCalls.pendingRotation(wallet),
        walletCalls.recovery(wallet),
        walletCalls.signer(wallet),
      ],
      factory: [
        factoryCalls.deploy(wallet, new Uint8Array(32), {
          signer,
          guardian: account,
          rotationDelaySeconds: 0n,
        }),
        factoryCalls.addressOf(wallet, new Uint8Array(32), {
          signer,
          guardian: null,
          rotationDelaySeconds: 0n,
        }),
      ],
    };
    for (const name of ['wallet', 'factory'] as const) {
      for (const call of calls[name].map(calledBy)) {
        expect([String(call.functionName), functions(name).get(String(call.functionName))]).toEqual([
          String(call.functionName),
          call.args.length,
        ]);
      }
    }
  });

  it('have the fields that are sent', () => {
    const init = walletInitToScVal({ signer, guardian: account, rotationDelaySeconds: 1n });
    expect(fieldsOf(passkeyToScVal(signer))).toEqual([...structFields('wallet', 'Passkey')].sort());
    expect(fieldsOf(init)).toEqual([...structFields('factory', 'WalletInit')].sort());
  });

  it('have exactly the errors of the table, by number and name', () => {
    const built = new Map<number, string>();
    for (const entry of [...spec.wallet, ...spec.factory]) {
      if (entry.type !== 'scSpecEntryUdtErrorEnumV0') continue;
      for (const { name, value } of entry.value.cases) built.set(value, String(name));
    }
    const table = Object.entries(contractErrors).filter(([number]) => Number(number) >= 100);
    expect(table.map(([number, { name }]) => [Number(number), name])).toEqual(
      [...built].sort(([a], [b]) => a - b),
    );
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
