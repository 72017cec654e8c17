package dev.fingerpost;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/** The circuit breaker: an outage costs a request microseconds, not its deadline (client/README.md). */
final class Breaker {
  static final int FAILURES_TO_OPEN = 5;
  static final long OPEN_NANOS = 1_000_000_000;

  private final LongSupplier clock;
  private int failures;
  private long closedAgain;

  Breaker(LongSupplier clock) {
    this.clock = clock;
  }

  /** Whether the next call may be made; while open, one call is let through each second. */
  synchronized boolean allows() {
    if (failures < FAILURES_TO_OPEN) {
      return true;
    }
    if (clock.getAsLong() - closedAgain < 0) {
      return false;
    }
    open(); // This call is the probe; the others wait for what it learns.
    return true;
  }

  /** The service answered, even if with an error about the question. */
  synchronized void answered() {
    failures = 0;
  }

  /** No answer. */
  synchronized void failed() {
    if (++failures >= FAILURES_TO_OPEN) {
      open();
    }
  }

  private void open() {
    closedAgain = clock.getAsLong() + OPEN_NANOS + ThreadLocalRandom.current().nextLong(OPEN_NANOS / 5);
  }
}
