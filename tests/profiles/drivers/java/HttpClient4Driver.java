import java.io.ByteArrayInputStream;
import java.net.URI;
import java.util.List;
import org.apache.http.client.methods.CloseableHttpResponse;
import org.apache.http.client.methods.HttpEntityEnclosingRequestBase;
import org.apache.http.client.methods.HttpRequestBase;
import org.apache.http.client.protocol.HttpClientContext;
import org.apache.http.conn.util.DomainType;
import org.apache.http.conn.util.PublicSuffixMatcher;
import org.apache.http.entity.ByteArrayEntity;
import org.apache.http.entity.InputStreamEntity;
import org.apache.http.impl.client.BasicCookieStore;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.HttpClients;
import org.apache.http.util.VersionInfo;

/** Apache HttpClient 4 with its defaults; a cookie store of its own for each request. */
public final class HttpClient4Driver implements Driver.Client {
  /** A request with any method and content. */
  private static final class WithContent extends HttpEntityEnclosingRequestBase {
    private final String method;

    WithContent(String method) {
      this.method = method;
    }

    @Override
    public String getMethod() {
      return method;
    }
  }

  /** A request with any method, without content. */
  private static final class WithoutContent extends HttpRequestBase {
    private final String method;

    WithoutContent(String method) {
      this.method = method;
    }

    @Override
    public String getMethod() {
      return method;
    }
  }

  private final CloseableHttpClient client;

  public HttpClient4Driver() throws Exception {
    // The tests' own top-level domain is a public suffix, as all those of its list are.
    PublicSuffixMatcher suffixes = new PublicSuffixMatcher(DomainType.ICANN, List.of("test"), null);
    client = HttpClients.custom().setSSLContext(Driver.tls()).setPublicSuffixMatcher(suffixes).build();
  }

  @Override
  public String version() {
    return VersionInfo.loadVersionInfo("org.apache.http.client", getClass().getClassLoader()).getRelease();
  }

  @Override
  public int send(Driver.Question question) throws Exception {
    HttpClientContext context = HttpClientContext.create();
    context.setCookieStore(new BasicCookieStore());
    try (CloseableHttpResponse response = client.execute(request(question), context)) {
      return response.getStatusLine().getStatusCode();
    }
  }

  private static HttpRequestBase request(Driver.Question question) {
    byte[] octets = question.octets();
    HttpRequestBase request;
    if (octets == null) {
      request = new WithoutContent(question.method);
    } else {
      WithContent enclosing = new WithContent(question.method);
      enclosing.setEntity(
          question.one_shot ? new InputStreamEntity(new ByteArrayInputStream(octets)) : new ByteArrayEntity(octets));
      request = enclosing;
    }
    request.setURI(URI.create(question.url));
    question.headers.forEach(field -> request.addHeader(field.get(0), field.get(1)));
    return request;
  }
}
