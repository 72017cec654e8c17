import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

/** reactor-netty's HttpClient with followRedirect(true). */
public final class ReactorNettyDriver implements Driver.Client {
  private final HttpClient client;

  public ReactorNettyDriver() throws Exception {
    SslContext tls = SslContextBuilder.forClient().trustManager(Driver.trust()).build();
    client = HttpClient.create().secure(spec -> spec.sslContext(tls)).followRedirect(true);
  }

  @Override
  public String version() {
    return HttpClient.class.getPackage().getImplementationVersion();
  }

  @Override
  public int send(Driver.Question question) throws Exception {
    HttpClient.RequestSender request = client
        .headers(fields -> question.headers.forEach(field -> fields.add(field.get(0), field.get(1))))
        .request(HttpMethod.valueOf(question.method))
        .uri(question.url);
    HttpClient.ResponseReceiver<?> response = question.content == null ? request : request.send(body(question));
    return response.response().map(answer -> answer.status().code()).block(Duration.ofSeconds(8));
  }

  private static Mono<ByteBuf> body(Driver.Question question) {
    AtomicBoolean asked = new AtomicBoolean();
    return Mono.fromSupplier(() -> {
      if (asked.getAndSet(true) && question.one_shot) {
        throw new IllegalStateException("the content is gone");
      }
      return Unpooled.wrappedBuffer(question.octets());
    });
  }
}
