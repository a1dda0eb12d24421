// The closed ledgers that are still known: those with a transaction, oldest first, and the latest one. Ledgers that
// closed empty in between are not kept. Beyond `MAX_LEDGERS` the oldest are forgotten.
import type { AppliedTransaction, ClosedLedger } from './closedLedger.ts';

export const MAX_LEDGERS = 10_000;

export type StoredTransaction = {
  readonly ledger: ClosedLedger;
  readonly transaction: AppliedTransaction;
  /** Its place in the ledger, from 1. */
  readonly applicationOrder: number;
};

export class History {
  #ledgers: ClosedLedger[] = [];
  #byHash = new Map<string, StoredTransaction>();
  #oldest: { sequence: number; closeTimeSeconds: number } | null = null;

  add(ledger: ClosedLedger): void {
    this.#oldest ??= ledger;
    this.#ledgers.push(ledger);
    ledger.transactions.forEach((transaction, index) => {
      const stored = { ledger, transaction, applicationOrder: index + 1 };
      for (const hash of hashesOf(transaction)) this.#byHash.set(hash, stored);
    });
    if (this.#ledgers.length <= MAX_LEDGERS) return;
    const forgotten = this.#ledgers.shift()!;
    for (const hash of forgotten.transactions.flatMap(hashesOf)) this.#byHash.delete(hash);
    this.#oldest = this.#ledgers[0]!;
  }

  /** A transaction by its hex hash; a fee bump is found by its inner hash too. */
  byTransactionHash(hash: string): StoredTransaction | undefined {
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

  get last(): ClosedLedger | undefined {
    return this.#ledgers.at(-1);
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

function hashesOf(transaction: AppliedTransaction): string[] {
  return transaction.innerHash ? [transaction.hash, transaction.innerHash] : [transaction.hash];
}
