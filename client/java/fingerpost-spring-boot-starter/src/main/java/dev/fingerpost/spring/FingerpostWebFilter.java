package dev.fingerpost.spring;

import dev.fingerpost.Field;
import dev.fingerpost.FingerpostException;
import dev.fingerpost.web.Page;
import dev.fingerpost.web.Web;
import java.util.List;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/** As {@link FingerpostFilter}, for WebFlux. The question is asked beside the event loop, because it may travel. */
public final class FingerpostWebFilter implements WebFilter, Ordered {
  private final Web web;

  /**
   * The filter.
   *
   * @param web the way to ask
   */
  public FingerpostWebFilter(Web web) {
    this.web = web;
  }

  @Override
  public int getOrder() {
    return FingerpostFilter.ORDER;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    ServerHttpRequest request = exchange.getRequest();
    boolean preflight = request.getHeaders().getFirst("Access-Control-Request-Method") != null;
    if (request.getURI().getRawAuthority() == null || !web.mayMatch(request.getMethod().name(), request.getURI().getRawPath(), preflight)) {
      return chain.filter(exchange);
    }
    return Reactives.beside(() -> web.rules(Reactives.request(web, request)))
        .onErrorMap(FingerpostException.class, error -> Reactives.failed(error, exchange))
        .flatMap(answer -> answered(answer, exchange, chain));
  }

  private static Mono<Void> answered(Web.Answer answer, ServerWebExchange exchange, WebFilterChain chain) {
    if (answer.mustSend() && answer.decision() != null) {
      return Reactives.write(answer.decision(), exchange);
    }
    List<Field> added = answer.added();
    if (!added.isEmpty()) {
      exchange.getResponse().beforeCommit(() -> Mono.fromRunnable(() -> add(exchange.getResponse().getHeaders(), added)));
    }
    return chain.filter(exchange);
  }

  private static void add(HttpHeaders page, List<Field> added) {
    for (Field field : added) {
      if (field.name().equalsIgnoreCase("set-cookie")) {
        page.add(field.name(), field.value());
      } else {
        page.set(field.name(), Page.merged(field.name(), page.getValuesAsList(field.name()), added));
      }
    }
  }
}
