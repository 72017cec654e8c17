package dev.fingerpost;

import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** How a fallback is heard: at most one log line in ten seconds, and the caller's hook for each (client/README.md). */
final class Heard {
  static final System.Logger LOG = System.getLogger("fingerpost");

  private final @Nullable Consumer<? super FingerpostException> hook;
  private final Rate rate;

  Heard(@Nullable Consumer<? super FingerpostException> hook, Rate rate) {
    this.hook = hook;
    this.rate = rate;
  }

  /** The service did not answer; the caller got a fallback. */
  void fellBack(FingerpostException error) {
    long many = rate.take();
    if (many > 0) {
      LOG.log(System.Logger.Level.WARNING, "Fingerpost did not answer (" + error.getMessage() + "); fallbacks since the last such line: " + many);
    }
    if (hook == null) {
      return;
    }
    try {
      hook.accept(error);
    } catch (RuntimeException failed) { // Counting must not fail the request.
      LOG.log(System.Logger.Level.ERROR, "onFallback failed", failed);
    }
  }

  /** Lets one through in ten seconds. */
  static final class Rate {
    static final long NANOS = 10_000_000_000L;

    private final LongSupplier clock;
    private boolean used;
    private long next;
    private long waiting;

    Rate(LongSupplier clock) {
      this.clock = clock;
    }

    /** How many there were since the last that was let through, this one included; 0 if this one is held back. */
    synchronized long take() {
      waiting++;
      if (used && clock.getAsLong() - next < 0) {
        return 0;
      }
      used = true;
      next = clock.getAsLong() + NANOS;
      long found = waiting;
      waiting = 0;
      return found;
    }
  }
}
