package dev.fingerpost.spring;

import dev.fingerpost.PolicyStatus;
import java.util.LinkedHashMap;
import java.util.Map;

/** What both versions tell of the policy. */
final class HealthDetails {
  private HealthDetails() {}

  static Map<String, Object> of(PolicyStatus status) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("policy", status.state().name());
    details.put("since", status.since().toString());
    details.put("version", status.version());
    details.put("problems", status.problems());
    return details;
  }
}
