// Which contract an asset has on this network. A token may name any asset in its events; only the asset's own contract,
// whose address follows from the name, is believed.
import { Asset, StrKey } from '@stellar/stellar-sdk/base';

const MAX_REMEMBERED = 10_000;
const NAME = /^([a-zA-Z0-9]{1,12}):(G[A-Z2-7]{55})$/;

export function createAssetContracts(networkPassphrase: string): (asset: string) => string | null {
  const remembered = new Map<string, string | null>();

  function contractOf(asset: string): string | null {
    if (asset === 'native') return Asset.native().contractId(networkPassphrase);
    const [, code, issuer] = NAME.exec(asset) ?? [];
    if (code === undefined || issuer === undefined || !StrKey.isValidEd25519PublicKey(issuer)) return null;
    return new Asset(code, issuer).contractId(networkPassphrase);
  }

  return (asset) => {
    let contract = remembered.get(asset);
    if (contract === undefined) {
      contract = contractOf(asset);
      if (remembered.size >= MAX_REMEMBERED) remembered.clear();
      remembered.set(asset, contract);
    }
    return contract;
  };
}
