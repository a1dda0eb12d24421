// Network time in Unix seconds: a clock that tells it, moved on or set by whoever travels in time. One close time can be
// ordered in advance: the next ledger gets exactly that, and time goes on from there. That ledgers never close before
// the one they follow is held by the ledger, not here.

export class NetworkClock {
  readonly #source: () => number;
  #aheadSeconds = 0;
  #nextCloseSeconds: number | null = null;

  constructor(source: () => number) {
    this.#source = source;
  }

  nowSeconds(): number {
    return Math.floor(this.#source()) + this.#aheadSeconds;
  }

  get aheadSeconds(): number {
    return this.#aheadSeconds;
  }

  /** When the next ledger has to close, if somebody ordered it. */
  get nextCloseSeconds(): number | null {
    return this.#nextCloseSeconds;
  }

  orderNextClose(seconds: number): void {
    this.#nextCloseSeconds = seconds;
  }

  /** A ledger closed: what was ordered for it is done with. */
  closed(): void {
    if (this.#nextCloseSeconds === null) return;
    this.#aheadSeconds = this.#nextCloseSeconds - Math.floor(this.#source());
    this.#nextCloseSeconds = null;
  }

  moveOn(seconds: number): void {
    this.#nextCloseSeconds = null;
    this.#aheadSeconds += seconds;
  }

  /** Goes back to how far ahead it once was. */
  setAhead(seconds: number): void {
    this.#nextCloseSeconds = null;
    this.#aheadSeconds = seconds;
  }

  /** Network time must not run behind a ledger that has closed. */
  catchUp(closeTimeSeconds: number): void {
    this.setAhead(Math.max(0, closeTimeSeconds - Math.floor(this.#source())));
  }
}
