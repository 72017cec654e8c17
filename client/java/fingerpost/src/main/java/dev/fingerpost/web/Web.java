package dev.fingerpost.web;

import static java.lang.System.Logger.Level.WARNING;

import com.google.protobuf.ByteString;
import dev.fingerpost.Client;
import dev.fingerpost.Decision;
import dev.fingerpost.Field;
import dev.fingerpost.FingerpostException;
import dev.fingerpost.NotSentException;
import dev.fingerpost.Outcome;
import dev.fingerpost.Redirect;
import dev.fingerpost.Source;
import dev.fingerpost.Violation;
import dev.fingerpost.v1.DecideRequest;
import dev.fingerpost.v1.Header;
import dev.fingerpost.v1.HttpRequest;
import dev.fingerpost.v1.Protocol;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** One application's way to ask. */
public final class Web {
  /** What adapters send of a request: enough for every rule of the core, nothing that identifies or authenticates a user. */
  private static final Set<String> SENT =
      Set.of(
          "accept",
          "access-control-request-method",
          "content-type",
          "hx-boosted",
          "hx-history-restore-request",
          "hx-request",
          "origin",
          "sec-fetch-mode",
          "turbo-frame",
          "upgrade",
          "x-inertia",
          "x-requested-with");

  /** For a visitor whose request is refused: 400. */
  public static final String REFUSED = "The request cannot be answered as it was sent.";

  /** For a visitor without an answer: 503. */
  public static final String UNAVAILABLE = "The service is not available at the moment.";

  /** Seconds: a reconnect waits no longer (client/README.md). */
  public static final int RETRY_AFTER = 5;

  /** Violations of these fields are a visitor's fault; all others are the program's. */
  private static final List<String> OF_THE_VISITOR =
      List.of("request", "parameters", "intent.target", "intent.flash", "intent.response_parameters", "intent.sticky_key");

  /** Refusals that the program's own modifiers cause. The target causes all others, and a visitor may have chosen it. */
  private static final Set<String> OWN_FAULTS = Set.of("PINNED_STATUS_CONTRADICTS", "FLASH_ON_PERMANENT");

  /** A path with dot segments is below no other path, because it may lead elsewhere. */
  private static final Pattern DOTS = Pattern.compile("(?:^|[/\\\\])(?:\\.|%2e){1,2}(?:[/\\\\]|$)", Pattern.CASE_INSENSITIVE);

  private static final System.Logger LOG = System.getLogger("fingerpost");

  private final Client client;
  private final Set<String> fields;
  private final List<String> exempt;

  /**
   * The way to ask.
   *
   * @param client who is asked
   * @param fields request fields that the policy's rules look at, beside those that are always sent
   * @param exempt paths that the rules never see, with everything below them
   */
  public Web(Client client, Collection<String> fields, Collection<String> exempt) {
    this.client = client;
    this.fields = new HashSet<>(SENT);
    fields.forEach(name -> this.fields.add(name.toLowerCase(Locale.ROOT)));
    this.exempt = exempt.stream().map(path -> path.endsWith("/") ? path.substring(0, path.length() - 1) : path).toList();
  }

  /**
   * A request as it is asked about.
   *
   * @param method the method
   * @param url the target URI, its path as sent
   * @param protocol {@code HTTP/1.1}
   * @param lines all field lines, one character for each octet
   * @return with the fields that are sent
   */
  public HttpRequest request(String method, String url, String protocol, Iterable<Field> lines) {
    HttpRequest.Builder request = HttpRequest.newBuilder().setMethod(method).setUrl(url);
    for (Field line : lines) {
      if (fields.contains(line.name().toLowerCase(Locale.ROOT))) {
        request.addHeaders(header(line));
      }
    }
    if (protocol.equals("HTTP/1.0")) {
      request.setProtocol(Protocol.PROTOCOL_HTTP_1_0);
    } else if (protocol.startsWith("HTTP/2")) {
      request.setProtocol(Protocol.PROTOCOL_HTTP_2);
    }
    return request.build();
  }

  private static Header header(Field line) {
    Header.Builder header = Header.newBuilder().setName(line.name());
    ByteString octets = ByteString.copyFrom(line.value(), StandardCharsets.ISO_8859_1);
    return (octets.isValidUtf8() ? header.setValue(octets.toStringUtf8()) : header.setRawValue(octets)).build();
  }

  /**
   * A target URI whose path is as it was sent.
   *
   * @param scheme http or https
   * @param authority host and, if it is not the scheme's own, port
   * @param path not decoded
   * @param query without "?", not decoded; empty if there is none
   * @return octets beyond visible ASCII are percent-encoded
   */
  public static String url(String scheme, String authority, String path, String query) {
    String text = scheme + "://" + authority + path + (query.isEmpty() ? "" : "?" + query);
    StringBuilder url = new StringBuilder(text.length());
    for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
      url.append(octet > ' ' && octet < 127 ? String.valueOf((char) octet) : String.format("%%%02X", octet & 255));
    }
    return url.toString();
  }

  /**
   * Whether the policy's rules may have an answer: not for CONNECT and TRACE, a CORS preflight, a path that is exempt, or without a host.
   *
   * @param method the method
   * @param path not decoded
   * @param preflight whether Access-Control-Request-Method is there
   * @return whether to ask
   */
  public boolean mayMatch(String method, String path, boolean preflight) {
    boolean passes = !DOTS.matcher(path).find() && exempt.stream().anyMatch(prefix -> path.equals(prefix) || path.startsWith(prefix + "/"));
    return !method.equals("CONNECT") && !method.equals("TRACE") && !(preflight && method.equals("OPTIONS")) && path.startsWith("/") && !passes;
  }

  /**
   * What the policy's rules say.
   *
   * @param request see {@link #request}
   * @return an answer that must be sent, or the fields that belong on the page
   * @throws FingerpostException if there is no answer; {@link #statusOf} makes a status of it
   */
  public Answer rules(HttpRequest request) {
    try {
      Decision decision = client.decide(DecideRequest.newBuilder().setRequest(request).build());
      return new Answer(decision.mustSend(), decision);
    } catch (FingerpostException error) {
      if (error.code().equals("INVALID_ARGUMENT")) { // The application answers it.
        return new Answer(false, null);
      }
      throw error;
    }
  }

  /**
   * What the rules said.
   *
   * @param mustSend whether it is the response
   * @param decision the answer; null: the service found the request wrong
   */
  public record Answer(boolean mustSend, @org.jspecify.annotations.Nullable Decision decision) {
    /**
     * The fields that belong on the page.
     *
     * @return at most Vary, Cache-Control and Set-Cookie
     */
    public List<Field> added() {
      return decision == null || mustSend ? List.of() : decision.fields();
    }
  }

  /**
   * The response to a wish.
   *
   * @param wish what is wished
   * @param request see {@link #request}
   * @return an answer that must be sent
   * @throws FingerpostException if there is none; {@link #statusOf} makes a status of it
   */
  public Decision answer(Redirect wish, HttpRequest request) {
    List<DecideRequest> questions = wish.questions(request);
    for (DecideRequest question : questions.subList(0, questions.size() - 1)) {
      try {
        return sendable(client.decide(question));
      } catch (FingerpostException error) {
        if (statusOf(error) != 400) {
          throw error;
        }
      }
    }
    return sendable(client.decide(questions.get(questions.size() - 1)));
  }

  private static Decision sendable(Decision decision) {
    if (!decision.mustSend()) {
      throw new NotSentException(decision);
    }
    return decision;
  }

  /**
   * What a visitor gets: 400 for an unsafe or wrong value of the visitor's own, 503 without an answer. The reason goes to the log.
   *
   * @param error why there is no answer
   * @return 400 or 503
   * @throws FingerpostException the same, when the program is wrong
   */
  public static int statusOf(FingerpostException error) {
    Decision decision = error instanceof NotSentException unsent ? unsent.decision() : null;
    boolean unsafe = decision != null && decision.outcome() == Outcome.REFUSE && !OWN_FAULTS.contains(decision.reason());
    if (unsafe || isOfTheVisitor(error) || error.tooLarge()) { // Only a visitor's values make a question too large.
      LOG.log(WARNING, "refused: " + error.getMessage());
      return 400;
    }
    if (decision != null ? decision.source() == Source.FALLBACK : !error.answered()) {
      LOG.log(WARNING, "no answer: " + error.getMessage());
      return 503;
    }
    throw error;
  }

  private static boolean isOfTheVisitor(FingerpostException error) {
    List<Violation> violations = error.violations();
    return error.code().equals("INVALID_ARGUMENT")
        && !violations.isEmpty()
        && violations.stream()
            .map(Violation::field)
            .allMatch(field -> OF_THE_VISITOR.stream().anyMatch(one -> field.equals(one) || field.startsWith(one + ".") || field.startsWith(one + "[")));
  }
}
