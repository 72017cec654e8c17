package dev.fingerpost;

import java.net.IDN;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.text.Normalizer;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Origins (RFC 6454 §4). The client compares them itself: nobody else decides whether a secret may travel. */
final class Origins {
  /** The authority ends where a URL parser ends it. A host with characters that parsers read differently ("\", "%", a second "@") has no origin. */
  private static final Pattern AUTHORITY =
      Pattern.compile(
          "(https?)://(?:[^/?#\\\\]*@)?(\\[[0-9a-f:.]+\\]|[^\\x00-\\x20/?#\\\\@:\\[\\]<>^|%\\x7f]+)(?::([0-9]{0,5}))?(?=[/?#]|\\z)", Pattern.CASE_INSENSITIVE);

  private static final Pattern NUMBER = Pattern.compile("[0-9]+|0x[0-9a-f]*");

  private Origins() {}

  /** Scheme, host and effective port in one spelling; null: it cannot be told. */
  static @Nullable String origin(String url) {
    Matcher parts = AUTHORITY.matcher(url);
    if (!parts.lookingAt()) {
      return null;
    }
    String host = host(parts.group(2));
    if (host == null) {
      return null;
    }
    String scheme = parts.group(1).toLowerCase(Locale.ROOT);
    String port = parts.group(3);
    int number = port == null || port.isEmpty() ? (scheme.equals("http") ? 80 : 443) : Integer.parseInt(port);
    return scheme + "://" + host + ":" + number;
  }

  /** Whether a secret of {@code url}'s origin may go to {@code other}: it is the same origin, or both are {@code trusted}. */
  static boolean same(String url, String other, Collection<String> trusted) {
    String one = origin(url);
    String two = origin(other);
    if (one == null || two == null) {
      return false;
    }
    List<@Nullable String> among = trusted.stream().<@Nullable String>map(Origins::origin).toList();
    return one.equals(two) || among.contains(one) && among.contains(two);
  }

  /** An address, or a domain in its ASCII form (URL Standard, "host parsing"). */
  private static @Nullable String host(String text) {
    try {
      if (text.startsWith("[")) {
        return "[" + InetAddress.getByName(text).getHostAddress() + "]";
      }
      String[] labels = Normalizer.normalize(text.toLowerCase(Locale.ROOT), Normalizer.Form.NFKC).replace('\u3002', '.').split("\\.", -1);
      String last = labels[labels.length - 1].isEmpty() && labels.length > 1 ? labels[labels.length - 2] : labels[labels.length - 1];
      if (NUMBER.matcher(last).matches()) { // "127.1" and "0x7f.1" are addresses, too.
        return address(labels);
      }
      for (int i = 0; i < labels.length; i++) {
        labels[i] = labels[i].chars().allMatch(c -> c < 128) ? labels[i] : IDN.toASCII(labels[i], IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
      }
      return String.join(".", labels);
    } catch (UnknownHostException | IllegalArgumentException none) {
      return null;
    }
  }

  /** One to four numbers, decimal, octal or hexadecimal; the last fills the rest. */
  private static @Nullable String address(String[] labels) {
    int parts = labels[labels.length - 1].isEmpty() ? labels.length - 1 : labels.length;
    if (parts < 1 || parts > 4) {
      return null;
    }
    long whole = 0;
    for (int i = 0; i < parts; i++) {
      long number = number(labels[i]);
      long most = i == parts - 1 ? 1L << (8 * (5 - parts)) : 256;
      if (number < 0 || number >= most) {
        return null;
      }
      whole += i == parts - 1 ? number : number << (8 * (3 - i));
    }
    return (whole >> 24 & 255) + "." + (whole >> 16 & 255) + "." + (whole >> 8 & 255) + "." + (whole & 255);
  }

  private static long number(String text) {
    try {
      if (text.startsWith("0x")) {
        return text.length() == 2 ? 0 : Long.parseLong(text.substring(2), 16);
      }
      return text.length() > 1 && text.startsWith("0") ? Long.parseLong(text, 8) : Long.parseLong(text);
    } catch (NumberFormatException none) {
      return -1;
    }
  }
}
