package dev.fingerpost;

import static dev.fingerpost.FingerpostException.malformed;

import dev.fingerpost.v1.Change;
import dev.fingerpost.v1.ChangeKind;
import dev.fingerpost.v1.FollowRequest;
import dev.fingerpost.v1.FollowResponse;
import dev.fingerpost.v1.Header;
import dev.fingerpost.v1.Profile;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Secrets stay where they are (client/README.md, 6): the service sees that a field exists, but never its value. */
final class Secrets {
  /** Everything before the last "@" of the authority, as a URL parser finds it (URL Standard, 4.4). */
  private static final Pattern USERINFO = Pattern.compile("^([^:/\\\\?#]*:[/\\\\]*)([^/\\\\?#]+)@");

  private Secrets() {}

  /** The fields that do not leave their origin, in lower case (RFC 9110 §11.6.2, §11.7.2). */
  static Set<String> names(Collection<String> declared) {
    Set<String> names = new HashSet<>(Set.of("authorization", "proxy-authorization", "cookie"));
    declared.forEach(name -> names.add(lower(name)));
    return names;
  }

  /** The question as it travels. */
  static FollowRequest withheld(FollowRequest question) {
    Set<String> secret = names(question.getOptions().getSecretFieldsList());
    // The service needs Cookie's value only to join it with the cookies that it keeps.
    boolean keepsCookies =
        question.getChain().getCookiesCount() > 0 || question.getResponse().getHeadersList().stream().anyMatch(line -> lower(line.getName()).equals("set-cookie"));
    if (keepsCookies && question.getOptions().getSecretFieldsList().stream().noneMatch(name -> lower(name).equals("cookie"))) {
      secret.remove("cookie");
    }
    if (!question.hasRequest()) {
      return question;
    }
    FollowRequest.Builder sent = question.toBuilder();
    // "-" for a user name and a password: the service learns that they were there.
    sent.getRequestBuilder().setUrl(USERINFO.matcher(question.getRequest().getUrl()).replaceFirst("$1-@"));
    for (int i = 0; i < question.getRequest().getHeadersCount(); i++) {
      if (secret.contains(lower(question.getRequest().getHeaders(i).getName()))) {
        sent.getRequestBuilder().getHeadersBuilder(i).clearContent();
      }
    }
    return sent.build();
  }

  /**
   * The answer with the values that its fields had, as its changes say, and with those of an Authorization that a profile makes of the URL's userinfo, on the
   * same origin.
   *
   * @throws FingerpostException for changes of fields that do not exist, and for an answer that would take a secret to another origin
   */
  static FollowResponse putBack(FollowRequest question, FollowResponse answer) {
    FollowResponse.Builder restored = answer.toBuilder();
    String url = question.getRequest().getUrl();
    String basic = answer.hasNext() && Origins.same(url, answer.getNext().getUrl(), Set.of()) ? basic(url) : "";
    boolean addsBasic = false;
    Set<Integer> gone = new HashSet<>();
    for (int i = 0; i < answer.getChangesCount(); i++) {
      Change change = answer.getChanges(i);
      ChangeKind kind = change.getKind();
      if (kind == ChangeKind.CHANGE_KIND_FIELD_ADDED && !basic.isEmpty() && isWithheldBasic(change.getField())) {
        restored.getChangesBuilder(i).getFieldBuilder().setValue(basic);
        addsBasic = true;
      }
      if (kind != ChangeKind.CHANGE_KIND_FIELD_DROPPED && kind != ChangeKind.CHANGE_KIND_FIELD_REWRITTEN) {
        continue;
      }
      if (change.getIndex() < 0 || change.getIndex() >= question.getRequest().getHeadersCount()) {
        throw malformed("a change of a field that does not exist");
      }
      if (kind == ChangeKind.CHANGE_KIND_FIELD_DROPPED || hasContent(change.getField())) {
        gone.add(change.getIndex());
      }
    }
    if (!answer.hasNext()) {
      return restored.build();
    }
    Map<String, Deque<Header>> kept = new HashMap<>();
    for (int i = 0; i < question.getRequest().getHeadersCount(); i++) {
      if (!gone.contains(i)) {
        Header line = question.getRequest().getHeaders(i);
        kept.computeIfAbsent(lower(line.getName()), name -> new ArrayDeque<>()).add(line);
      }
    }
    requireAtHome(question, answer, kept.keySet());
    for (int i = 0; i < answer.getNext().getHeadersCount(); i++) {
      Header line = answer.getNext().getHeaders(i);
      Deque<Header> values = kept.getOrDefault(lower(line.getName()), new ArrayDeque<>());
      if (!values.isEmpty() && !hasContent(line)) {
        restored.getNextBuilder().getHeadersBuilder(i).mergeFrom(values.remove());
      } else if (addsBasic && isWithheldBasic(line)) {
        restored.getNextBuilder().getHeadersBuilder(i).setValue(basic);
      }
    }
    return restored.build();
  }

  /** A caller that names another client's profile wants to learn what that client would do; under our own rules no secret leaves. */
  private static void requireAtHome(FollowRequest question, FollowResponse answer, Set<String> kept) {
    Profile profile = question.getOptions().getProfile();
    boolean ours = profile == Profile.PROFILE_UNSPECIFIED || profile == Profile.PROFILE_STRICT;
    if (!ours || Origins.same(question.getRequest().getUrl(), answer.getNext().getUrl(), question.getOptions().getTrustedOriginsList())) {
      return;
    }
    Set<String> leaving = new TreeSet<>(names(question.getOptions().getSecretFieldsList()));
    leaving.retainAll(kept);
    if (!leaving.isEmpty()) {
      throw malformed(String.join(", ", leaving) + " would leave the origin");
    }
  }

  private static boolean hasContent(Header line) {
    return line.getContentCase() != Header.ContentCase.CONTENT_NOT_SET;
  }

  /** For userinfo that the service never saw, it adds a field without a value. */
  private static boolean isWithheldBasic(Header line) {
    return !hasContent(line) && lower(line.getName()).equals("authorization");
  }

  /** The Basic credentials that a client makes of its URL's userinfo (RFC 7617), percent-decoded; empty without one. */
  private static String basic(String url) {
    Matcher found = USERINFO.matcher(url);
    if (!found.find()) {
      return "";
    }
    int colon = found.group(2).indexOf(':');
    String user = colon < 0 ? found.group(2) : found.group(2).substring(0, colon);
    String password = colon < 0 ? "" : found.group(2).substring(colon + 1);
    ByteArrayOutputStream octets = new ByteArrayOutputStream();
    octets.writeBytes(unquoted(user));
    octets.write(':');
    octets.writeBytes(unquoted(password));
    return "Basic " + Base64.getEncoder().encodeToString(octets.toByteArray());
  }

  static byte[] unquoted(String text) {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream decoded = new ByteArrayOutputStream();
    for (int i = 0; i < octets.length; i++) {
      int high = octets[i] == '%' && i + 2 < octets.length ? Character.digit(octets[i + 1], 16) : -1;
      int low = high < 0 ? -1 : Character.digit(octets[i + 2], 16);
      decoded.write(low < 0 ? octets[i] : high << 4 | low);
      i += low < 0 ? 0 : 2;
    }
    return decoded.toByteArray();
  }

  static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
