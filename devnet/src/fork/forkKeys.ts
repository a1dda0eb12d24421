// The ledger keys that a transaction names before anything runs: its sources and payers, the accounts and trust lines
// that its operations are about, and its footprint. A fork fetches them in one go. A key too few costs a round trip, a
// key too many costs nothing, so this follows the common operations only.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { accountKey, publicKeyOf } from '../ledger/account.ts';
import { type KeyText, keyText } from '../ledger/entryStore.ts';
import { feeSourceOf, operationSource, type TransactionFrame } from '../ledger/transactionFrame.ts';

export function keysNamedBy(frame: TransactionFrame): Set<KeyText> {
  const keys = new Set([accountKey(frame.source), accountKey(feeSourceOf(frame))]);
  for (const operation of frame.tx.operations) {
    const source = operationSource(frame, operation);
    keys.add(accountKey(source));
    for (const key of keysOf(operation.body, source)) keys.add(key);
  }
  const { readOnly = [], readWrite = [] } = frame.sorobanData?.resources.footprint ?? {};
  for (const key of [...readOnly, ...readWrite]) keys.add(keyText(key.toXdr()));
  return keys;
}

function keysOf(body: xdr.OperationBody, source: Uint8Array): KeyText[] {
  switch (body.type) {
    case 'createAccount':
      return [accountKey(body.createAccountOp.destination.value.toBytes())];
    case 'payment': {
      const { asset, destination } = body.paymentOp;
      const receiver = publicKeyOf(destination);
      return [accountKey(receiver), ...lineKeys(asset, source, receiver)];
    }
    case 'changeTrust': {
      const { line } = body.changeTrustOp;
      return line.type === 'assetTypePoolShare' ? [] : lineKeys(line, source);
    }
    case 'accountMerge':
      return [accountKey(publicKeyOf(body.destination))];
    default:
      return [];
  }
}

/** The holders' trust lines and the issuer's account; nothing for the native asset. */
function lineKeys(
  asset: Exclude<xdr.ChangeTrustAsset, { type: 'assetTypePoolShare' }> | xdr.Asset,
  ...holders: Uint8Array[]
): KeyText[] {
  if (asset.type === 'assetTypeNative') return [];
  const { issuer } = asset.type === 'assetTypeCreditAlphanum4' ? asset.alphaNum4 : asset.alphaNum12;
  const line = xdr.TrustLineAsset.fromXdr(asset.toXdr());
  return [
    accountKey(issuer.value.toBytes()),
    ...holders.map((holder) => {
      const accountId = xdr.PublicKey.publicKeyTypeEd25519(holder);
      const key = new xdr.LedgerKeyTrustLine({ accountId, asset: line });
      return keyText(xdr.LedgerKey.trustline(key).toXdr());
    }),
  ];
}
