// EndSponsoringFutureReservesOp (CAP-33): the sponsored account itself ends what was begun for it.
import * as xdr from '@stellar/stellar-sdk/xdr';
import type { OperationHandler } from './operation.ts';

type Body = Extract<xdr.OperationBody, { type: 'endSponsoringFutureReserves' }>;

const R = xdr.EndSponsoringFutureReservesResult;
const result = (value: xdr.EndSponsoringFutureReservesResult) =>
  xdr.OperationResultTr.endSponsoringFutureReserves(value);

export const endSponsoringFutureReserves: OperationHandler<Body> = {
  threshold: 'medium',
  passed: () => result(R.endSponsoringFutureReservesSuccess()),
  check: () => null,

  apply(_body, { source, sponsorships }) {
    if (!sponsorships.sponsorOf(source)) {
      return { isSuccess: false, result: result(R.endSponsoringFutureReservesNotSponsored()) };
    }
    sponsorships.end(source);
    return { isSuccess: true, result: result(R.endSponsoringFutureReservesSuccess()) };
  },
};
