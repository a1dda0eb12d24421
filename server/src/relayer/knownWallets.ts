// Whether an address is a wallet of the factory's code: the contract's instance on the ledger names the hash of the
// code it runs now. A hash that the factory gives, or that the settings name, is known; everything else is a stranger.
// Asked of the network each time, because a wallet may change its code; the factory's own hash never changes.
import { LatchkeyError } from '@latchkey/sdk/api';
import {
  bytesToHex,
  contractInstanceKey,
  factoryCalls,
  type Rpc,
  readBytes,
  simulate,
} from '@latchkey/sdk/chain';
import { StrKey } from '@stellar/stellar-sdk/base';
import { LedgerEntryData } from '@stellar/stellar-sdk/xdr';

export type KnownWallets = {
  /** Those of the addresses that are not known wallets. @throws LatchkeyError NETWORK_UNAVAILABLE */
  strangers(addresses: string[]): Promise<string[]>;
  /** @param wasmHash in hex. @throws LatchkeyError NETWORK_UNAVAILABLE */
  isKnownCode(wasmHash: string): Promise<boolean>;
};

export function createKnownWallets(deps: {
  rpc: Rpc;
  factoryId: string;
  wasmHashes: string[];
}): KnownWallets {
  const { rpc, factoryId } = deps;
  let known: Set<string> | null = null;

  async function knownHashes(): Promise<Set<string>> {
    if (known) return known;
    const { returnValue } = await simulate(rpc, { hostFunction: factoryCalls.walletWasmHash(factoryId) });
    known = new Set([bytesToHex(readBytes(returnValue)), ...deps.wasmHashes]);
    return known;
  }

  return {
    isKnownCode: async (wasmHash) => (await knownHashes()).has(wasmHash),
    async strangers(addresses) {
      const contracts = [...new Set(addresses)].filter((it) => StrKey.isValidContract(it));
      const byKey = new Map(contracts.map((it) => [contractInstanceKey(it).toXdr('base64'), it]));
      const hashes = await knownHashes();
      const { entries } =
        byKey.size === 0 ? { entries: [] } : await rpc.call('getLedgerEntries', { keys: [...byKey.keys()] });
      const isKnown = new Set<string>();
      for (const { key, xdr } of entries) {
        const address = byKey.get(key);
        const hash = wasmHashOf(xdr);
        if (address && hash !== null && hashes.has(hash)) isKnown.add(address);
      }
      return addresses.filter((it) => !isKnown.has(it));
    },
  };
}

function wasmHashOf(xdr: string): string | null {
  const data = LedgerEntryData.fromXdr(xdr, 'base64');
  if (data.type !== 'contractData' || data.value.val.type !== 'scvContractInstance') return null;
  const { executable } = data.value.val.value;
  if (executable.type !== 'contractExecutableWasm') return null;
  const hash = executable.value.toJson();
  if (typeof hash !== 'string') throw new LatchkeyError('INTERNAL');
  return hash;
}
