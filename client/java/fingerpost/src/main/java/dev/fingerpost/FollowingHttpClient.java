package dev.fingerpost;

import dev.fingerpost.v1.Body;
import dev.fingerpost.v1.FollowOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscribers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Safe following for java.net.http: Fingerpost decides each redirect. Secrets stay in the process: Authorization, Proxy-Authorization, Cookie and the declared
 * secret fields go to no other origin. The HttpClient keeps the cookies, as ever.
 */
public final class FollowingHttpClient {
  private final HttpClient http;
  private final Client client;
  private final FollowOptions options;

  /**
   * Under STRICT.
   *
   * @param http one that follows no redirects of its own, as it is by default
   * @param client decides
   */
  public FollowingHttpClient(HttpClient http, Client client) {
    this(http, client, FollowOptions.getDefaultInstance());
  }

  /**
   * With options.
   *
   * @param http one that follows no redirects of its own, as it is by default
   * @param client decides
   * @param options see FollowOptions in follow.proto
   */
  public FollowingHttpClient(HttpClient http, Client client, FollowOptions options) {
    if (http.followRedirects() != HttpClient.Redirect.NEVER) {
      throw new IllegalArgumentException("http: expected HttpClient.Redirect.NEVER");
    }
    this.http = http;
    this.client = client;
    this.options = options;
  }

  /**
   * Sends a request, and those that follow from it.
   *
   * @param <T> of the content
   * @param request the first
   * @param handler for the content of the last response
   * @return the last response
   * @throws StoppedException for a redirect that must not be followed
   * @throws IOException if a request fails
   * @throws InterruptedException if the thread is interrupted
   */
  public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler) throws IOException, InterruptedException {
    Hops hops = new Hops(client, options);
    hops.begin(request.method(), request.uri().toString());
    HttpRequest now = request;
    while (true) {
      HttpRequest sent = now;
      AtomicReference<@Nullable Hop> found = new AtomicReference<>();
      AtomicReference<@Nullable RuntimeException> failed = new AtomicReference<>();
      HttpResponse<T> response =
          http.send(
              sent,
              about -> {
                if (!Hops.isRedirect(about.statusCode())) {
                  return handler.apply(about);
                }
                try {
                  Hop hop = hops.ask(sent.method(), sent.uri().toString(), fields(sent.headers()), body(sent), about.statusCode(), fields(about.headers()));
                  found.set(hop);
                  return hop.next() == null && !hop.failed() ? handler.apply(about) : BodySubscribers.replacing(null);
                } catch (RuntimeException error) {
                  failed.set(error);
                  return BodySubscribers.replacing(null);
                }
              });
      RuntimeException error = failed.get();
      if (error != null) {
        throw error;
      }
      Hop hop = found.get();
      if (hop == null || hop.next() == null && !hop.failed()) {
        return response;
      }
      if (hop.next() == null) {
        throw new StoppedException(hop);
      }
      now = next(sent, hop, hops.take(sent.uri().toString(), fields(sent.headers()), hop));
    }
  }

  private static HttpRequest next(HttpRequest sent, Hop hop, List<Field> fields) throws StoppedException {
    var next = java.util.Objects.requireNonNull(hop.next());
    try {
      HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(next.getUrl()));
      BodyPublisher content = Hops.dropsBody(hop) ? BodyPublishers.noBody() : sent.bodyPublisher().orElse(BodyPublishers.noBody());
      builder.method(next.getMethod(), content).expectContinue(sent.expectContinue());
      sent.timeout().ifPresent(builder::timeout);
      sent.version().ifPresent(builder::version);
      fields.forEach(field -> builder.header(field.name(), field.value()));
      return builder.build();
    } catch (IllegalArgumentException unusable) {
      throw Hops.unusable(hop, unusable);
    }
  }

  private static Body body(HttpRequest request) {
    long length = request.bodyPublisher().map(BodyPublisher::contentLength).orElse(0L);
    return length == 0 ? Body.BODY_NONE : Body.BODY_REPLAYABLE;
  }

  private static List<Field> fields(HttpHeaders headers) {
    List<Field> fields = new ArrayList<>();
    headers.map().forEach((name, values) -> values.forEach(value -> fields.add(new Field(name, value))));
    return fields;
  }
}
