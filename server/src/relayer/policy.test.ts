import {
  factoryCalls,
  invokeContract,
  recoveryCalls,
  type SignerKey,
  tokenCalls,
  walletCalls,
} from '@latchkey/sdk/chain';
import { HostFunction, SorobanAuthorizationEntry } from '@stellar/stellar-sdk/xdr';
import { describe, expect, it } from 'vitest';
import type { SubmissionKind } from '../db/schema.ts';
import { requireSponsorable, SponsorRefusal } from './policy.ts';

const sponsorAddress = 'GC2C7AWLS2FMFTQAHW3IBUB4ZXVP4E37XNLEF2IK7IVXBB6CMEPCSXFO';
const factoryId = 'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC';
const wallet = 'CAAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQC526';
const nativeToken = 'CDMLFMKMMD7MWZP3FKUBZPVHTUEDLSX4BYGYKH4GCESXYHS3IHQ4EIG4';
const own = { own: [sponsorAddress] as [string], factoryId, nativeTokenId: nativeToken };
const recovery = 'CAS3J7GYLGXMF6TDJBBYYSE3HQ6BBSMLNUQ34T6TZMYMW2EVH34XOWMA';
const key: SignerKey = { kind: 'ed25519', publicKey: new Uint8Array(32) };
const init = {
  signers: [{ key, role: { kind: 'admin' as const }, coSigners: null }],
  adminThreshold: 1,
  recovery: null,
};

const calls = {
  deploy: factoryCalls.deploy(factoryId, new Uint8Array(32), init),
  transfer: tokenCalls.transfer(wallet, wallet, sponsorAddress, 1n),
  rotate: walletCalls.rotateSigner(wallet, 0, key),
  'propose-rotation': recoveryCalls.propose(recovery, wallet, 0, key),
  'cancel-rotation': recoveryCalls.cancel(recovery, wallet),
  'execute-rotation': recoveryCalls.execute(recovery, wallet),
} satisfies Partial<Record<SubmissionKind, HostFunction>>;
const kinds = Object.keys(calls) as (keyof typeof calls & SubmissionKind)[];

/** An entry for a transfer, with the credentials given as in SEP-51. */
function entry(credentials: unknown): SorobanAuthorizationEntry {
  return SorobanAuthorizationEntry.fromJson({
    credentials,
    root_invocation: {
      function: { contract_fn: { contract_address: wallet, function_name: 'transfer', args: [] } },
      sub_invocations: [],
    },
  } as never);
}
const ofAddress = (address: string) => ({
  address,
  nonce: '5',
  signature_expiration_ledger: 100,
  signature: 'void',
});

function judge(kind: SubmissionKind, hostFunction: HostFunction, auth: SorobanAuthorizationEntry[] = []) {
  return () => requireSponsorable({ kind, hostFunction, auth }, own);
}

describe('the sponsor', () => {
  it.each(kinds)('pays for "%s" when it calls the function of that name', (kind) => {
    expect(judge(kind, calls[kind], [entry({ address: ofAddress(wallet) })])).not.toThrow();
  });

  it.each(kinds)('pays for no other function as "%s"', (kind) => {
    for (const other of kinds.filter((it) => it !== kind)) {
      expect(judge(kind, calls[other])).toThrow(SponsorRefusal);
    }
    expect(judge(kind, invokeContract(wallet, 'constructor', []))).toThrow(`${kind} may only call`);
  });

  it('pays for deployments by the configured factory only', () => {
    const stranger = factoryCalls.deploy(wallet, new Uint8Array(32), init);
    expect(judge('deploy', stranger)).toThrow('configured factory only');
  });

  it.each(kinds)('uploads no code and creates no contract as "%s"', (kind) => {
    const upload = HostFunction.hostFunctionTypeUploadContractWasm(new Uint8Array(8));
    expect(judge(kind, upload)).toThrow('only contract calls');
    const create = HostFunction.fromJson({
      create_contract: {
        contract_id_preimage: { address: { address: sponsorAddress, salt: '00'.repeat(32) } },
        executable: { wasm: '00'.repeat(32) },
      },
    } as never);
    expect(judge(kind, create)).toThrow('only contract calls');
  });
});

describe('an authorization entry', () => {
  const withEntries = (...entries: unknown[]) => judge('transfer', calls.transfer, entries.map(entry));

  it.each(['address', 'address_v2'])('of another address is sponsored ("%s")', (form) => {
    expect(withEntries({ [form]: ofAddress(wallet) })).not.toThrow();
  });

  it("is refused when the sponsor's signature on the transaction would satisfy it", () => {
    expect(withEntries('source_account')).toThrow(SponsorRefusal);
    expect(withEntries({ address: ofAddress(wallet) }, 'source_account')).toThrow("sponsor's own signature");
  });

  it.each(['address', 'address_v2'])('is refused when it names the sponsor ("%s")', (form) => {
    expect(withEntries({ [form]: ofAddress(sponsorAddress) })).toThrow('no entry may name the sponsor');
    expect(withEntries({ address: ofAddress(wallet) }, { [form]: ofAddress(sponsorAddress) })).toThrow(
      SponsorRefusal,
    );
  });

  it('is refused when it is delegated, whoever it names', () => {
    const delegated = {
      address_with_delegates: { address_credentials: ofAddress(wallet), delegates: [] },
    };
    expect(withEntries(delegated)).toThrow(expect.objectContaining({ code: 'AUTHORIZATION_MISMATCH' }));
  });
});

describe("a submission of a merchant's settlement address", () => {
  const wrong = invokeContract(wallet, 'constructor', []);

  it.each([
    ['deploy-settlement', calls.deploy],
    ['withdraw-settlement', calls.transfer],
    ['migrate-settlement', calls.transfer],
    ['add-settlement-device', walletCalls.add(wallet, init.signers[0]!)],
    ['remove-settlement-device', walletCalls.remove(wallet, 1)],
  ] as const)('is sponsored as "%s" for its one function, and for no other', (kind, call) => {
    expect(judge(kind, call, [entry({ address: ofAddress(wallet) })])).not.toThrow();
    expect(judge(kind, wrong)).toThrow(`${kind} may only call`);
    expect(judge(kind, call, [entry({ address: ofAddress(sponsorAddress) })])).toThrow('no entry may name');
  });

  it.each(['provision-settlement', 'close-settlement'] as const)('is no call at all as "%s"', (kind) => {
    expect(judge(kind, calls.transfer)).toThrow(`${kind} may only call nothing`);
  });

  it('deploys by the configured factory only', () => {
    const stranger = factoryCalls.deploy(wallet, new Uint8Array(32), init);
    expect(judge('deploy-settlement', stranger)).toThrow('configured factory only');
  });
});

describe('what a merged account brought', () => {
  type Terms = {
    token?: string;
    from?: string;
    to?: string;
    signer?: string;
    nested?: boolean;
    entries?: number;
  };
  const authorized = (terms: Terms) => {
    const { token = nativeToken, from = sponsorAddress, to = wallet } = terms;
    const { signer = sponsorAddress, nested = false, entries = 1 } = terms;
    const call = tokenCalls.transfer(token, from, to, 5n);
    if (call.type !== 'hostFunctionTypeInvokeContract') throw new Error('a transfer is a call');
    const invocation = { function: { contract_fn: call.value.toJson() }, sub_invocations: [] };
    const one = SorobanAuthorizationEntry.fromJson({
      credentials: { address: ofAddress(signer) },
      root_invocation: { ...invocation, sub_invocations: nested ? [invocation] : [] },
    } as never);
    return { call, auth: Array.from({ length: entries }, () => one) };
  };
  const returned = (terms: Terms = {}) => {
    const { call, auth } = authorized(terms);
    return judge('return-settlement', call, auth);
  };

  it("is returned to a wallet by the sponsor's own transfer of the native token", () => {
    expect(returned()).not.toThrow();
  });

  it.each<[string, Terms]>([
    ['another token', { token: wallet }],
    ["somebody else's", { from: wallet }],
    ['to a classic account', { to: sponsorAddress }],
    ['authorized by another', { signer: wallet }],
    ['with a call nested in it', { nested: true }],
    ['without authorization', { entries: 0 }],
    ['authorized twice', { entries: 2 }],
  ])('is not returned as %s', (_, terms) => {
    expect(returned(terms)).toThrow(SponsorRefusal);
  });

  it('is not returned by an entry for another transfer', () => {
    const { auth } = authorized({});
    const more = tokenCalls.transfer(nativeToken, sponsorAddress, wallet, 6n);
    expect(judge('return-settlement', more, auth)).toThrow(SponsorRefusal);
  });

  it('is authorized by the sponsor in no other kind', () => {
    const { call, auth } = authorized({});
    for (const kind of ['transfer', 'withdraw-settlement', 'migrate-settlement', 'call'] as const)
      expect(judge(kind, call, auth)).toThrow('no entry may name the sponsor');
  });
});
