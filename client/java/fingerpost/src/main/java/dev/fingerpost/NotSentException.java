package dev.fingerpost;

/** The answer is not a response: REFUSE, PASS or FORWARD. */
public final class NotSentException extends FingerpostException {
  private static final long serialVersionUID = 1;

  private final transient Decision decision;

  /**
   * For an answer that cannot be sent.
   *
   * @param decision says why
   */
  public NotSentException(Decision decision) {
    super(decision.outcome().name(), decision.message().isEmpty() ? decision.reason() : decision.message(), decision.reason(), java.util.List.of());
    this.decision = decision;
  }

  /**
   * The answer.
   *
   * @return says why
   */
  public Decision decision() {
    return decision;
  }
}
