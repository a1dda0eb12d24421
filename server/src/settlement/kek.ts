// Key encryption keys: what seals a managed account's seed before it is stored. An interface, so that a cloud's key
// service can stand behind it; ours keeps the keys of SETTLEMENT_KEY_KEK in memory. What is sealed is bound to associated
// data (the merchant and the address), so that a ciphertext moved to another row does not open.

/** A seed as it is stored. */
export type SealedSeed = { ciphertext: string; kekVersion: number };

export type KeyEncryption = {
  /** what new seeds are sealed under */
  readonly currentVersion: number;
  seal(secret: Uint8Array, associatedData: string): Promise<SealedSeed>;
  /** @throws LatchkeyError KEK_VERSION_MISSING, SEALED_SEED_DAMAGED */
  open(sealed: SealedSeed, associatedData: string): Promise<Uint8Array>;
  /** The same secret under the current version, without anybody seeing it. @throws as `open` */
  rewrap(sealed: SealedSeed, associatedData: string): Promise<SealedSeed>;
};

/** What a seed's ciphertext is bound to. */
export function seedAssociatedData(accountId: string, address: string): string {
  return `latchkey settlement seed\n${accountId}\n${address}`;
}
