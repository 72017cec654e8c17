package dev.fingerpost;

import java.io.IOException;

/** A redirect that must not be followed, or a first URL that must not be requested. */
public final class StoppedException extends IOException {
  private static final long serialVersionUID = 1;

  private final transient Hop hop;

  StoppedException(Hop hop) {
    super(hop.stop() + ": " + hop.message());
    this.hop = hop;
  }

  /**
   * Why it stopped.
   *
   * @return its {@code stop} and {@code message} say so
   */
  public Hop hop() {
    return hop;
  }
}
