// The browser's passkey ceremonies: create a credential, or sign a challenge with one. Thin over
// @simplewebauthn/browser; what it adds is one error code per thing that can go wrong, with a sentence that helps.
// What the authenticator returns is not verified here: the server and the contract do that.
import { startAuthentication, startRegistration, WebAuthnError } from '@simplewebauthn/browser';
import { type ErrorCode, LatchkeyError } from '../api/errors.ts';
import type { AuthenticationResponse, RegistrationResponse } from '../api/schema.ts';

type CreationOptions = Parameters<typeof startRegistration>[0]['optionsJSON'];
type RequestOptions = Parameters<typeof startAuthentication>[0]['optionsJSON'];

/** Anything that can run the two WebAuthn ceremonies: the browser, or the software authenticator in tests. */
export type PasskeyCeremonies = {
  register(options: unknown): Promise<RegistrationResponse>;
  authenticate(options: unknown): Promise<AuthenticationResponse>;
};

export type PasskeySupport =
  | { supported: true; platformAuthenticator: boolean }
  | { supported: false; reason: 'no-webauthn' | 'insecure-context' };

/** Whether a passkey button makes sense here, and whether this device itself can hold one. */
export async function passkeySupport(): Promise<PasskeySupport> {
  if (!globalThis.isSecureContext) return { supported: false, reason: 'insecure-context' };
  if (typeof globalThis.PublicKeyCredential !== 'function')
    return { supported: false, reason: 'no-webauthn' };
  const platformAuthenticator =
    await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable().catch(() => false);
  return { supported: true, platformAuthenticator };
}

const byCeremonyCode: Partial<Record<string, ErrorCode>> = {
  ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED: 'PASSKEY_ALREADY_REGISTERED',
  ERROR_AUTHENTICATOR_MISSING_USER_VERIFICATION_SUPPORT: 'PASSKEY_NO_AUTHENTICATOR',
  ERROR_AUTHENTICATOR_MISSING_DISCOVERABLE_CREDENTIAL_SUPPORT: 'PASSKEY_NO_AUTHENTICATOR',
  ERROR_AUTHENTICATOR_NO_SUPPORTED_PUBKEYCREDPARAMS_ALG: 'PASSKEY_NO_AUTHENTICATOR',
  ERROR_INVALID_DOMAIN: 'PASSKEY_WRONG_ORIGIN',
  ERROR_INVALID_RP_ID: 'PASSKEY_WRONG_ORIGIN',
  ERROR_CEREMONY_ABORTED: 'PASSKEY_CANCELLED',
};

/** DOMException names of WebAuthn §5.1.3 and §5.1.4, where SimpleWebAuthn passes them through. */
const byExceptionName: Partial<Record<string, ErrorCode>> = {
  NotAllowedError: 'PASSKEY_CANCELLED',
  AbortError: 'PASSKEY_CANCELLED',
  TimeoutError: 'PASSKEY_TIMED_OUT',
  InvalidStateError: 'PASSKEY_ALREADY_REGISTERED',
  NotSupportedError: 'PASSKEY_NO_AUTHENTICATOR',
  ConstraintError: 'PASSKEY_NO_AUTHENTICATOR',
  SecurityError: 'PASSKEY_WRONG_ORIGIN',
};

/** The Latchkey error for whatever a ceremony threw. */
export function passkeyError(error: unknown): LatchkeyError {
  if (error instanceof LatchkeyError) return error;
  const ceremonyCode = error instanceof WebAuthnError ? byCeremonyCode[error.code] : undefined;
  const cause = error instanceof WebAuthnError ? (error.cause ?? error) : error;
  const name = cause instanceof Error ? cause.name : '';
  return new LatchkeyError(ceremonyCode ?? byExceptionName[name] ?? 'PASSKEY_FAILED', { cause: error });
}

function requireWebAuthn(): void {
  if (typeof globalThis.PublicKeyCredential !== 'function') throw new LatchkeyError('PASSKEY_UNSUPPORTED');
}

export const browserPasskeys: PasskeyCeremonies = {
  async register(options) {
    requireWebAuthn();
    try {
      const response = await startRegistration({ optionsJSON: options as CreationOptions });
      return response as unknown as RegistrationResponse;
    } catch (error) {
      throw passkeyError(error);
    }
  },
  async authenticate(options) {
    requireWebAuthn();
    try {
      const response = await startAuthentication({ optionsJSON: options as RequestOptions });
      return response as unknown as AuthenticationResponse;
    } catch (error) {
      throw passkeyError(error);
    }
  },
};
