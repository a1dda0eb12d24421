// Tests that need a program which a machine may lack: there they are left out with a sentence, but in CI they fail.
import { describe } from 'vitest';

/** `describe`, or, where `missing` says what the machine lacks, the same left out. */
export function describeWith(missing: string | null): typeof describe | typeof describe.skip {
  if (missing === null) return describe;
  if (process.env.CI) throw new Error(missing);
  console.log(`Left out: ${missing}.`);
  return describe.skip;
}
