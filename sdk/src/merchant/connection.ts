// What all parts of the merchant's client share: the API with its session, the passkey ceremonies, and the step-up that
// goes with a request that could cost money. A session that the server no longer takes is dropped here too.
import type { ApiClient } from '../api/client.ts';
import { LatchkeyError } from '../api/errors.ts';
import type { AuthenticationResponse } from '../api/schema.ts';
import type { MerchantSessionBody, SignedTextOptionsBody, StepUpAction } from '../api/settlementSchema.ts';
import type { PasskeyCeremonies } from '../signers/passkey.ts';
import { detailsHash, requireSignedText } from './signedText.ts';

export const MERCHANT_PATH = '/v1/merchants/me';

/** How the merchant proves to be there: the digits of the authenticator app, or a tap on a passkey. */
export type StepUp = { totp: string } | 'passkey';

export type StepUpFields = { totp: string } | { authenticationResponseJSON: AuthenticationResponse };

export type Connection = {
  api: ApiClient;
  passkeys: PasskeyCeremonies;
  /**
   * Runs a request by which the service ends the present session, and goes on with the one in its answer, if there is one.
   * What is refused meanwhile is asked again.
   */
  replaceSession<T>(
    request: () => Promise<T>,
    sessionIn: (answer: T) => MerchantSessionBody | null | undefined,
  ): Promise<T>;
  /** runs calls of whoever is signed in */
  signedIn<T>(call: () => Promise<T>): Promise<T>;
  /** @param request the body of the request it is for, which the passkey's assertion is bound to */
  stepUp(action: StepUpAction, request: Record<string, unknown>, how: StepUp): Promise<StepUpFields>;
};

export function createConnection(deps: {
  api: ApiClient;
  passkeys: PasskeyCeremonies;
  /** of the present session */
  token: () => string | null;
  forgetSession: () => void;
  keepSession: (body: MerchantSessionBody) => void;
}): Connection {
  const { api, passkeys } = deps;
  let replacing: Promise<unknown> = Promise.resolve();
  return {
    api,
    passkeys,
    async replaceSession(request, sessionIn) {
      const replaced = request().then((answer) => {
        const session = sessionIn(answer);
        if (session) deps.keepSession(session);
        return answer;
      });
      replacing = replaced.catch(() => {});
      return replaced;
    },
    async signedIn(call) {
      const token = deps.token();
      try {
        return await call();
      } catch (error) {
        const isOver =
          error instanceof LatchkeyError &&
          (error.code === 'SESSION_EXPIRED' || error.code === 'SESSION_REQUIRED');
        if (!isOver) throw error;
        await replacing;
        // The session was replaced meanwhile, as by a new authenticator app: the refusal was of the former one.
        if (token !== null && token !== deps.token() && deps.token() !== null) return call();
        deps.forgetSession();
        throw new LatchkeyError('SESSION_EXPIRED', { cause: error });
      }
    },
    async stepUp(action, request, how) {
      if (how !== 'passkey') return { totp: how.totp };
      const answer = await api.post<SignedTextOptionsBody>(`${MERCHANT_PATH}/step-up/options`, {
        action,
        details: request,
      });
      const options = await requireSignedText(answer, {
        type: 'latchkey step-up',
        action,
        detailsHash: await detailsHash(request),
      });
      return { authenticationResponseJSON: await passkeys.authenticate(options) };
    },
  };
}
