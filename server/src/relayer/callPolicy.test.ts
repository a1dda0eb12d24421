import { parseAddress } from '@latchkey/sdk/chain';

import {
  Asset,
  ContractExecutable,
  ContractIdPreimage,
  ContractIdPreimageFromAddress,
  CreateContractArgsV2,
  HostFunction,
  SorobanAuthorizationEntry,
} from '@stellar/stellar-sdk/xdr';
import { describe, expect, it } from 'vitest';
import type { AllowedCall, ApiKey } from '../db/apiKeys.ts';
import { CREATE, NEW_WALLET, requireAllowedCall } from './callPolicy.ts';
import { SponsorRefusal, type SponsorRule } from './policy.ts';

const SPONSOR = 'GC2C7AWLS2FMFTQAHW3IBUB4ZXVP4E37XNLEF2IK7IVXBB6CMEPCSXFO';
const CREATOR = 'GAAH4OT36RRCCAGKARGPN2HLHT2NOBVFHO4GUHA6CF7UKQ4MMV24WQ4N';
const STRANGER = 'GBRPYHIL2CI3FNQ4BXLFMNDLFJUNPU2HY3ZMFSHONUCEOASW7QC7OX2H';
const KNOWN_CODE = new Uint8Array(32).fill(1);

const wallets = {
  strangers: async (addresses: string[]) => addresses,
  isKnownCode: async (hash: string) => hash === Buffer.from(KNOWN_CODE).toString('hex'),
};
const mayCreate: AllowedCall[] = [{ contract: NEW_WALLET, functions: [CREATE] }];
const ofCreator = ContractIdPreimage.contractIdPreimageFromAddress(
  new ContractIdPreimageFromAddress({ address: parseAddress(CREATOR), salt: new Uint8Array(32) }),
);
const ofAsset = ContractIdPreimage.contractIdPreimageFromAsset(Asset.assetTypeNative());
const known = ContractExecutable.contractExecutableWasm(KNOWN_CODE);

function creation(
  contractIdPreimage: ContractIdPreimage = ofCreator,
  executable: ContractExecutable = known,
): HostFunction {
  return HostFunction.hostFunctionTypeCreateContractV2(
    new CreateContractArgsV2({ contractIdPreimage, executable, constructorArgs: [] }),
  );
}

function entry(credentials: unknown): SorobanAuthorizationEntry {
  return SorobanAuthorizationEntry.fromJson({
    credentials,
    root_invocation: {
      function: {
        contract_fn: {
          contract_address: 'CAAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQC526',
          function_name: 'f',
          args: [],
        },
      },
      sub_invocations: [],
    },
  } as never);
}
const signedBy = (address: string) =>
  entry({
    address: {
      address,
      nonce: '5',
      signature_expiration_ledger: 100,
      signature: { bytes: '00' },
    },
  });
const bySource = entry('source_account');

function judged(
  hostFunction: HostFunction,
  auth: SorobanAuthorizationEntry[],
  { terms = mayCreate, source = null }: { terms?: AllowedCall[]; source?: string | null } = {},
) {
  const key = { allowed: JSON.stringify(terms) } as ApiKey;
  return requireAllowedCall({ hostFunction, auth }, key, { own: [SPONSOR], wallets, signedBy: source });
}

async function refusedBy(rule: SponsorRule, ...asked: Parameters<typeof judged>) {
  const refusal = await judged(...asked).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(SponsorRefusal);
  expect((refusal as SponsorRefusal).rule).toBe(rule);
}

describe('the creation of a wallet', () => {
  it('is paid for where the key allows it and its creator has signed', async () => {
    expect(await judged(creation(), [signedBy(CREATOR)])).toEqual([CREATOR]);
    expect(await judged(creation(), [bySource], { source: CREATOR })).toEqual([]);
  });

  it('is refused to a key that does not name it, whatever else that may call', async () => {
    const terms = [{ contract: 'wallet', functions: ['create', 'add'] }];
    await refusedBy('contract-call', creation(), [signedBy(CREATOR)], { terms });
    await refusedBy('contract-call', creation(), [signedBy(CREATOR)], { terms: [] });
  });

  it('is refused for code that is no known wallet', async () => {
    const other = ContractExecutable.contractExecutableWasm(new Uint8Array(32).fill(2));
    await refusedBy('known-code', creation(ofCreator, other), [signedBy(CREATOR)]);
    const asset = ContractExecutable.contractExecutableStellarAsset();
    await refusedBy('known-code', creation(ofCreator, asset), [signedBy(CREATOR)]);
  });

  it('is refused when anybody else signs something in it', async () => {
    await refusedBy('known-wallet', creation(), [signedBy(CREATOR), signedBy(STRANGER)]);
    await refusedBy('known-wallet', creation(), [bySource], { source: STRANGER });
    await refusedBy('no-own-address', creation(), [signedBy(SPONSOR)]);
    await refusedBy('no-own-signature', creation(), [bySource]);
  });

  it('is refused when no account gives it its address', async () => {
    await refusedBy('known-wallet', creation(ofAsset), []);
  });

  it('is no upload of code', async () => {
    const upload = HostFunction.hostFunctionTypeUploadContractWasm(new Uint8Array(8));
    await refusedBy('contract-call', upload, []);
  });
});
