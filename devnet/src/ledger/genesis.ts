// The first ledger: network settings, the root account with all coins, deployer accounts that public passkey kits
// expect to be funded, and the native asset's contract, so that contract addresses can be paid at once.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { toHex } from '../bytes.ts';
import type { HostLedger, SorobanHost } from '../engine/sorobanHost.ts';
import { sha256 } from '../sha256.ts';
import { accountIdOf, BASE_RESERVE_STROOPS, newAccount, putAccount } from './account.ts';
import { TOTAL_COINS_STROOPS } from './closedLedger.ts';
import { ed25519Signer } from './ed25519.ts';
import { keyText, LedgerDelta, withLastModified } from './entryStore.ts';
import type { Ledger, LedgerChange } from './ledger.ts';
import type { NetworkSettings } from './limits.ts';
import { putNetworkSettings } from './networkSettings.ts';

/** passkey-kit and smart-account-kit deploy wallets from these accounts, whose keys they derive from public text. */
const KIT_DEPLOYERS = [
  'GC2C7AWLS2FMFTQAHW3IBUB4ZXVP4E37XNLEF2IK7IVXBB6CMEPCSXFO',
  'GAAH4OT36RRCCAGKARGPN2HLHT2NOBVFHO4GUHA6CF7UKQ4MMV24WQ4N',
];
const KIT_DEPLOYER_STROOPS = 100_000_000_000n;

/** Nobody has the key of zeros. Public networks have its account, and clients name it as the source of simulations. */
const NOBODY = new Uint8Array(32);
const NOBODY_STROOPS = 100_000_000n;

/** Networks in one process begin alike, so what they begin with is worked out once and shared; it is never changed. */
const MAX_KNOWN_BEGINNINGS = 16;
const knownBeginnings = new Map<string, LedgerChange['entries']>();

/** Root's seed is the network id, as in every Stellar network. */
export function rootSigner(networkId: Uint8Array) {
  return ed25519Signer(networkId);
}

export function genesis(
  ledger: Ledger,
  host: SorobanHost,
  settings: NetworkSettings,
  nowSeconds: number,
): LedgerChange {
  const { networkId, protocolVersion } = ledger;
  const sequence = 1;
  const closing = { sequence, closeTimeSeconds: nowSeconds, protocolVersion, networkId };
  const name = `${toHex(networkId)} ${protocolVersion} ${Object.values(settings).join()}`;
  const known = knownBeginnings.get(name);
  if (known) return ledger.empty(host, closing, known);
  const delta = new LedgerDelta(ledger);
  putNetworkSettings(delta, sequence, settings, host.costParams());
  const root = rootSigner(ledger.networkId).publicKey;
  const kitStroops = KIT_DEPLOYER_STROOPS * BigInt(KIT_DEPLOYERS.length);
  const others = kitStroops + NOBODY_STROOPS;
  putAccount(delta, newAccount(root, TOTAL_COINS_STROOPS - others, 0), sequence);
  putAccount(delta, newAccount(NOBODY, NOBODY_STROOPS, sequence), sequence);
  for (const address of KIT_DEPLOYERS) {
    const publicKey = xdr.PublicKey.fromJson(address).value.toBytes();
    putAccount(delta, newAccount(publicKey, KIT_DEPLOYER_STROOPS, sequence), sequence);
  }
  const hostLedger = { ...closing, baseReserveStroops: BASE_RESERVE_STROOPS };
  deployNativeContract(delta, host, hostLedger, root, settings.maxEntryTtl);
  if (knownBeginnings.size >= MAX_KNOWN_BEGINNINGS) knownBeginnings.clear();
  knownBeginnings.set(name, delta.touched());
  return ledger.empty(host, closing, delta.touched());
}

function deployNativeContract(
  delta: LedgerDelta,
  host: SorobanHost,
  ledger: HostLedger,
  root: Uint8Array,
  maxEntryTtl: number,
): void {
  const hostFunction = xdr.HostFunction.hostFunctionTypeCreateContract(
    new xdr.CreateContractArgs({
      contractIdPreimage: xdr.ContractIdPreimage.contractIdPreimageFromAsset(xdr.Asset.assetTypeNative()),
      executable: xdr.ContractExecutable.contractExecutableStellarAsset(),
    }),
  ).toXdr();
  const source = accountIdOf(root).toXdr();
  const seed = sha256(ledger.networkId);
  const lookUp = (key: Uint8Array) => {
    const stored = delta.get(keyText(key));
    return stored ? { xdr: stored.xdr, liveUntilLedger: stored.ttl?.liveUntilLedger ?? null } : null;
  };
  const simulation = host.simulateInvoke(
    ledger,
    { hostFunction, source, seed, auth: [], authMode: 'record', useAddressV2: false, instructionLeeway: 0 },
    lookUp,
  );
  if (!simulation.transactionData) throw new Error(`cannot deploy the native contract: ${simulation.error}`);
  const { resources } = xdr.SorobanTransactionData.fromXdr(simulation.transactionData);
  const outcome = host.applyInvoke(
    ledger,
    { hostFunction, source, seed, auth: [], resources: resources.toXdr(), restoredIndices: [] },
    lookUp,
  );
  if (outcome.kind !== 'success') throw new Error('cannot deploy the native contract');
  const liveUntilLedger = ledger.sequence + maxEntryTtl - 1;
  for (const { key, after } of outcome.entries) {
    if (!after) continue;
    const ttl = { liveUntilLedger, modifiedLedger: ledger.sequence };
    delta.put(keyText(key), { xdr: withLastModified(after, ledger.sequence), ttl });
  }
}
