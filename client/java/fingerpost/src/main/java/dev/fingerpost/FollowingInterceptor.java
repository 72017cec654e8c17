package dev.fingerpost;

import dev.fingerpost.v1.Body;
import dev.fingerpost.v1.FollowOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import okhttp3.Headers;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * Safe following for OkHttp: an application interceptor of a client with {@code followRedirects(false)}. Fingerpost decides each redirect; secrets stay in the
 * process. OkHttp keeps the cookies, as ever.
 */
public final class FollowingInterceptor implements Interceptor {
  private static final byte[] NOTHING = new byte[0];

  private final Client client;
  private final FollowOptions options;

  /**
   * Under STRICT.
   *
   * @param client decides
   */
  public FollowingInterceptor(Client client) {
    this(client, FollowOptions.getDefaultInstance());
  }

  /**
   * With options.
   *
   * @param client decides
   * @param options see FollowOptions in follow.proto
   */
  public FollowingInterceptor(Client client, FollowOptions options) {
    this.client = client;
    this.options = options;
  }

  @Override
  public Response intercept(Interceptor.Chain chain) throws IOException {
    Request request = chain.request();
    Hops hops = new Hops(client, options);
    hops.begin(request.method(), request.url().toString());
    while (true) {
      Response response = chain.proceed(request);
      if (!Hops.isRedirect(response.code())) {
        return response;
      }
      Hop hop;
      try {
        String url = request.url().toString();
        hop = hops.ask(request.method(), url, fields(request.headers()), body(request), response.code(), fields(response.headers()));
      } catch (RuntimeException error) {
        response.close();
        throw error;
      }
      if (hop.next() == null && !hop.failed()) {
        return response;
      }
      response.close();
      if (hop.next() == null) {
        throw new StoppedException(hop);
      }
      request = next(request, hop, hops.take(request.url().toString(), fields(request.headers()), hop));
    }
  }

  private static Request next(Request sent, Hop hop, List<Field> fields) throws StoppedException {
    var next = Objects.requireNonNull(hop.next());
    try {
      Headers.Builder headers = new Headers.Builder();
      fields.forEach(field -> headers.addUnsafeNonAscii(field.name(), field.value()));
      boolean mustHaveOne = List.of("POST", "PUT", "PATCH").contains(next.getMethod());
      RequestBody content = Hops.dropsBody(hop) ? (mustHaveOne ? RequestBody.create(NOTHING) : null) : sent.body();
      return sent.newBuilder().url(next.getUrl()).headers(headers.build()).method(next.getMethod(), content).build();
    } catch (IllegalArgumentException unusable) {
      throw Hops.unusable(hop, unusable);
    }
  }

  private static Body body(Request request) throws IOException {
    RequestBody body = request.body();
    if (body == null || body.contentLength() == 0) {
      return Body.BODY_NONE;
    }
    return body.isOneShot() || body.isDuplex() ? Body.BODY_ONE_SHOT : Body.BODY_REPLAYABLE;
  }

  private static List<Field> fields(Headers headers) {
    List<Field> fields = new ArrayList<>();
    for (int i = 0; i < headers.size(); i++) {
      fields.add(new Field(headers.name(i), headers.value(i)));
    }
    return fields;
  }
}
