package dev.fingerpost.spring;

import dev.fingerpost.Field;
import dev.fingerpost.FingerpostException;
import dev.fingerpost.web.Page;
import dev.fingerpost.web.Web;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.core.Ordered;
import org.springframework.web.filter.OncePerRequestFilter;

/** Asks the policy's rules before the application. It sends an answer that is a response; every other request goes on, and the answer's fields go on the page. */
public final class FingerpostFilter extends OncePerRequestFilter implements Ordered {
  /** After Spring's own filters for forwarded fields and encodings, before security. */
  public static final int ORDER = -110;

  private final Web web;

  /**
   * The filter.
   *
   * @param web the way to ask
   */
  public FingerpostFilter(Web web) {
    this.web = web;
  }

  @Override
  public int getOrder() {
    return ORDER;
  }

  @Override
  protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain) throws ServletException, IOException {
    boolean preflight = request.getHeader("Access-Control-Request-Method") != null;
    if (request.getHeader("Host") == null || !web.mayMatch(request.getMethod(), request.getRequestURI(), preflight)) {
      chain.doFilter(request, response);
      return;
    }
    Web.Answer answer;
    try {
      answer = web.rules(Servlets.request(web, request));
    } catch (FingerpostException error) {
      response.setHeader("Retry-After", String.valueOf(Web.RETRY_AFTER));
      response.sendError(Web.statusOf(error) == 503 ? 503 : 400, Web.UNAVAILABLE);
      return;
    }
    if (answer.mustSend() && answer.decision() != null) {
      Servlets.write(answer.decision(), response);
    } else {
      chain.doFilter(request, answer.added().isEmpty() ? response : new Added(response, answer.added()));
    }
  }

  /** A response with the answer's fields, whatever the page says of Vary and Cache-Control, and whenever. */
  private static final class Added extends HttpServletResponseWrapper {
    private final List<Field> added;
    private final Map<String, List<String>> page = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    Added(HttpServletResponse response, List<Field> added) {
      super(response);
      this.added = added;
      begin();
    }

    private void begin() {
      for (Field field : added) {
        if (field.name().equalsIgnoreCase("set-cookie")) {
          super.addHeader(field.name(), field.value());
        } else {
          merge(field.name());
        }
      }
    }

    private boolean isMerged(String name) {
      String lower = name.toLowerCase(Locale.ROOT);
      return (lower.equals("vary") || lower.equals("cache-control")) && added.stream().anyMatch(field -> field.name().equalsIgnoreCase(name));
    }

    private void merge(String name) {
      super.setHeader(name, Page.merged(name, page.getOrDefault(name, List.of()), added));
    }

    @Override
    public void setHeader(String name, String value) {
      if (!isMerged(name)) {
        super.setHeader(name, value);
        return;
      }
      page.put(name, new ArrayList<>(value == null ? List.of() : List.of(value)));
      merge(name);
    }

    @Override
    public void addHeader(String name, String value) {
      if (!isMerged(name)) {
        super.addHeader(name, value);
        return;
      }
      page.computeIfAbsent(name, one -> new ArrayList<>()).add(value);
      merge(name);
    }

    @Override
    public void reset() {
      super.reset();
      page.clear();
      begin();
    }
  }
}
