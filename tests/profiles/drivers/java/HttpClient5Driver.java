import java.io.ByteArrayInputStream;
import java.net.URI;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.cookie.BasicCookieStore;
import org.apache.hc.client5.http.impl.DefaultRedirectStrategy;
import org.apache.hc.client5.http.impl.LaxRedirectStrategy;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;
import org.apache.hc.core5.util.VersionInfo;

/** Apache HttpClient 5, classic, with its defaults, or LaxRedirectStrategy if it has that switch; a cookie store of its own for each request. */
public final class HttpClient5Driver implements Driver.Client {
  private final CloseableHttpClient client;

  public HttpClient5Driver() throws Exception {
    client = HttpClients.custom()
        .setRedirectStrategy(Driver.has("lax") ? LaxRedirectStrategy.INSTANCE : DefaultRedirectStrategy.INSTANCE)
        .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
            .setTlsSocketStrategy(new DefaultClientTlsStrategy(Driver.tls()))
            .build())
        .build();
  }

  @Override
  public String version() {
    return VersionInfo.loadVersionInfo("org.apache.hc.client5", getClass().getClassLoader()).getRelease();
  }

  @Override
  public int send(Driver.Question question) throws Exception {
    HttpUriRequestBase request = new HttpUriRequestBase(question.method, URI.create(question.url));
    question.headers.forEach(field -> request.addHeader(field.get(0), field.get(1)));
    byte[] octets = question.octets();
    if (octets != null) {
      request.setEntity(question.one_shot
          ? new InputStreamEntity(new ByteArrayInputStream(octets), null)
          : new ByteArrayEntity(octets, null));
    }
    HttpClientContext context = HttpClientContext.create();
    context.setCookieStore(new BasicCookieStore());
    return client.execute(request, context, response -> response.getCode());
  }
}
