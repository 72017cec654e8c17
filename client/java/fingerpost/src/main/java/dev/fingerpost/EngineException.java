package dev.fingerpost;

/** There is no engine that this process can use. */
public final class EngineException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  EngineException(String message) {
    super(message);
  }

  EngineException(String message, Throwable cause) {
    super(message, cause);
  }
}
