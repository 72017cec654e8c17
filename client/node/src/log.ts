// Where the package says what an operator should know.

/** `console`, a Fastify log, pino, winston: what has `warn`. */
export interface Logger {
  warn(message: string): void;
}

/** Milliseconds between two lines of one kind. */
export const QUIET_MS = 10_000;

/** One line, and then none for a while, so that an outage does not flood the log. The next line counts those left out. */
export class SparingLog {
  #kept = 0;
  #quietUntil = -Infinity;

  /** `clock` counts milliseconds and is replaced in tests. */
  constructor(private readonly clock: () => number = () => performance.now()) {}

  warn(logger: Logger, message: string): void {
    const now = this.clock();
    if (now < this.#quietUntil) {
      this.#kept += 1;
      return;
    }
    logger.warn(`fingerpost: ${oneLine(message)}${this.#kept ? ` (and ${this.#kept} more like it)` : ""}`);
    this.#kept = 0;
    this.#quietUntil = now + QUIET_MS;
  }
}

/** Without control characters: a line of a log stays one. */
// eslint-disable-next-line no-control-regex
export const oneLine = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "?");
