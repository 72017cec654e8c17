package dev.fingerpost;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Finds the engine of this process. */
final class Openers {
  private static final Set<String> WARNED = ConcurrentHashMap.newKeySet();

  private Openers() {}

  /**
   * The engine: the native library where Java can call it, otherwise the module. The system property {@code fingerpost.engine}, {@code native} or {@code
   * module}, leaves no choice.
   *
   * @throws EngineException if there is none
   */
  static Opener load() {
    Object found = Found.ENGINE;
    if (found instanceof Opener opener) {
      return opener;
    }
    throw new EngineException(String.valueOf(found));
  }

  /** The engine, or why there is none, which is said once. */
  static Object found(Engine where) {
    try {
      return load();
    } catch (EngineException error) {
      if (where == Engine.LOCAL) {
        throw error;
      }
      String why = String.valueOf(error.getMessage());
      if (WARNED.add(why)) {
        Heard.LOG.log(System.Logger.Level.WARNING, "no answer is made in this process: " + why);
      }
      return why;
    }
  }

  static Object choose(@Nullable String kind) {
    String why = "";
    if (!"module".equals(kind)) {
      try {
        return new NativeEngine(NativeEngine.unpacked());
      } catch (EngineException error) {
        why = String.valueOf(error.getMessage());
      }
    }
    if (!"native".equals(kind)) {
      try {
        return new ModuleEngine();
      } catch (EngineException error) {
        why = (why.isEmpty() ? "" : why + "; ") + error.getMessage();
      }
    }
    return why;
  }

  private static final class Found {
    /** An Opener, or why there is none. */
    static final Object ENGINE = choose(System.getProperty("fingerpost.engine"));
  }
}
