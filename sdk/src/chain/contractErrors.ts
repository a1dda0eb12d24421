// Error numbers of the Latchkey contracts and of the Stellar asset contract, with a sentence for each. The ranges are
// disjoint, so that a number alone says who raised it; contracts.test.ts holds the table to the built contracts.

/** Name and sentence by number; names are those of the contracts' own specification. */
export const contractErrors: Record<number, { name: string; text: string }> = {
  // Stellar asset contract (rs-soroban-env, ContractError)
  6: { name: 'AccountMissingError', text: 'The destination account does not exist on the network.' },
  10: { name: 'BalanceError', text: 'The wallet does not hold that much.' },
  11: { name: 'BalanceDeauthorizedError', text: 'The issuer of this token has frozen one of the balances.' },
  13: { name: 'TrustlineMissingError', text: 'The destination account does not accept this token yet.' },

  // Latchkey wallet and factory
  100: { name: 'InvalidPublicKey', text: 'The public key of the passkey is not a point on P-256.' },
  101: { name: 'InvalidCredentialId', text: 'The credential id is not 16 to 1023 bytes long.' },
  102: { name: 'InvalidOrigin', text: 'The origin cannot be registered with a wallet.' },
  104: { name: 'MalformedArgument', text: 'The wallet does not understand what it was sent.' },
  105: {
    name: 'OwnAddress',
    text: 'A wallet cannot be its own signer or guardian, or what its sessions call.',
  },
  106: { name: 'InvalidExpiry', text: 'The session ends in the past, or too far ahead.' },
  107: { name: 'InvalidSessionContracts', text: 'A session is for one to eight contracts.' },
  108: { name: 'InvalidCoSigners', text: 'These co-signers do not fit the signer or their number.' },
  110: { name: 'InvalidSignatureLength', text: 'The signature has a length no wallet accepts.' },
  111: { name: 'InvalidExtensionLength', text: 'The passkey sent more data than a wallet accepts.' },
  112: { name: 'UserPresenceMissing', text: 'The authenticator did not confirm that someone was there.' },
  113: { name: 'UserVerificationMissing', text: 'The authenticator did not verify you.' },
  114: { name: 'InvalidClientDataTail', text: 'The signature carries malformed client data.' },
  115: { name: 'UnknownSigner', text: 'The wallet has no such signer, or its session has ended.' },
  116: { name: 'InvalidSignatureOrder', text: 'The parts of the signature are not in order.' },
  117: { name: 'PublicKeyMismatch', text: 'The public key is not the one this wallet knows.' },
  118: { name: 'PostQuantumSignatureRefused', text: 'The post-quantum signature is not valid.' },
  120: { name: 'NoGuardian', text: 'This wallet has no guardian and cannot be recovered.' },
  131: { name: 'MissingSignature', text: 'Another signer of this wallet has to sign as well.' },
  132: { name: 'UnneededSignature', text: 'Somebody signed whose signature is not needed.' },
  133: { name: 'CallNotAllowed', text: 'This session is not for that contract.' },
  136: { name: 'RefusedByPolicy', text: 'A policy of this wallet does not allow it.' },
  137: { name: 'CallsTooLong', text: 'These calls are too long for a session or a policy to be checked.' },
  140: { name: 'LastAdmin', text: 'The wallet would be left without a signer who may change it.' },
  141: { name: 'UnsatisfiableRule', text: 'A rule of this wallet could not be satisfied any more.' },
  142: { name: 'TooManySigners', text: 'The wallet has as many signers as it can hold.' },
  143: { name: 'DuplicateKey', text: 'This key signs for the wallet already.' },
  144: { name: 'NotAdmin', text: 'This signer is a session, which cannot be replaced.' },
  145: { name: 'TooManyPolicies', text: 'A signer has at most four policies.' },
  146: { name: 'PolicyInstallFailed', text: 'The policy refused to be installed.' },

  // Latchkey lists of calls, which the factory makes after a deployment
  250: { name: 'NoCalls', text: 'There are no calls to make.' },
  251: { name: 'TooManyCalls', text: 'At most 32 calls can be made at once.' },
  252: { name: 'OwnCall', text: 'A list of calls cannot call the contract that makes it.' },

  // Latchkey recovery with a delay
  260: { name: 'InvalidDelay', text: 'The recovery delay is 0, or longer than 366 days.' },
  261: { name: 'NotTheGuardian', text: 'This wallet has another guardian.' },
  262: { name: 'NoPendingRotation', text: 'There is no recovery to cancel or execute.' },
  263: { name: 'RotationNotYetExecutable', text: 'The delay of the recovery has not passed yet.' },
  264: { name: 'InvalidSuccessor', text: 'The wallet cannot be given this key, or has it already.' },
  265: { name: 'RotationExpired', text: 'This recovery was not executed in time. Ask for it again.' },
};

/** Reads the contract error number from a host error text such as "HostError: Error(Contract, #104) …". */
export function contractErrorNumber(hostError: string): number | null {
  const match = /Error\(Contract, #(\d+)\)/.exec(hostError);
  return match ? Number(match[1]) : null;
}
