package dev.fingerpost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpServer;
import dev.fingerpost.v1.FollowOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What java.net.http and OkHttp really send. */
class FollowingTest {
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private HttpServer one;
  private HttpServer two;
  private FakeClient client;

  @BeforeEach
  void start() throws IOException {
    client = new FakeClient();
    one = server("one");
    two = server("two");
  }

  @AfterEach
  void stop() {
    one.stop(0);
    two.stop(0);
    client.close();
  }

  private HttpServer server(String name) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          String authorization = exchange.getRequestHeaders().getFirst("Authorization");
          seen.add(name + " " + exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + new String(body) + " " + authorization);
          String[] asked = exchange.getRequestURI().getQuery() == null ? new String[0] : exchange.getRequestURI().getQuery().split("=", 2);
          if (asked.length == 2) {
            exchange.getResponseHeaders().add("Location", asked[1]);
          }
          byte[] content = "the end".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(asked.length > 0 ? Integer.parseInt(asked[0]) : 200, content.length);
          exchange.getResponseBody().write(content);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static String url(HttpServer server, String rest) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + rest;
  }

  /** The content and the status of the last response. */
  private String send(String library, String method, String url, String body, FollowOptions options) throws IOException, InterruptedException {
    if (library.equals("okhttp")) {
      OkHttpClient http = new OkHttpClient.Builder().followRedirects(false).followSslRedirects(false).addInterceptor(new FollowingInterceptor(client, options)).build();
      RequestBody content = body.isEmpty() ? null : RequestBody.create(body.getBytes(StandardCharsets.UTF_8));
      try (Response response = http.newCall(new Request.Builder().url(url).method(method, content).header("Authorization", "s3cret").build()).execute()) {
        return response.code() + " " + response.body().string();
      }
    }
    var content = body.isEmpty() ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body);
    var response =
        new FollowingHttpClient(HttpClient.newHttpClient(), client, options)
            .send(HttpRequest.newBuilder(URI.create(url)).method(method, content).header("Authorization", "s3cret").build(), BodyHandlers.ofString());
    return response.statusCode() + " " + response.body();
  }

  @ParameterizedTest
  @ValueSource(strings = {"jdk", "okhttp"})
  void secretsStayOnTheirOrigin(String library) throws Exception {
    assertEquals("200 the end", send(library, "GET", url(one, "/a?302=" + url(one, "/b?302=" + url(two, "/c"))), "", FollowOptions.getDefaultInstance()));
    assertEquals("one GET /b?302=" + url(two, "/c") + "  s3cret", seen.get(1));
    assertEquals("two GET /c  null", seen.get(2));
  }

  @ParameterizedTest
  @ValueSource(strings = {"jdk", "okhttp"})
  void methodAndContent(String library) throws Exception {
    send(library, "POST", url(one, "/a?307=/b"), "tea", FollowOptions.getDefaultInstance());
    send(library, "POST", url(one, "/a?303=/c"), "tea", FollowOptions.getDefaultInstance());
    assertEquals(List.of("one POST /b tea s3cret", "one GET /c  s3cret"), List.of(seen.get(1), seen.get(3)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"jdk", "okhttp"})
  void stops(String library) throws Exception {
    FollowOptions none = FollowOptions.getDefaultInstance();
    StoppedException loop = assertThrows(StoppedException.class, () -> send(library, "GET", url(one, "/a?302=/a?302=/a"), "", FollowOptions.newBuilder().setLimit(0).build()));
    assertEquals("LIMIT", loop.hop().stop());
    StoppedException scheme = assertThrows(StoppedException.class, () -> send(library, "GET", url(one, "/a?302=file:///etc/passwd"), "", none));
    assertEquals("SCHEME_NOT_ALLOWED", scheme.hop().stop());
    FollowOptions.Builder elsewhere = FollowOptions.newBuilder();
    elsewhere.getTargetsBuilder().addAllowedHosts("a.test");
    int before = seen.size();
    assertEquals("TARGET_NOT_ALLOWED", assertThrows(StoppedException.class, () -> send(library, "GET", url(one, "/"), "", elsewhere.build())).hop().stop());
    assertEquals(before, seen.size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"jdk", "okhttp"})
  void aResponseThatLeadsNowhereIsTheResult(String library) throws Exception {
    assertEquals("300 the end", send(library, "GET", url(one, "/a?300"), "", FollowOptions.getDefaultInstance()));
    assertEquals("304 ", send(library, "GET", url(one, "/a?304=/b"), "", FollowOptions.getDefaultInstance()).replace("the end", ""));
    assertEquals(2, seen.size());
  }
}
