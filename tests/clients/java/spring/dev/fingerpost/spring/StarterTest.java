package dev.fingerpost.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fingerpost.Client;
import dev.fingerpost.FakeClient;
import dev.fingerpost.FingerpostException;
import dev.fingerpost.OnError;
import dev.fingerpost.Redirect;
import dev.fingerpost.web.Flash;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The same application in Spring MVC and in WebFlux, asked over HTTP. */
class StarterTest {
  private static final String POLICY =
      """
      rules:
        - {id: blog, match: {path_prefix: /blog}, intent: {purpose: permanent_move, target: "/journal{rest}"}}
        - {id: page, match: {path: /page, fields: [{name: X-Requested-With, equals: never}]}, intent: {purpose: temporary_move, target: /elsewhere}}
      intents:
        order-placed: {intent: {purpose: form_result, target: "/orders/{id}"}, parameters: {id: {type: integer}}}
      """;

  @SpringBootConfiguration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @RestController
  static class Application {
    @Bean
    FakeClient client() {
      return new FakeClient(POLICY, OnError.RAISE);
    }

    @PostMapping("/orders")
    Redirect order() {
      return Redirect.formResult("/orders/7/confirmation").flash("Order placed: tea");
    }

    @PostMapping("/named")
    Redirect named() {
      return Redirect.named("order-placed", Map.of("id", "7"));
    }

    @PostMapping("/go")
    Redirect go(@RequestParam("next") String next) {
      return Redirect.formResult(next);
    }

    @PostMapping("/back")
    Redirect back(@RequestParam("next") String next) {
      return Redirect.back(next, "/orders");
    }

    @GetMapping("/flash")
    String flash(Flash flash) {
      return "[" + flash.text() + "]";
    }

    @GetMapping("/page")
    ResponseEntity<String> page() {
      return ResponseEntity.ok().header("Vary", "Accept-Language").header("Cache-Control", "max-age=60").body("the page");
    }
  }

  /** What Boot takes itself where it does not find Tomcat, which it prefers: its class in Boot 4 and 3. */
  private static Class<?> netty() throws ClassNotFoundException {
    try {
      return Class.forName("org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory");
    } catch (ClassNotFoundException error) {
      return Class.forName("org.springframework.boot.web.embedded.netty.NettyReactiveWebServerFactory");
    }
  }

  private static ConfigurableApplicationContext start(String kind) throws ClassNotFoundException {
    SpringApplicationBuilder application = kind.equals("NETTY") ? new SpringApplicationBuilder(Application.class, netty()) : new SpringApplicationBuilder(Application.class);
    return application
        .web(kind.equals("SERVLET") ? WebApplicationType.SERVLET : WebApplicationType.REACTIVE)
        .properties(
            "server.port=0",
            "server.address=127.0.0.1",
            "spring.main.banner-mode=off",
            "logging.level.root=error",
            "fingerpost.exempt=/actuator",
            "management.endpoint.health.show-details=always")
        .run();
  }

  private static HttpResponse<String> ask(ConfigurableApplicationContext application, String method, String path, String... headers) throws Exception {
    String port = application.getEnvironment().getProperty("local.server.port");
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
  }

  private static String field(HttpResponse<?> response, String name) {
    return String.join("|", response.headers().allValues(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"SERVLET", "REACTIVE", "NETTY"})
  void answers(String kind) throws Exception {
    try (ConfigurableApplicationContext application = start(kind)) {
      HttpResponse<String> order = ask(application, "POST", "/orders");
      assertEquals(List.of(303, "/orders/7/confirmation"), List.of(order.statusCode(), field(order, "Location")));
      assertTrue(field(order, "Set-Cookie").startsWith("flash=Order%20placed%3A%20tea;"), field(order, "Set-Cookie"));
      assertEquals("/orders/7", field(ask(application, "POST", "/named"), "Location"));
      HttpResponse<String> flash = ask(application, "GET", "/flash", "Cookie", "flash=Order%20placed%3A%20tea");
      assertEquals("[Order placed: tea]", flash.body());
      assertTrue(field(flash, "Set-Cookie").startsWith("flash=; Path=/; Max-Age=0;"));
      assertEquals("[]", ask(application, "GET", "/flash").body());
      assertEquals(List.of(308, "/journal/tea"), List.of(ask(application, "GET", "/blog/tea").statusCode(), field(ask(application, "GET", "/blog/tea"), "Location")));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"SERVLET", "REACTIVE", "NETTY"})
  void refusals(String kind) throws Exception {
    try (ConfigurableApplicationContext application = start(kind)) {
      assertEquals(400, ask(application, "POST", "/go?next=https://evil.test/").statusCode());
      assertEquals(303, ask(application, "POST", "/go?next=/inside").statusCode());
      assertEquals("/orders", field(ask(application, "POST", "/back?next=//evil.test/"), "Location"));
      assertEquals("/inside", field(ask(application, "POST", "/back?next=/inside"), "Location"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"SERVLET", "REACTIVE", "NETTY"})
  void aPageHasTheAnswersFieldsBesideItsOwn(String kind) throws Exception {
    try (ConfigurableApplicationContext application = start(kind)) {
      HttpResponse<String> page = ask(application, "GET", "/page");
      assertEquals(List.of(200, "the page"), List.of(page.statusCode(), page.body()));
      assertTrue(field(page, "Vary").startsWith("Accept-Language, "), field(page, "Vary"));
      assertEquals("max-age=60", field(page, "Cache-Control"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"SERVLET", "REACTIVE", "NETTY"})
  void anOutageIs503AndNever500(String kind) throws Exception {
    try (ConfigurableApplicationContext application = start(kind)) {
      application.getBean(FakeClient.class).error(new FingerpostException("UNAVAILABLE", "down"));
      for (int again = 0; again < 20; ++again) {
        for (String[] asked : new String[][] {{"POST", "/orders"}, {"POST", "/named"}, {"GET", "/page"}}) {
          HttpResponse<String> response = ask(application, asked[0], asked[1]);
          assertEquals(List.of(503, "5"), List.of(response.statusCode(), field(response, "Retry-After")));
          assertFalse(response.body().contains("down"), response.body());
        }
      }
      HttpResponse<String> health = ask(application, "GET", "/actuator/health");
      assertEquals(200, health.statusCode());
      assertTrue(health.body().contains("\"policy\":\"READY\""), health.body());
      assertEquals(1, application.getBean(MeterRegistry.class).get("fingerpost.policy").tag("state", "READY").gauge().value());
      assertEquals(0, application.getBean(MeterRegistry.class).get("fingerpost.fallbacks").functionCounter().count());
      assertEquals(1, application.getBeansOfType(Client.class).size());
    }
  }
}
