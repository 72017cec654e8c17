package dev.fingerpost.spring;

import dev.fingerpost.Decision;
import dev.fingerpost.Field;
import dev.fingerpost.v1.HttpRequest;
import dev.fingerpost.web.Web;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Requests and responses of the servlet API. */
final class Servlets {
  private Servlets() {}

  static HttpRequest request(Web web, HttpServletRequest request) {
    List<Field> lines = new ArrayList<>();
    for (String name : Collections.list(request.getHeaderNames())) {
      Collections.list(request.getHeaders(name)).forEach(value -> lines.add(new Field(name, value)));
    }
    String query = request.getQueryString();
    String url = Web.url(request.getScheme(), authority(request), request.getRequestURI(), query == null ? "" : query);
    return web.request(request.getMethod(), url, request.getProtocol(), lines);
  }

  private static String authority(HttpServletRequest request) {
    int port = request.getServerPort();
    boolean own = port <= 0 || port == (request.getScheme().equals("https") ? 443 : 80);
    return own ? request.getServerName() : request.getServerName() + ":" + port;
  }

  /** Writes an answer as it stands. */
  static void write(Decision decision, HttpServletResponse response) throws IOException {
    byte[] body = decision.body().getBytes(StandardCharsets.UTF_8);
    response.setStatus(decision.status());
    decision.fields().forEach(field -> response.addHeader(field.name(), field.value()));
    response.getOutputStream().write(body);
  }
}
