package dev.fingerpost.spring;

import dev.fingerpost.Decision;
import dev.fingerpost.Field;
import dev.fingerpost.FingerpostException;
import dev.fingerpost.v1.HttpRequest;
import dev.fingerpost.web.Web;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Requests and responses of WebFlux. */
final class Reactives {
  private Reactives() {}

  static HttpRequest request(Web web, ServerHttpRequest request) {
    List<Field> lines = new ArrayList<>();
    request.getHeaders().forEach((name, values) -> values.forEach(value -> lines.add(new Field(name, value))));
    URI uri = request.getURI();
    String query = uri.getRawQuery();
    String url = Web.url(uri.getScheme(), uri.getRawAuthority(), uri.getRawPath(), query == null ? "" : query);
    return web.request(request.getMethod().name(), url, "HTTP/1.1", lines);
  }

  /**
   * Asks beside the event loop. Reactor's own subscribeOn and publishOn may interrupt their thread while it already writes what came of the answer, and Tomcat
   * then ends the connection.
   */
  static <T> Mono<T> beside(Supplier<T> question) {
    return Mono.fromFuture(() -> CompletableFuture.supplyAsync(question, Schedulers.boundedElastic()::schedule), true);
  }

  /** Boot's own error page takes the status of an exception, but not its fields. */
  static AnswerException failed(FingerpostException error, ServerWebExchange exchange) {
    AnswerException answer = AnswerException.of(error);
    answer.getHeaders().forEach((name, values) -> exchange.getResponse().getHeaders().put(name, values));
    return answer;
  }

  /** Writes an answer as it stands. */
  static Mono<Void> write(Decision decision, ServerWebExchange exchange) {
    var response = exchange.getResponse();
    response.setStatusCode(HttpStatusCode.valueOf(decision.status()));
    decision.fields().forEach(field -> response.getHeaders().add(field.name(), field.value()));
    byte[] body = decision.body().getBytes(StandardCharsets.UTF_8);
    return body.length == 0 ? response.setComplete() : response.writeWith(Mono.just(response.bufferFactory().wrap(body)));
  }
}
