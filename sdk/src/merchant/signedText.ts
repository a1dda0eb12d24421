// What a passkey signs when no money moves: signing in, and stepping up. The same passkey signs for a wallet, so a bare
// random challenge could be the payload of a payment. Here the challenge is the hash of a text that says what it is for, and
// the browser hashes that text itself: the payload of an authorization entry is the hash of XDR, never of such a text.
import { canonicalJson } from '../api/canonicalJson.ts';
import { LatchkeyError } from '../api/errors.ts';
import type { SignedTextOptionsBody } from '../api/settlementSchema.ts';
import { bytesToBase64Url, sha256 } from '../chain/bytes.ts';

const hashOf = async (text: string) => bytesToBase64Url(await sha256(new TextEncoder().encode(text)));

function membersOf(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed !== null && typeof parsed === 'object' ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** What a step-up's text has to say about the request that it is for. */
export const detailsHash = (details: Record<string, unknown>): Promise<string> =>
  hashOf(canonicalJson(details));

/**
 * @param expected members that the text must have, with these values
 * @returns the options for the authenticator
 * @throws LatchkeyError AUTHORIZATION_MISMATCH unless the challenge is the hash of a text that says what is expected
 */
export async function requireSignedText(
  { options_json, signedText }: SignedTextOptionsBody,
  expected: { type: string } & Record<string, string>,
): Promise<unknown> {
  const mismatch = (what: string) => new LatchkeyError('AUTHORIZATION_MISMATCH', { details: { what } });
  if ((await hashOf(signedText)) !== options_json.challenge) throw mismatch('challenge');
  const members = membersOf(signedText);
  for (const [name, value] of Object.entries(expected)) if (members[name] !== value) throw mismatch(name);
  return options_json;
}
