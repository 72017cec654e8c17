package dev.fingerpost;

/** What to do (see decide.proto). */
public enum Outcome {
  /** Send the answer, which redirects. */
  REDIRECT,
  /** Send the answer, which does not redirect. */
  RESPOND,
  /** Hand the request to another server. */
  FORWARD,
  /** Serve the page. */
  PASS,
  /** Send nothing: the wish is unsafe. */
  REFUSE
}
