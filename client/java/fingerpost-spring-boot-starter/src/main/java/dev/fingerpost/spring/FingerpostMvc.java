package dev.fingerpost.spring;

import dev.fingerpost.FingerpostException;
import dev.fingerpost.Redirect;
import dev.fingerpost.web.Flash;
import dev.fingerpost.web.Web;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.core.MethodParameter;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.HandlerMethodReturnValueHandler;
import org.springframework.web.method.support.ModelAndViewContainer;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerAdapter;
import org.springframework.web.util.WebUtils;

/** Spring MVC: a controller returns a Redirect, and takes a Flash. */
final class FingerpostMvc implements WebMvcConfigurer, SmartInitializingSingleton {
  private final Web web;
  private final ObjectProvider<RequestMappingHandlerAdapter> adapters;

  FingerpostMvc(Web web, ObjectProvider<RequestMappingHandlerAdapter> adapters) {
    this.web = web;
    this.adapters = adapters;
  }

  @Override
  public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
    resolvers.add(new FlashResolver());
  }

  /** Before Spring's own, of which the first would write a Redirect as JSON in a RestController. */
  @Override
  public void afterSingletonsInstantiated() {
    adapters.forEach(
        adapter -> {
          List<HandlerMethodReturnValueHandler> handlers = new ArrayList<>();
          handlers.add(new Returned());
          handlers.addAll(Objects.requireNonNullElse(adapter.getReturnValueHandlers(), List.of()));
          adapter.setReturnValueHandlers(handlers);
        });
  }

  private final class Returned implements HandlerMethodReturnValueHandler {
    @Override
    public boolean supportsReturnType(MethodParameter type) {
      return Redirect.class.isAssignableFrom(type.getParameterType());
    }

    @Override
    @SuppressWarnings("NullAway")
    public void handleReturnValue(Object returned, MethodParameter type, ModelAndViewContainer container, NativeWebRequest webRequest) throws Exception {
      container.setRequestHandled(true);
      if (returned == null) {
        return;
      }
      HttpServletRequest request = Objects.requireNonNull(webRequest.getNativeRequest(HttpServletRequest.class));
      HttpServletResponse response = Objects.requireNonNull(webRequest.getNativeResponse(HttpServletResponse.class));
      try {
        Servlets.write(web.answer((Redirect) returned, Servlets.request(web, request)), response);
      } catch (FingerpostException error) {
        throw AnswerException.of(error);
      }
    }
  }

  private static final class FlashResolver implements HandlerMethodArgumentResolver {
    @Override
    public boolean supportsParameter(MethodParameter parameter) {
      return parameter.getParameterType() == Flash.class;
    }

    @Override
    public Object resolveArgument(MethodParameter parameter, ModelAndViewContainer container, NativeWebRequest webRequest, WebDataBinderFactory binders) {
      HttpServletRequest request = Objects.requireNonNull(webRequest.getNativeRequest(HttpServletRequest.class));
      HttpServletResponse response = Objects.requireNonNull(webRequest.getNativeResponse(HttpServletResponse.class));
      Flash flash =
          Flash.read(
              name -> {
                Cookie cookie = WebUtils.getCookie(request, name);
                return cookie == null ? null : cookie.getValue();
              });
      if (!flash.clear().isEmpty()) {
        response.addHeader("Set-Cookie", flash.clear());
      }
      return flash;
    }
  }
}
