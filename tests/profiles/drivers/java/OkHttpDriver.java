import java.net.CookieManager;
import okhttp3.OkHttp;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.java.net.cookiejar.JavaNetCookieJar;
import okio.BufferedSink;

/** OkHttp with its defaults. */
public final class OkHttpDriver implements Driver.Client {
  private final CookieManager jar = new CookieManager();
  private final OkHttpClient client;

  public OkHttpDriver() throws Exception {
    OkHttpClient.Builder builder = new OkHttpClient.Builder().sslSocketFactory(Driver.tls().getSocketFactory(), Driver.trust());
    client = (Driver.hasJar() ? builder.cookieJar(new JavaNetCookieJar(jar)) : builder).build();
  }

  @Override
  public String version() {
    return OkHttp.VERSION;
  }

  @Override
  public int send(Driver.Question question) throws Exception {
    jar.getCookieStore().removeAll();
    Request.Builder request = new Request.Builder().url(question.url);
    question.headers.forEach(field -> request.addHeader(field.get(0), field.get(1)));
    request.method(question.method, body(question));
    try (Response response = client.newCall(request.build()).execute()) {
      return response.code();
    }
  }

  private static RequestBody body(Driver.Question question) {
    byte[] octets = question.octets();
    if (octets == null) {
      // OkHttp insists on content for these.
      boolean required = java.util.Set.of("POST", "PUT", "PATCH", "QUERY").contains(question.method);
      return required ? RequestBody.create(new byte[0], null) : null;
    }
    if (!question.one_shot) {
      return RequestBody.create(octets, null);
    }
    return new RequestBody() {
      @Override
      public okhttp3.MediaType contentType() {
        return null;
      }

      @Override
      public boolean isOneShot() {
        return true;
      }

      @Override
      public void writeTo(BufferedSink sink) throws java.io.IOException {
        sink.write(octets);
      }
    };
  }
}
