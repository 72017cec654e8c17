package dev.fingerpost;

import dev.fingerpost.v1.Chain;
import dev.fingerpost.v1.Change;
import dev.fingerpost.v1.FollowResponse;
import dev.fingerpost.v1.HttpRequest;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An answer to follow: {@code next} is the request to send, or {@code stop} says why there is none.
 *
 * @param next the request to send
 * @param stop the reason's name without its prefix: {@code LIMIT}; empty with {@code next}
 * @param message why it stops, for people
 * @param failed on a stop: the chain ended in an error, rather than with a response that is the result
 * @param source who answered
 * @param error why the service did not answer, with source {@link Source#FALLBACK}
 * @param raw the message, secrets restored
 */
public record Hop(
    @Nullable HttpRequest next, String stop, String message, boolean failed, Source source, @Nullable FingerpostException error, FollowResponse raw) {

  /**
   * How the next request differs.
   *
   * @return in the order in which they apply
   */
  public List<Change> changes() {
    return raw.getChangesList();
  }

  /**
   * What the next question needs to know of those before.
   *
   * @return its chain
   */
  public Chain chain() {
    return raw.getChain();
  }

  /**
   * How long the response asks to wait (Retry-After).
   *
   * @return zero if it does not ask
   */
  public Duration pause() {
    return Duration.ofSeconds(raw.getWait().getSeconds(), raw.getWait().getNanos());
  }

  Hop because(FingerpostException why) {
    return new Hop(next, stop, message, failed, source, why, raw);
  }
}
