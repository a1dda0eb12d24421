// What settlement needs of one network: its node, the relayer that pays there, the USDC of it. A merchant's row names the
// network it is on, and everything about a merchant goes through `of(merchant.network)`, so that a platform can move its
// merchants to the real network one by one.
import { LatchkeyError } from '@latchkey/sdk/api';
import type { Rpc } from '@latchkey/sdk/chain';
import { Asset } from '@stellar/stellar-sdk/base';
import type { NetworkName } from '../db/settlementTables.ts';
import type { Sponsor } from '../relayer/sponsor.ts';
import type { Relayer } from '../relayer/worker.ts';

export type Usdc = {
  code: string;
  /** G… */
  issuer: string;
  /** C… of its asset contract */
  contractId: string;
};

export function usdcOf(asset: { code: string; issuer: string }, networkPassphrase: string): Usdc {
  return { ...asset, contractId: new Asset(asset.code, asset.issuer).contractId(networkPassphrase) };
}

export type SettlementNetwork = {
  name: NetworkName;
  networkPassphrase: string;
  rpc: Rpc;
  relayer: Relayer;
  sponsor: Sponsor;
  factoryId: string;
  nativeTokenId: string;
  usdc: Usdc;
  maxFeeStroops: bigint;
  /** how many of our transactions may be on their way there at a time */
  channels: number;
  /** the guardian that new smart wallets name */
  walletGuardian(): Promise<string>;
  /** @throws LatchkeyError NETWORK_UNAVAILABLE until the node is known to serve this network */
  confirmNetwork(): Promise<void>;
};

export type SettlementNetworks = {
  all: SettlementNetwork[];
  /** @throws LatchkeyError NETWORK_NOT_OFFERED */
  of(name: NetworkName): SettlementNetwork;
};

export function createSettlementNetworks(all: SettlementNetwork[]): SettlementNetworks {
  return {
    all,
    of(name) {
      const network = all.find((it) => it.name === name);
      if (!network) throw new LatchkeyError('NETWORK_NOT_OFFERED');
      return network;
    },
  };
}
