import { Asset, Keypair, LiquidityPoolAsset, Operation } from '@stellar/stellar-sdk';
import { expect, it } from 'vitest';
import { handlerOf } from './operationHandlers.ts';

const issuer = Keypair.random().publicKey();
const usd = new Asset('USD', issuer);
const poolId = '00'.repeat(32);

it('has no handler for offers, paths, pools, inflation and the operation that setTrustLineFlags replaced', () => {
  const paths = { sendAsset: usd, destAsset: usd, destination: issuer };
  const offer = { selling: usd, buying: Asset.native(), price: 1 };
  const operations = [
    Operation.pathPaymentStrictReceive({ ...paths, sendMax: '1', destAmount: '1' }),
    Operation.pathPaymentStrictSend({ ...paths, sendAmount: '1', destMin: '1' }),
    Operation.manageSellOffer({ ...offer, amount: '1' }),
    Operation.manageBuyOffer({ ...offer, buyAmount: '1' }),
    Operation.createPassiveSellOffer({ ...offer, amount: '1' }),
    Operation.allowTrust({ trustor: issuer, assetCode: 'USD', authorize: true }),
    Operation.inflation(),
    Operation.changeTrust({ asset: new LiquidityPoolAsset(Asset.native(), usd, 30) }),
    Operation.liquidityPoolDeposit({
      liquidityPoolId: poolId,
      maxAmountA: '1',
      maxAmountB: '1',
      minPrice: 1,
      maxPrice: 1,
    }),
    Operation.liquidityPoolWithdraw({
      liquidityPoolId: poolId,
      amount: '1',
      minAmountA: '1',
      minAmountB: '1',
    }),
  ];
  for (const { body } of operations) expect([body.type, handlerOf(body)]).toEqual([body.type, null]);
  expect(handlerOf(Operation.changeTrust({ asset: usd }).body)).not.toBeNull();
});
