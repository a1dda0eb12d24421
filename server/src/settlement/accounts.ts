// Merchants sign up by proving their e-mail address, and sign in by a code sent there plus their authenticator app where
// they have confirmed one. Once payments go to a passkey wallet only a passkey signs in: a mailbox must not be worth more
// than the wallet. Whether an address is a merchant's is told to whoever holds the mailbox; passkey sign-in tells by its
// options, as a wallet's does.
import { randomUUID } from 'node:crypto';
import {
  type AuthenticationResponse,
  type ErrorCode,
  LatchkeyError,
  type settlementSchema,
} from '@latchkey/sdk/api';
import type { Logger } from 'pino';
import {
  authenticationOptions,
  type RelyingParty,
  readClientData,
  verifyAssertion,
} from '../auth/ceremonies.ts';
import type { EmailCodes } from '../auth/emailCodes.ts';
import { normaliseEmail } from '../db/accounts.ts';
import {
  actOnce,
  type ChallengeUse,
  challengeFor,
  earlierOutcome,
  insertChallenge,
} from '../db/challenges.ts';
import type { Database, Db } from '../db/database.ts';
import { recordPasskeyUse, signingPasskeysOf } from '../db/merchantPasskeys.ts';
import {
  insertMerchant,
  type Merchant,
  merchantByEmail,
  merchantById,
  signUpsSince,
} from '../db/merchants.ts';
import { recordAudit } from '../db/settlementAudit.ts';
import { insertSettlementKey, settlementKeyOf } from '../db/settlementKeys.ts';
import type { NetworkName } from '../db/settlementTables.ts';
import type { Mailer } from '../mail/mailer.ts';
import type { MerchantAccess } from './access.ts';
import type { ManagedSeeds } from './managedSeed.ts';
import type { MerchantView } from './merchantView.ts';
import type { SettlementNetworks } from './network.ts';
import type { Provisioning } from './provisioning.ts';
import { signedText } from './signedText.ts';
import type { TotpCodes } from './totp.ts';

const DAY_MS = 86_400_000;
const FULL = 'No more merchants can sign up today. Try again tomorrow.';
const NO_PASSKEY = 'No merchant with this e-mail has a passkey. Sign in with a code.';

type MerchantSessionBody = settlementSchema.MerchantSessionBody;

/** A wrong code of the app costs a try of the mailed one, and leaves that as it is. */
function wrongCode(error: unknown): ErrorCode {
  if (error instanceof LatchkeyError && error.code === 'TOTP_INVALID') return error.code;
  throw error;
}

export type MerchantAccounts = {
  /** Mails a code, whoever's the address is. @throws LatchkeyError INVALID_EMAIL, RATE_LIMITED */
  sendCode(email: string): Promise<void>;
  /** @throws LatchkeyError EMAIL_CODE_*, MERCHANT_EXISTS (the code still signs in) */
  signUp(request: { email: string; code: string; name: string }): Promise<MerchantSessionBody>;
  /** @throws LatchkeyError EMAIL_CODE_*, MERCHANT_NOT_FOUND, MERCHANT_PASSKEY_REQUIRED, TOTP_* */
  signIn(request: { email: string; code: string; totp?: string | undefined }): Promise<MerchantSessionBody>;
  /** @throws LatchkeyError MERCHANT_NOT_FOUND, also where there is no passkey yet */
  /** A session in place of those that just ended. */
  renewed(accountId: string): Promise<MerchantSessionBody>;
  passkeyOptions(email: string): Promise<{ options_json: { challenge: string }; signedText: string }>;
  signInByPasskey(
    request: { email: string; response: AuthenticationResponse },
    use: ChallengeUse,
  ): Promise<MerchantSessionBody>;
};

export function createMerchantAccounts(deps: {
  db: Database;
  codes: EmailCodes;
  totp: TotpCodes;
  access: MerchantAccess;
  seeds: ManagedSeeds;
  provisioning: Provisioning;
  networks: SettlementNetworks;
  /** where new merchants start */
  firstNetwork: NetworkName;
  /** each locks some of the sponsor's XLM */
  signUpsPerDay: number;
  view: MerchantView;
  mailer: Mailer;
  relyingParty: RelyingParty;
  log: Logger;
  nowMs: () => number;
}): MerchantAccounts {
  const { db, codes, totp, access, seeds, networks, firstNetwork, relyingParty, log, nowMs } = deps;
  const signInEmail = (email: string) => `merchant-sign-in:${email}`;

  async function session(merchant: Merchant): Promise<MerchantSessionBody> {
    const issued = await access.issueSession(merchant);
    return { ...issued, merchant: await deps.view(merchant.account_id) };
  }

  /** What else signing in with a mailed code needs. */
  async function objectionTo(
    trx: Db,
    merchant: Merchant,
    digits: string | undefined,
  ): Promise<ErrorCode | null> {
    const key = await settlementKeyOf(trx, merchant.account_id, merchant.network);
    const passkeys = await signingPasskeysOf(trx, merchant.account_id);
    if (key?.managed === 0 && passkeys.length > 0) return 'MERCHANT_PASSKEY_REQUIRED';
    if (merchant.totp_confirmed_at === null) return null;
    if (digits === undefined) return 'TOTP_REQUIRED';
    return totp.spend(trx, merchant, digits).then(() => null, wrongCode);
  }

  async function register(email: string, name: string): Promise<Merchant> {
    const accountId = randomUUID();
    const { address, sealed } = await seeds.create(accountId);
    await db.transaction().execute(async (trx) => {
      if ((await signUpsSince(trx, nowMs() - DAY_MS)) >= deps.signUpsPerDay)
        throw new LatchkeyError('RATE_LIMITED', { message: FULL });
      const merchant = { account_id: accountId, email, name, network: firstNetwork, created_at: nowMs() };
      if (!(await insertMerchant(trx, merchant))) throw new LatchkeyError('MERCHANT_EXISTS');
      const key = { account_id: accountId, network: firstNetwork, address };
      await insertSettlementKey(trx, key, sealed, nowMs());
      const row = await settlementKeyOf(trx, accountId, firstNetwork);
      await deps.provisioning.ask(trx, row!);
      await recordAudit(trx, accountId, 'merchant.signed-up', { network: firstNetwork, address }, nowMs());
    });
    networks.of(firstNetwork).relayer.wake();
    return (await merchantByEmail(db, email))!;
  }

  return {
    async sendCode(text) {
      const email = normaliseEmail(text);
      const code = await codes.issue(email);
      const mail = {
        to: email,
        kind: 'merchant-code',
        subject: `${code} is your ${relyingParty.name} code`,
        text:
          `Your code is ${code}. It is valid for five minutes.\n\n` +
          'If you did not ask for it, someone typed your address; without the code nothing happens.\n',
      };
      // The person can ask again; an answer that depends on the mail server would tell nobody anything.
      await deps.mailer
        .send(mail)
        .catch((error: unknown) => log.error({ err: error }, "a merchant's code was not sent"));
    },

    async signUp({ email: text, code, name }) {
      const email = normaliseEmail(text);
      await codes.redeem(email, code, async (trx) =>
        (await merchantByEmail(trx, email)) ? 'MERCHANT_EXISTS' : null,
      );
      return session(await register(email, name));
    },

    async signIn({ email: text, code, totp: digits }) {
      const email = normaliseEmail(text);
      let merchant: Merchant | undefined;
      await codes.redeem(email, code, async (trx) => {
        merchant = await merchantByEmail(trx, email);
        if (!merchant) return 'MERCHANT_NOT_FOUND';
        const objection = await objectionTo(trx, merchant, digits);
        const by = { by: 'code', ...(objection === null ? {} : { refused: objection }) };
        await recordAudit(trx, merchant.account_id, 'merchant.sign-in', by, nowMs());
        return objection;
      });
      return session(merchant!);
    },

    async renewed(accountId) {
      return session((await merchantById(db, accountId))!);
    },

    async passkeyOptions(text) {
      const email = normaliseEmail(text);
      const merchant = await merchantByEmail(db, email);
      const passkeys = merchant ? await signingPasskeysOf(db, merchant.account_id) : [];
      if (passkeys.length === 0) throw new LatchkeyError('MERCHANT_NOT_FOUND', { message: NO_PASSKEY });
      const { text: signed, digest } = signedText({ type: 'latchkey merchant sign-in' });
      const options = await authenticationOptions(relyingParty, digest, passkeys);
      const { challenge } = options;
      await insertChallenge(
        db,
        { challenge, purpose: 'merchant-sign-in', email: signInEmail(email) },
        nowMs(),
      );
      return { options_json: options, signedText: signed };
    },

    async signInByPasskey({ email: text, response }, use) {
      const email = normaliseEmail(text);
      const merchant = await merchantByEmail(db, email);
      if (!merchant) throw new LatchkeyError('MERCHANT_NOT_FOUND', { message: NO_PASSKEY });
      const { challenge } = readClientData(response.response.clientDataJSON);
      const row = await challengeFor(db, challenge, {
        purpose: 'merchant-sign-in',
        email: signInEmail(email),
      });
      const isRepeated = earlierOutcome(row, use, nowMs()) !== null;
      // Verified again when repeated: a passkey that was removed meanwhile opens nothing.
      const passkey = (await signingPasskeysOf(db, merchant.account_id)).find((it) => it.id === response.id);
      if (!passkey) throw new LatchkeyError('UNKNOWN_CREDENTIAL');
      const { signCount, counterRose } = await verifyAssertion(
        relyingParty,
        response,
        row.challenge,
        passkey,
      );
      if (!isRepeated) {
        if (!counterRose)
          log.warn({ account: merchant.account_id }, "a passkey's signature counter did not rise");
        await actOnce(db, row, use, merchant.account_id, nowMs(), async (trx) => {
          await recordPasskeyUse(trx, passkey.id, signCount);
          const by = { by: 'passkey', credentialId: passkey.id };
          await recordAudit(trx, merchant.account_id, 'merchant.sign-in', by, nowMs());
        });
      }
      return session(merchant);
    },
  };
}
