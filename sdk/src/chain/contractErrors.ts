// Error numbers of the Latchkey contracts and of the Stellar asset contract, with a sentence for each. The ranges are
// disjoint, so that a number alone says who raised it; contracts.test.ts holds the table to the built contracts.

/** Name and sentence by number; names are those of the contracts' own specification. */
export const contractErrors: Record<number, { name: string; text: string }> = {
  // Stellar asset contract (rs-soroban-env, ContractError)
  6: { name: 'AccountMissingError', text: 'The destination account does not exist on the network.' },
  10: { name: 'BalanceError', text: 'The wallet does not hold that much.' },
  11: { name: 'BalanceDeauthorizedError', text: 'The issuer of this token has frozen one of the balances.' },
  13: { name: 'TrustlineMissingError', text: 'The destination account does not accept this token yet.' },

  // Latchkey wallet
  100: { name: 'InvalidPublicKey', text: 'The public key of the passkey is not a point on P-256.' },
  101: { name: 'InvalidCredentialId', text: 'The credential id is not 16 to 1023 bytes long.' },
  102: { name: 'InvalidOrigin', text: 'The origin cannot be registered with a wallet.' },
  103: { name: 'InvalidRotationDelay', text: 'The recovery delay is longer than 366 days.' },
  104: { name: 'RotationDelayWithoutGuardian', text: 'A recovery delay needs a guardian.' },
  110: { name: 'InvalidSignatureLength', text: 'The signature has a length no wallet accepts.' },
  111: { name: 'InvalidExtensionLength', text: 'The signature is cut off inside its extension data.' },
  112: { name: 'UserPresenceMissing', text: 'The authenticator did not confirm that someone was there.' },
  113: { name: 'UserVerificationMissing', text: 'The authenticator did not verify you.' },
  114: { name: 'InvalidClientDataTail', text: 'The signature carries malformed client data.' },
  120: { name: 'NoGuardian', text: 'This wallet has no guardian and cannot be recovered.' },
  121: { name: 'RotationDelayRequired', text: 'This wallet can be recovered only after its delay.' },
  122: { name: 'NoPendingRotation', text: 'There is no recovery to cancel or execute.' },
  123: { name: 'RotationNotYetExecutable', text: 'The delay of the recovery has not passed yet.' },
  124: { name: 'SameSigner', text: 'This passkey signs for the wallet already.' },
};

/** Reads the contract error number from a host error text such as "HostError: Error(Contract, #104) …". */
export function contractErrorNumber(hostError: string): number | null {
  const match = /Error\(Contract, #(\d+)\)/.exec(hostError);
  return match ? Number(match[1]) : null;
}
