// Cuts a Stellar address into groups that an eye can compare, and makes the short form for lists.
// Guarantees: the groups joined are the address, character for character.
// It does not check the address: that is the SDK's work (StrKey version byte and CRC-16).

const GROUP_LENGTH = 4;
const SHORT_FORM_ENDS = 6;

/** The address in groups of four characters; a 56-character StrKey gives 14 groups. */
export function addressGroups(address: string): string[] {
  const groups: string[] = [];
  for (let start = 0; start < address.length; start += GROUP_LENGTH) {
    groups.push(address.slice(start, start + GROUP_LENGTH));
  }
  return groups;
}

/**
 * First and last six characters. For recognising an address one already knows, never for approving one:
 * addresses that share both ends are cheap to make.
 */
export function shortAddress(address: string): string {
  if (address.length <= 2 * SHORT_FORM_ENDS + 1) return address;
  return `${address.slice(0, SHORT_FORM_ENDS)}\u2026${address.slice(-SHORT_FORM_ENDS)}`;
}
