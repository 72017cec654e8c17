package dev.fingerpost.web;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A flash message. Anybody could have written it: escape it.
 *
 * @param text empty when there is none
 * @param clear the Set-Cookie line that clears it; empty when there is none
 */
public record Flash(String text, String clear) {
  /**
   * The flash message of a request.
   *
   * @param cookies the value of the request's cookie of a name, or null
   * @return a message, or one that is empty
   */
  public static Flash read(UnaryOperator<@Nullable String> cookies) {
    for (String name : new String[] {"__Host-flash", "flash"}) {
      String value = cookies.apply(name);
      if (value != null) {
        String secure = name.startsWith("__Host-") ? "Secure; " : "";
        return new Flash(text(value), name + "=; Path=/; Max-Age=0; " + secure + "HttpOnly; SameSite=Lax");
      }
    }
    return new Flash("", "");
  }

  private static String text(String value) {
    try {
      return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException notEncoded) { // Somebody else wrote it.
      return value;
    }
  }

  /** The text, so that a template shows it. */
  @Override
  public String toString() {
    return text;
  }
}
