// Error numbers of the Latchkey contracts and of the Stellar asset contract, with a sentence for each. The ranges
// are disjoint, so that a number alone says who raised it; contracts.test.ts holds the table to the built contracts.

/** Name and sentence by number; names are those of the contracts' own specification. */
export const contractErrors: Record<number, { name: string; text: string }> = {
  6: { name: 'AccountMissing', text: 'The destination account does not exist on the network.' },
  10: { name: 'BalanceError', text: 'The wallet does not hold that much.' },
  11: { name: 'BalanceDeauthorized', text: 'The issuer of this token has frozen one of the balances.' },
  13: { name: 'TrustlineMissing', text: 'The destination account does not accept this token yet.' },
};

/** Reads the contract error number from a host error text such as "HostError: Error(Contract, #104) …". */
export function contractErrorNumber(hostError: string): number | null {
  const match = /Error\(Contract, #(\d+)\)/.exec(hostError);
  return match ? Number(match[1]) : null;
}
