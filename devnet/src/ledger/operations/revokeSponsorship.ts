// RevokeSponsorshipOp (CAP-33): whoever pays the reserve of an entry or signer, its sponsor or else its owner, hands it
// on: to who sponsors the source at this point of the transaction, or back to the owner when nobody does, or the owner
// itself. A claimable balance has no owner, so its reserve can only go to another sponsor.
import * as xdr from '@stellar/stellar-sdk/xdr';
import { equalBytes } from '../../bytes.ts';
import { getAccount } from '../account.ts';
import { isIssuer, isValidAsset } from '../asset.ts';
import { keyText } from '../entryStore.ts';
import { isPrintable } from '../printable.ts';
import { putSignerSponsor, signerIndex, signerSponsor } from '../signers.ts';
import {
  ACCOUNT_RESERVES,
  moveReserve,
  putEntrySponsor,
  type Sponsor,
  sponsorOfEntry,
  withoutReserve,
} from '../sponsorship.ts';
import type { OperationContext, OperationHandler, OperationOutcome } from './operation.ts';

const R = xdr.RevokeSponsorshipResult;
const result = (value: xdr.RevokeSponsorshipResult) => xdr.OperationResultTr.revokeSponsorship(value);
const failed = (value: xdr.RevokeSponsorshipResult) => ({ isSuccess: false, result: result(value) });
const succeeded = () => ({ isSuccess: true, result: result(R.revokeSponsorshipSuccess()) });

export const revokeSponsorship: OperationHandler<Extract<xdr.OperationBody, { type: 'revokeSponsorship' }>> =
  {
    threshold: 'medium',
    passed: () => result(R.revokeSponsorshipSuccess()),

    check({ revokeSponsorshipOp: op }) {
      const isMalformed = op.type === 'revokeSponsorshipLedgerEntry' && !isValidKey(op.ledgerKey);
      return isMalformed ? result(R.revokeSponsorshipMalformed()) : null;
    },

    apply({ revokeSponsorshipOp: op }, context) {
      return op.type === 'revokeSponsorshipLedgerEntry'
        ? revokeEntry(op.ledgerKey, context)
        : revokeSigner(op.signer, context);
    },
  };

function isValidKey(key: xdr.LedgerKey): boolean {
  switch (key.type) {
    case 'account':
    case 'claimableBalance':
      return true;
    case 'trustline':
      return isValidLine(key.trustLine);
    case 'offer':
      return key.offer.offerId > 0n;
    case 'data':
      return key.data.dataName.length > 0 && isPrintable(key.data.dataName);
    default:
      return false;
  }
}

function isValidLine({ accountId, asset }: xdr.LedgerKeyTrustLine): boolean {
  if (asset.type === 'assetTypeNative') return false;
  if (asset.type === 'assetTypePoolShare') return true;
  const credit =
    asset.type === 'assetTypeCreditAlphanum4'
      ? xdr.Asset.assetTypeCreditAlphanum4(asset.alphaNum4)
      : xdr.Asset.assetTypeCreditAlphanum12(asset.alphaNum12);
  return isValidAsset(credit) && !isIssuer(accountId.value.toBytes(), credit);
}

function revokeEntry(ledgerKey: xdr.LedgerKey, context: OperationContext): OperationOutcome {
  const key = keyText(ledgerKey.toXdr());
  const stored = context.delta.get(key);
  if (!stored) return failed(R.revokeSponsorshipDoesNotExist());
  const { data } = xdr.LedgerEntry.fromXdr(stored.xdr);
  return handOn(context, {
    owner: ownerOf(data),
    sponsor: sponsorOfEntry(stored),
    reserves: reservesOf(data),
    put: (sponsor) => putEntrySponsor(context, key, sponsor),
  });
}

function revokeSigner(
  { accountId, signerKey }: xdr.RevokeSponsorshipOpSigner,
  context: OperationContext,
): OperationOutcome {
  const owner = accountId.value.toBytes();
  const account = getAccount(context.delta, owner);
  const index = account ? signerIndex(account, signerKey) : -1;
  if (!account || index < 0) return failed(R.revokeSponsorshipDoesNotExist());
  return handOn(context, {
    owner,
    sponsor: signerSponsor(account, index),
    reserves: 1,
    put: (sponsor) => putSignerSponsor(context, owner, index, sponsor),
  });
}

type Reserved = {
  readonly owner: Uint8Array | null;
  readonly sponsor: Sponsor;
  readonly reserves: number;
  put(sponsor: Sponsor): void;
};

function handOn(context: OperationContext, { owner, sponsor, reserves, put }: Reserved): OperationOutcome {
  const { source, sponsorships } = context;
  const payer = sponsor ?? owner;
  if (!payer || !equalBytes(payer, source)) return failed(R.revokeSponsorshipNotSponsor());
  const next = sponsorships.sponsorOf(source);
  const to = next && owner && equalBytes(next, owner) ? null : next;
  if (!to && !owner) return failed(R.revokeSponsorshipOnlyTransferable());
  if (to || sponsor) {
    const problem = moveReserve(context, { owner, reserves, from: sponsor, to });
    if (problem) return withoutReserve(problem, result(R.revokeSponsorshipLowReserve()));
  }
  put(to);
  return succeeded();
}

/** The account that pays the reserve when no sponsor does. */
function ownerOf(data: xdr.LedgerEntryData): Uint8Array | null {
  switch (data.type) {
    case 'account':
      return data.account.accountId.value.toBytes();
    case 'trustline':
      return data.trustLine.accountId.value.toBytes();
    case 'offer':
      return data.offer.sellerId.value.toBytes();
    case 'data':
      return data.data.accountId.value.toBytes();
    default:
      return null;
  }
}

function reservesOf(data: xdr.LedgerEntryData): number {
  switch (data.type) {
    case 'account':
      return ACCOUNT_RESERVES;
    case 'claimableBalance':
      return data.claimableBalance.claimants.length;
    default:
      return 1;
  }
}
