package dev.fingerpost;

import java.time.Instant;
import java.util.List;

/**
 * What a client knows of its policy.
 *
 * @param state whose it is
 * @param since when the state began; for a policy from a file, when it was written
 * @param version as {@link Decision#policyVersion()}; empty without a policy
 * @param problems why a newer policy does not answer, or why there is none
 */
public record PolicyStatus(PolicyState state, Instant since, String version, List<String> problems) {
  /** Copies the list. */
  public PolicyStatus {
    problems = List.copyOf(problems);
  }
}
