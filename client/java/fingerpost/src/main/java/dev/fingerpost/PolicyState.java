package dev.fingerpost;

/** Whose policy it is. */
public enum PolicyState {
  /** The service's: the process is told of each change. */
  READY,
  /** The last good one: the service cannot be reached. */
  STALE,
  /** There has been none yet. */
  NONE
}
