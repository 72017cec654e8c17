package dev.fingerpost;

import static dev.fingerpost.FingerpostException.malformed;

import dev.fingerpost.v1.Change;
import dev.fingerpost.v1.DecideResponse;
import dev.fingerpost.v1.FollowResponse;
import dev.fingerpost.v1.Header;
import dev.fingerpost.v1.HttpRequest;
import dev.fingerpost.v1.ReasonCode;
import dev.fingerpost.v1.StopReason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** The answers, typed and checked (client/README.md, 5). */
final class Answers {
  /** The fields that an answer may add to the page when it is not itself a response. */
  private static final Set<String> OF_A_PAGE = Set.of("vary", "cache-control", "set-cookie");

  private static final String TOKEN = "!#$%&'*+-.^_`|~";
  private static final Pattern URL = Pattern.compile("https?://[^\\x00-\\x20\\x7f]+");

  private Answers() {}

  static Decision decision(DecideResponse answer, Source source) {
    if (hasControl(answer.getTarget()) || hasControl(answer.getClearCookie())) {
      throw malformed("target or clear_cookie has a control character");
    }
    Outcome outcome =
        switch (answer.getOutcome()) {
          case OUTCOME_REDIRECT -> Outcome.REDIRECT;
          case OUTCOME_RESPOND -> Outcome.RESPOND;
          case OUTCOME_FORWARD -> Outcome.FORWARD;
          case OUTCOME_REFUSE -> Outcome.REFUSE;
          default -> Outcome.PASS; // An unknown outcome, from a newer service, is PASS.
        };
    List<Field> fields = new ArrayList<>(answer.getHeadersCount());
    answer.getHeadersList().forEach(line -> fields.add(checked(line)));
    if (outcome == Outcome.REDIRECT || outcome == Outcome.RESPOND) {
      checkResponse(outcome, answer.getStatus(), fields);
    } else if (answer.getStatus() != 0 || fields.stream().anyMatch(field -> !OF_A_PAGE.contains(field.name().toLowerCase(Locale.ROOT)))) {
      throw malformed(outcome + " with a status or fields");
    }
    ReasonCode code = answer.getReason().getCode();
    String reason = code == ReasonCode.UNRECOGNIZED ? "" : code.name().substring("REASON_CODE_".length());
    return new Decision(outcome, answer.getStatus(), List.copyOf(fields), reason.equals("UNSPECIFIED") ? "" : reason, source, null, answer);
  }

  private static void checkResponse(Outcome outcome, int status, List<Field> fields) {
    List<Field> locations = fields.stream().filter(field -> field.name().equalsIgnoreCase("location")).toList();
    if (locations.stream().anyMatch(field -> field.value().isEmpty())) {
      throw malformed("an empty Location");
    }
    boolean redirect = status >= 300 && status <= 399;
    if (redirect != (outcome == Outcome.REDIRECT) || status < 200 || status > 599) {
      throw malformed(outcome + " with status " + status);
    }
    if (redirect && status != 300 && locations.size() != 1 || locations.size() > 1) {
      throw malformed(locations.size() + " Location fields");
    }
  }

  static Hop hop(FollowResponse answer, Source source) {
    if (answer.hasNext()) {
      HttpRequest next = answer.getNext();
      next.getHeadersList().forEach(Answers::checked);
      answer.getChangesList().stream().filter(Change::hasField).forEach(change -> checked(change.getField()));
      if (!isToken(next.getMethod())) {
        throw malformed("the next method is not a token");
      }
      if (!URL.matcher(next.getUrl()).matches()) {
        throw malformed("the next URL is not an http or https URL");
      }
      return new Hop(next, "", "", false, source, null, answer);
    }
    StopReason code = answer.getStop().getReason();
    boolean known = code != StopReason.UNRECOGNIZED && code != StopReason.STOP_REASON_UNSPECIFIED;
    String stop = known ? code.name().substring("STOP_REASON_".length()) : "UNKNOWN";
    return new Hop(null, stop, answer.getStop().getMessage(), answer.getStop().getError() || !answer.hasStop(), source, null, answer);
  }

  /** A field line's value, one character for each octet; empty when it is withheld. */
  static String octets(Header line) {
    if (line.getContentCase() == Header.ContentCase.RAW_VALUE) {
      return line.getRawValue().toString(StandardCharsets.ISO_8859_1);
    }
    String value = line.getValue();
    return value.chars().allMatch(c -> c < 128) ? value : new String(value.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  /** Refuses a field that could split a response. */
  private static Field checked(Header line) {
    String value = octets(line);
    if (!isToken(line.getName())) {
      throw malformed("a field name is not a token");
    }
    if (hasControl(value)) {
      throw malformed("the value of " + line.getName() + " has a control character");
    }
    return new Field(line.getName(), value);
  }

  static boolean hasControl(String text) {
    return text.chars().anyMatch(c -> c < 32 && c != '\t' || c == 127);
  }

  static boolean isToken(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || TOKEN.indexOf(c) >= 0);
  }
}
