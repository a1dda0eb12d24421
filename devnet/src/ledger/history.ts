// The closed ledgers that are still known: those with a transaction, oldest first, and the latest one. Ledgers that
// closed empty in between are not kept. Beyond `MAX_LEDGERS` the oldest are forgotten.
import type { AppliedTransaction, ClosedLedger } from './closedLedger.ts';

export const MAX_LEDGERS = 10_000;

export class History {
  #ledgers: ClosedLedger[] = [];
  #byHash = new Map<string, ClosedLedger>();
  #oldest: { sequence: number; closeTimeSeconds: number } | null = null;

  add(ledger: ClosedLedger): void {
    this.#oldest ??= ledger;
    this.#ledgers.push(ledger);
    for (const hash of hashesOf(ledger.transaction)) this.#byHash.set(hash, ledger);
    if (this.#ledgers.length <= MAX_LEDGERS) return;
    const forgotten = this.#ledgers.shift()!;
    for (const hash of hashesOf(forgotten.transaction)) this.#byHash.delete(hash);
    this.#oldest = this.#ledgers[0]!;
  }

  /** The ledger that holds a transaction, by its hex hash; a fee bump is found by its inner hash too. */
  byTransactionHash(hash: string): ClosedLedger | undefined {
    return this.#byHash.get(hash);
  }

  /** Ledgers with `from <= sequence`, oldest first. */
  *from(sequence: number): Generator<ClosedLedger> {
    let low = 0;
    let high = this.#ledgers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ledgers[middle]!.sequence < sequence) low = middle + 1;
      else high = middle;
    }
    for (let index = low; index < this.#ledgers.length; index++) yield this.#ledgers[index]!;
  }

  get oldest(): { sequence: number; closeTimeSeconds: number } {
    return this.#oldest ?? { sequence: 0, closeTimeSeconds: 0 };
  }

  get size(): number {
    return this.#ledgers.length;
  }

  copy(): History {
    const copy = new History();
    copy.#ledgers = [...this.#ledgers];
    copy.#byHash = new Map(this.#byHash);
    copy.#oldest = this.#oldest;
    return copy;
  }
}

function hashesOf(transaction: AppliedTransaction | null): string[] {
  if (!transaction) return [];
  return transaction.innerHash ? [transaction.hash, transaction.innerHash] : [transaction.hash];
}
