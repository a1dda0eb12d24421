import { WebAuthnError } from '@simplewebauthn/browser';
import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../api/errors.ts';
import { browserPasskeys, passkeyError, passkeySupport } from './passkey.ts';

describe('passkey ceremonies', () => {
  it.each([
    ['NotAllowedError', 'PASSKEY_CANCELLED'],
    ['AbortError', 'PASSKEY_CANCELLED'],
    ['TimeoutError', 'PASSKEY_TIMED_OUT'],
    ['InvalidStateError', 'PASSKEY_ALREADY_REGISTERED'],
    ['ConstraintError', 'PASSKEY_NO_AUTHENTICATOR'],
    ['NotSupportedError', 'PASSKEY_NO_AUTHENTICATOR'],
    ['SecurityError', 'PASSKEY_WRONG_ORIGIN'],
    ['UnknownError', 'PASSKEY_FAILED'],
  ])('name %s as %s', (name, code) => {
    const exception = new DOMException('as the browser words it', name);
    expect(passkeyError(exception).code).toBe(code);
    const wrapped = new WebAuthnError({
      message: 'm',
      code: 'ERROR_PASSTHROUGH_SEE_CAUSE_PROPERTY',
      cause: exception,
    });
    expect(passkeyError(wrapped).code).toBe(code);
  });

  it('prefer what SimpleWebAuthn found out over the name of the exception', () => {
    const cause = new DOMException('m', 'SecurityError');
    expect(passkeyError(new WebAuthnError({ message: 'm', code: 'ERROR_INVALID_RP_ID', cause })).code).toBe(
      'PASSKEY_WRONG_ORIGIN',
    );
    const constraint = new DOMException('m', 'NotAllowedError');
    const code = 'ERROR_AUTHENTICATOR_MISSING_USER_VERIFICATION_SUPPORT';
    expect(passkeyError(new WebAuthnError({ message: 'm', code, cause: constraint })).code).toBe(
      'PASSKEY_NO_AUTHENTICATOR',
    );
  });

  it('pass our own errors on', () => {
    const own = new LatchkeyError('AUTHORIZATION_MISMATCH');
    expect(passkeyError(own)).toBe(own);
  });

  it('say that there are no passkeys where the browser has none', async () => {
    expect(await passkeySupport()).toEqual({ supported: false, reason: 'insecure-context' });
    await expect(browserPasskeys.register({})).rejects.toThrow(
      expect.objectContaining({ code: 'PASSKEY_UNSUPPORTED' }),
    );
  });
});
