// The gate of a migration: the new passkey signs the hash of what the owner was shown (both addresses, the balance, the
// network). The hash is made here from what will be on the screen, so a server that shows one thing and has another one
// signed gets no signature. What the numbers mean on the ledger is not checked here.
import { LatchkeyError } from '../api/errors.ts';
import type { GateBody, GateSubject } from '../api/settlementSchema.ts';
import { bytesToBase64Url, sha256 } from '../chain/bytes.ts';

/** What the gate must be about: the wallets that the merchant already knows. */
export type ExpectedGate = { fromAddress: string; toAddress: string; networkPassphrase: string };

/** The challenge that stands for this subject: sha256 of its JSON, keys in the order of the schema. */
export async function gateChallenge(subject: GateSubject): Promise<string> {
  const { type, migrationId, fromAddress, toAddress, balance, networkPassphrase, nonce } = subject;
  const inOrder = { type, migrationId, fromAddress, toAddress, balance, networkPassphrase, nonce };
  return bytesToBase64Url(await sha256(new TextEncoder().encode(JSON.stringify(inOrder))));
}

/** @throws LatchkeyError AUTHORIZATION_MISMATCH unless the challenge is the hash of what the gate shows */
export async function requireGate(gate: GateBody, expected: ExpectedGate): Promise<void> {
  const mismatch = (what: string) => new LatchkeyError('AUTHORIZATION_MISMATCH', { details: { what } });
  for (const field of ['fromAddress', 'toAddress', 'networkPassphrase'] as const) {
    if (gate[field] !== expected[field]) throw mismatch(field);
  }
  const { migrationId, fromAddress, toAddress, balance, networkPassphrase, nonce } = gate;
  const challenge = await gateChallenge({
    type: 'latchkey settlement migration',
    migrationId,
    fromAddress,
    toAddress,
    balance,
    networkPassphrase,
    nonce,
  });
  if (challenge !== gate.options_json.challenge) throw mismatch('challenge');
}
