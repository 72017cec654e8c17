package dev.fingerpost.spring;

import dev.fingerpost.FingerpostException;
import dev.fingerpost.Redirect;
import dev.fingerpost.web.Flash;
import dev.fingerpost.web.Web;
import org.springframework.core.MethodParameter;
import org.springframework.core.Ordered;
import org.springframework.core.ResolvableType;
import org.springframework.http.HttpCookie;
import org.springframework.web.reactive.BindingContext;
import org.springframework.web.reactive.HandlerResult;
import org.springframework.web.reactive.HandlerResultHandler;
import org.springframework.web.reactive.config.WebFluxConfigurer;
import org.springframework.web.reactive.result.method.HandlerMethodArgumentResolver;
import org.springframework.web.reactive.result.method.annotation.ArgumentResolverConfigurer;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** WebFlux: a controller returns a Redirect or a Mono of one, and takes a Flash. */
final class FingerpostWebFlux implements WebFluxConfigurer, HandlerResultHandler, Ordered {
  private final Web web;

  FingerpostWebFlux(Web web) {
    this.web = web;
  }

  /** Before Spring's own, which would write a Redirect as JSON in a RestController. */
  @Override
  public int getOrder() {
    return 0;
  }

  @Override
  public boolean supports(HandlerResult result) {
    ResolvableType type = result.getReturnType();
    return Redirect.class.isAssignableFrom(type.toClass()) || Mono.class.isAssignableFrom(type.toClass()) && type.getGeneric().toClass() == Redirect.class;
  }

  @Override
  public Mono<Void> handleResult(ServerWebExchange exchange, HandlerResult result) {
    Object returned = result.getReturnValue();
    Mono<?> wish = returned instanceof Mono<?> mono ? mono : Mono.justOrEmpty(returned);
    return wish.cast(Redirect.class)
        .flatMap(one -> Reactives.beside(() -> web.answer(one, Reactives.request(web, exchange.getRequest()))))
        .onErrorMap(FingerpostException.class, error -> Reactives.failed(error, exchange))
        .flatMap(decision -> Reactives.write(decision, exchange));
  }

  @Override
  public void configureArgumentResolvers(ArgumentResolverConfigurer resolvers) {
    resolvers.addCustomResolver(new FlashResolver());
  }

  private static final class FlashResolver implements HandlerMethodArgumentResolver {
    @Override
    public boolean supportsParameter(MethodParameter parameter) {
      return parameter.getParameterType() == Flash.class;
    }

    @Override
    public Mono<Object> resolveArgument(MethodParameter parameter, BindingContext context, ServerWebExchange exchange) {
      Flash flash =
          Flash.read(
              name -> {
                HttpCookie cookie = exchange.getRequest().getCookies().getFirst(name);
                return cookie == null ? null : cookie.getValue();
              });
      if (!flash.clear().isEmpty()) {
        exchange.getResponse().getHeaders().add("Set-Cookie", flash.clear());
      }
      return Mono.just(flash);
    }
  }
}
