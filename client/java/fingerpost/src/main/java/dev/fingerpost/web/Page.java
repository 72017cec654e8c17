package dev.fingerpost.web;

import dev.fingerpost.Field;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an answer adds to the fields of a page that passed: Vary and Cache-Control are merged, Set-Cookie is added. */
public final class Page {
  private static final Pattern DIRECTIVE = Pattern.compile("(?:[^\",]|\"(?:[^\"\\\\]|\\\\.)*\"?)+");

  /** The directives that "private" replaces (RFC 9111 §5.2.2). */
  private static final Set<String> SHARED = Set.of("public", "s-maxage", "private");

  private Page() {}

  /**
   * The one field that stands for the page's and the answer's.
   *
   * @param name Vary or Cache-Control
   * @param page the page's lines of that name
   * @param added the answer's fields
   * @return its value; the page's own lines, joined, if the answer adds none
   */
  public static String merged(String name, Collection<String> page, List<Field> added) {
    List<String> ours = added.stream().filter(field -> field.name().equalsIgnoreCase(name)).map(Field::value).toList();
    if (ours.isEmpty()) {
      return String.join(", ", page);
    }
    return name.equalsIgnoreCase("vary") ? vary(page, ours) : cacheControl(page, ours);
  }

  /** Each name once, whatever its case; "*" replaces all (RFC 9110 §12.5.5). */
  private static String vary(Collection<String> page, Collection<String> ours) {
    Map<String, String> names = new LinkedHashMap<>();
    List<String> lines = new ArrayList<>(page);
    lines.addAll(ours);
    for (String line : lines) {
      for (String name : line.split(",")) {
        if (!name.isBlank()) {
          names.putIfAbsent(name.strip().toLowerCase(Locale.ROOT), name.strip());
        }
      }
    }
    return names.containsKey("*") ? "*" : String.join(", ", names.values());
  }

  /** The stricter of two: no-store before private, and private before what the page lets shared caches do (RFC 9111 §5.2.2). */
  private static String cacheControl(Collection<String> page, Collection<String> added) {
    Map<String, String> own = directives(page);
    Map<String, String> ours = directives(added);
    if (ours.containsValue("no-store") && !own.containsValue("no-store")) {
      return String.join(", ", ours.keySet());
    }
    if (!ours.containsValue("private") || own.containsValue("no-store")) {
      return String.join(", ", own.isEmpty() ? ours.keySet() : own.keySet());
    }
    List<String> kept = new ArrayList<>(own.entrySet().stream().filter(one -> !SHARED.contains(one.getValue())).map(Map.Entry::getKey).toList());
    kept.add("private");
    return String.join(", ", kept);
  }

  /** Each directive as it stands, and its name. */
  private static Map<String, String> directives(Collection<String> lines) {
    Map<String, String> found = new LinkedHashMap<>();
    for (String line : lines) {
      for (Matcher one = DIRECTIVE.matcher(line); one.find(); ) {
        String text = one.group().strip();
        if (!text.isEmpty()) {
          found.put(text, text.split("=", 2)[0].strip().toLowerCase(Locale.ROOT));
        }
      }
    }
    return found;
  }
}
