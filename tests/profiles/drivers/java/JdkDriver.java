import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;

/** java.net.http with Redirect.NORMAL, or ALWAYS, over HTTP/1.1. */
public final class JdkDriver implements Driver.Client {
  private final CookieManager jar = new CookieManager();
  private final HttpClient client;

  public JdkDriver() throws Exception {
    HttpClient.Builder builder = HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .followRedirects(Driver.has("always") ? HttpClient.Redirect.ALWAYS : HttpClient.Redirect.NORMAL)
        .sslContext(Driver.tls());
    client = (Driver.hasJar() ? builder.cookieHandler(jar) : builder).build();
  }

  @Override
  public String version() {
    return "OpenJDK " + Runtime.version();
  }

  @Override
  public int send(Driver.Question question) throws Exception {
    jar.getCookieStore().removeAll();
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(question.url)).timeout(Duration.ofSeconds(8));
    question.headers.forEach(field -> request.header(field.get(0), field.get(1)));
    request.method(question.method, body(question));
    return client.send(request.build(), BodyHandlers.discarding()).statusCode();
  }

  private static BodyPublisher body(Driver.Question question) {
    byte[] octets = question.octets();
    if (octets == null) {
      return BodyPublishers.noBody();
    }
    if (!question.one_shot) {
      return BodyPublishers.ofByteArray(octets);
    }
    // Asked for the stream again, it has none.
    Iterator<InputStream> once = List.<InputStream>of(new ByteArrayInputStream(octets)).iterator();
    return BodyPublishers.ofInputStream(() -> once.hasNext() ? once.next() : null);
  }
}
