// The key under which an entry is stored, for every kind of entry that can be stored by itself. A TTL entry cannot:
// here a lifetime is part of the entry it belongs to.
import * as xdr from '@stellar/stellar-sdk/xdr';

/** Returns null for a TTL entry. */
export function ledgerKeyOf({ data }: Pick<xdr.LedgerEntry, 'data'>): xdr.LedgerKey | null {
  const K = xdr.LedgerKey;
  switch (data.type) {
    case 'account':
      return K.account(new xdr.LedgerKeyAccount(data.account));
    case 'trustline':
      return K.trustline(new xdr.LedgerKeyTrustLine(data.trustLine));
    case 'offer':
      return K.offer(new xdr.LedgerKeyOffer(data.offer));
    case 'data':
      return K.data(new xdr.LedgerKeyData(data.data));
    case 'claimableBalance':
      return K.claimableBalance(new xdr.LedgerKeyClaimableBalance(data.claimableBalance));
    case 'liquidityPool':
      return K.liquidityPool(new xdr.LedgerKeyLiquidityPool(data.liquidityPool));
    case 'contractData':
      return K.contractData(new xdr.LedgerKeyContractData(data.contractData));
    case 'contractCode':
      return K.contractCode(new xdr.LedgerKeyContractCode(data.contractCode));
    case 'configSetting': {
      const id = xdr.ConfigSettingId.fromXdr(data.configSetting.toXdr().subarray(0, 4));
      return K.configSetting(new xdr.LedgerKeyConfigSetting({ configSettingId: id }));
    }
    case 'ttl':
      return null;
  }
}
