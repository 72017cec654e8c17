package dev.fingerpost;

import dev.fingerpost.v1.DecideResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An answer to decide. If {@link #mustSend()}, write status, fields and body unchanged.
 *
 * @param outcome what to do
 * @param status 200 to 599 if it must be sent, otherwise 0
 * @param fields the response's; of an answer that is none, at most Vary, Cache-Control and Set-Cookie, which belong on the page (RFC 9110 §12.5.5)
 * @param reason the code's name without its prefix: {@code FORM_RESULT}; empty if it is unknown
 * @param source who answered
 * @param error why the service did not answer, with source {@link Source#FALLBACK}
 * @param raw the message as it came
 */
public record Decision(
    Outcome outcome, int status, List<Field> fields, String reason, Source source, @Nullable FingerpostException error, DecideResponse raw) {

  /**
   * Whether status, fields and body are the response.
   *
   * @return whether they are
   */
  public boolean mustSend() {
    return outcome == Outcome.REDIRECT || outcome == Outcome.RESPOND;
  }

  /**
   * The content of the response.
   *
   * @return text in UTF-8
   */
  public String body() {
    return raw.getBody();
  }

  /**
   * Where it leads.
   *
   * @return an absolute URL, or empty
   */
  public String target() {
    return raw.getTarget();
  }

  /**
   * Why, in a sentence.
   *
   * @return for people
   */
  public String message() {
    return raw.getReason().getMessage();
  }

  /**
   * The rule of the policy that answered.
   *
   * @return its id, or empty
   */
  public String rule() {
    return raw.getRule();
  }

  /**
   * The policy that answered.
   *
   * @return its version; empty without one
   */
  public String policyVersion() {
    return raw.getPolicyVersion();
  }

  /**
   * The first field of that name.
   *
   * @param name in any case
   * @return its value
   */
  public @Nullable String field(String name) {
    for (Field field : fields) {
      if (field.name().equalsIgnoreCase(name)) {
        return field.value();
      }
    }
    return null;
  }

  Decision because(FingerpostException why) {
    return new Decision(outcome, status, fields, reason, source, why, raw);
  }
}
