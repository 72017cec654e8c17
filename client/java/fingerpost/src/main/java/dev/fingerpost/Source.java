package dev.fingerpost;

/** Who gave the answer. */
public enum Source {
  /** The service. */
  SERVICE,
  /** The engine in this process, by the service's policy; for follow, by the same rules. */
  ENGINE,
  /** Nobody who knows the policy: the service does not answer. */
  FALLBACK
}
