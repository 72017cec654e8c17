import java.io.ByteArrayInputStream;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.InputStreamRequestContent;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** Jetty's client with its defaults, and an empty cookie store at each request. */
public final class JettyDriver implements Driver.Client {
  private final HttpClient client = new HttpClient();

  public JettyDriver() throws Exception {
    SslContextFactory.Client tls = new SslContextFactory.Client();
    tls.setSslContext(Driver.tls());
    client.setSslContextFactory(tls);
    client.start();
  }

  @Override
  public String version() {
    return HttpClient.class.getPackage().getImplementationVersion();
  }

  @Override
  public int send(Driver.Question question) throws Exception {
    client.getHttpCookieStore().clear();
    Request request = client.newRequest(URI.create(question.url)).method(question.method).timeout(8, TimeUnit.SECONDS);
    request.headers(fields -> question.headers.forEach(field -> fields.add(field.get(0), field.get(1))));
    byte[] octets = question.octets();
    if (octets != null) {
      request.body(question.one_shot
          ? new InputStreamRequestContent(new ByteArrayInputStream(octets))
          : new BytesRequestContent(octets));
    }
    return request.send().getStatus();
  }
}
