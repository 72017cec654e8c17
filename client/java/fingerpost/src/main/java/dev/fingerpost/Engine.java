package dev.fingerpost;

/** Who answers. */
public enum Engine {
  /** The engine in this process as soon as it has the policy; until then, and for what the engine leaves to it, the service. */
  AUTO,
  /** The engine; the service is never asked. */
  LOCAL,
  /** The service. */
  REMOTE
}
