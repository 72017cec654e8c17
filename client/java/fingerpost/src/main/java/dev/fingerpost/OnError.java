package dev.fingerpost;

/** What a caller gets when nobody answers. */
public enum OnError {
  /** An answer without the policy, marked {@link Source#FALLBACK}. */
  FALLBACK,
  /** The error, in every case (fail closed). */
  RAISE
}
