package dev.fingerpost;

import com.google.protobuf.ByteString;
import dev.fingerpost.v1.Body;
import dev.fingerpost.v1.Chain;
import dev.fingerpost.v1.Change;
import dev.fingerpost.v1.ChangeKind;
import dev.fingerpost.v1.FollowOptions;
import dev.fingerpost.v1.FollowRequest;
import dev.fingerpost.v1.Header;
import dev.fingerpost.v1.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One request and the redirects that follow from it: the questions, and the changes of the real request. */
final class Hops {
  /** The response fields that Follow reads. Set-Cookie is not among them: the library keeps the cookies, so their values stay here. */
  private static final Set<String> READ = Set.of("location", "referrer-policy", "retry-after");

  private static final int NOT_MODIFIED = 304;

  private final Client client;
  private final FollowOptions options;
  private final Set<String> secrets;
  private @Nullable Chain chain;

  Hops(Client client, FollowOptions options) {
    this.client = client;
    this.options = options;
    this.secrets = Secrets.names(options.getSecretFieldsList());
  }

  /** Whether to ask. 304 answers a condition and leads nowhere (RFC 9110 §15.4.5). */
  static boolean isRedirect(int status) {
    return status >= 300 && status <= 399 && status != NOT_MODIFIED;
  }

  /** Whether the first URL may be requested. */
  void begin(String method, String url) throws StoppedException {
    if (options.hasTargets()) {
      Hop hop = client.follow(FollowRequest.newBuilder().setRequest(HttpRequest.newBuilder().setMethod(method).setUrl(url)).setOptions(options).setUnsent(true).build());
      if (hop.next() == null) {
        throw new StoppedException(hop);
      }
    }
  }

  Hop ask(String method, String url, List<Field> fields, Body body, int status, List<Field> response) {
    FollowRequest.Builder question = FollowRequest.newBuilder().setOptions(options);
    question.getRequestBuilder().setMethod(method).setUrl(url).setBody(body);
    fields.forEach(field -> question.getRequestBuilder().addHeaders(header(field)));
    question.getResponseBuilder().setStatus(status);
    response.stream().filter(field -> READ.contains(Secrets.lower(field.name()))).forEach(field -> question.getResponseBuilder().addHeaders(header(field)));
    if (chain != null) {
      question.setChain(chain);
    }
    return client.follow(question.build());
  }

  /** The fields of the next request. Whatever the options say, secrets stay on their origin and on the trusted ones. */
  List<Field> take(String url, List<Field> fields, Hop hop) {
    // The library keeps the cookies. If the chain had any, Cookie's value would travel to the service.
    chain = hop.chain().toBuilder().clearCookies().build();
    boolean stays = Origins.same(url, Objects.requireNonNull(hop.next()).getUrl(), options.getTrustedOriginsList());
    List<@Nullable Field> kept = new ArrayList<>();
    fields.forEach(field -> kept.add(stays || !secrets.contains(Secrets.lower(field.name())) ? field : null));
    List<Field> added = new ArrayList<>();
    for (Change change : hop.changes()) {
      boolean withheld = change.getField().getContentCase() == Header.ContentCase.CONTENT_NOT_SET; // The value does not change.
      switch (change.getKind()) {
        case CHANGE_KIND_FIELD_DROPPED -> kept.set(change.getIndex(), null);
        case CHANGE_KIND_FIELD_REWRITTEN -> {
          if (!withheld) {
            kept.set(change.getIndex(), field(change.getField()));
          }
        }
        case CHANGE_KIND_FIELD_ADDED -> {
          if (!withheld) {
            added.add(field(change.getField()));
          }
        }
        default -> {}
      }
    }
    List<Field> next = new ArrayList<>(kept.stream().filter(Objects::nonNull).map(Objects::requireNonNull).toList());
    next.addAll(added);
    return next;
  }

  static boolean dropsBody(Hop hop) {
    return hop.changes().stream().anyMatch(change -> change.getKind() == ChangeKind.CHANGE_KIND_BODY_DROPPED);
  }

  /** A stop: the library cannot request the next URL. */
  static StoppedException unusable(Hop hop, Exception why) {
    return new StoppedException(new Hop(null, "INVALID_LOCATION", "the next URL cannot be requested: " + why.getMessage(), true, hop.source(), hop.error(), hop.raw()));
  }

  private static Header header(Field field) {
    ByteString octets = ByteString.copyFrom(field.value(), StandardCharsets.ISO_8859_1);
    Header.Builder header = Header.newBuilder().setName(field.name());
    return (octets.isValidUtf8() ? header.setValue(octets.toStringUtf8()) : header.setRawValue(octets)).build();
  }

  private static Field field(Header header) {
    return new Field(header.getName(), Answers.octets(header));
  }
}
