// BeginSponsoringFutureReservesOp (CAP-33): from here until its end in the same transaction the source pays the
// reserves that the sponsored account would take. A sponsored account cannot sponsor, and nobody has two sponsors.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { equalBytes } from '../../bytes.ts';
import type { OperationHandler } from './operation.ts';

type Body = Extract<xdr.OperationBody, { type: 'beginSponsoringFutureReserves' }>;

const R = xdr.BeginSponsoringFutureReservesResult;
const result = (value: xdr.BeginSponsoringFutureReservesResult) =>
  xdr.OperationResultTr.beginSponsoringFutureReserves(value);
const failed = (value: xdr.BeginSponsoringFutureReservesResult) => ({
  isSuccess: false,
  result: result(value),
});

const sponsoredBy = ({ beginSponsoringFutureReservesOp }: Body) =>
  beginSponsoringFutureReservesOp.sponsoredId.value.toBytes();

export const beginSponsoringFutureReserves: OperationHandler<Body> = {
  threshold: 'medium',
  passed: () => result(R.beginSponsoringFutureReservesSuccess()),

  check(body, source) {
    const isSelf = equalBytes(sponsoredBy(body), source);
    return isSelf ? result(R.beginSponsoringFutureReservesMalformed()) : null;
  },

  apply(body, { source, sponsorships }) {
    const sponsored = sponsoredBy(body);
    if (sponsorships.sponsorOf(sponsored)) return failed(R.beginSponsoringFutureReservesAlreadySponsored());
    if (sponsorships.sponsorOf(source) || sponsorships.isSponsoring(sponsored)) {
      return failed(R.beginSponsoringFutureReservesRecursive());
    }
    sponsorships.begin(sponsored, source);
    return { isSuccess: true, result: result(R.beginSponsoringFutureReservesSuccess()) };
  },
};
