// Turns an address into the cuts of a key, so that a person's own wallet has a shape they come to know.
// Guarantees: the same address always gives the same cuts; every character takes part.
// It is an ornament and proves nothing: there are only 5^9 shapes and a look-alike is cheap to find, which is
// why the app shows it for the person's own wallet alone and never where an address has to be compared.

/** Number of cuts along the blade. */
export const BITTING_CUTS = 9;
/** Depths go from 0 (uncut) to this. */
export const BITTING_MAX_DEPTH = 4;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Depth of each cut, from the bow to the tip. */
export function keyBitting(address: string): number[] {
  return Array.from({ length: BITTING_CUTS }, (_, cut) => {
    let hash = FNV_OFFSET ^ cut;
    for (let i = 0; i < address.length; i++) hash = Math.imul(hash ^ address.charCodeAt(i), FNV_PRIME);
    return ((hash ^ (hash >>> 15)) >>> 0) % (BITTING_MAX_DEPTH + 1);
  });
}
