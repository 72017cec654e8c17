// The circuit breaker: an outage costs a request microseconds, not its deadline (client/README.md).

export const FAILURES_TO_OPEN = 5;
export const OPEN_MS = 1000;
const JITTER = 0.2;

export class Breaker {
  #failures = 0;
  #closedAgain = 0;

  /** `clock` counts milliseconds and is replaced in tests. */
  constructor(private readonly clock: () => number = () => performance.now()) {}

  /** Whether the next call may be made; while open, one call is let through each second. */
  allows(): boolean {
    if (this.#failures < FAILURES_TO_OPEN) return true;
    const now = this.clock();
    if (now < this.#closedAgain) return false;
    this.#open(now); // This call is the probe; the others wait for what it learns.
    return true;
  }

  /** The service answered, even if with an error about the question. */
  answered(): void {
    this.#failures = 0;
  }

  /** No answer. */
  failed(): void {
    this.#failures += 1;
    if (this.#failures >= FAILURES_TO_OPEN) this.#open(this.clock());
  }

  #open(now: number): void {
    this.#closedAgain = now + OPEN_MS * (1 + JITTER * Math.random());
  }
}
