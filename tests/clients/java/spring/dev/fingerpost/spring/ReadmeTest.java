package dev.fingerpost.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import dev.fingerpost.FakeClient;
import dev.fingerpost.readme.Snippet;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.io.DefaultResourceLoader;

/** The README's application, with the README's settings, asked over HTTP. */
class ReadmeTest {
  private static final Pattern ROW = Pattern.compile("^\\| `(GET|POST) (/\\S*)` \\| `(\\d+) (\\S+)` \\|$", Pattern.MULTILINE);
  private static final Pattern SETTINGS = Pattern.compile("^\\| `application.properties` \\| \\|\n\\|---\\|---\\|\n((?:\\|.*\n)*)", Pattern.MULTILINE);
  private static final Pattern NAME = Pattern.compile("`(fingerpost\\.|\\.)([\\w.-]+)`");

  private static List<Snippet> snippets() throws IOException {
    return Snippet.all("java").stream().filter(one -> one.text().startsWith("package ")).toList();
  }

  private static Snippet shop() throws IOException {
    return snippets().stream().filter(one -> one.name().equals("Shop")).findAny().orElseThrow();
  }

  private static boolean isOf(String kind, Snippet snippet) {
    return !snippet.text().contains(kind.equals("SERVLET") ? "ServerWebExchange" : "HttpServletRequest");
  }

  /** The application as its author starts it, on a free port. */
  private static SpringApplicationBuilder application(String kind, ClassLoader loader) throws Exception {
    Properties settings = new Properties();
    for (Snippet snippet : Snippet.all("properties")) {
      settings.load(new StringReader(snippet.text()));
    }
    return new SpringApplicationBuilder(new DefaultResourceLoader(loader), loader.loadClass("shop.Shop"))
        .web(WebApplicationType.valueOf(kind))
        .properties(settings)
        .properties("server.port=0", "server.address=127.0.0.1", "spring.main.banner-mode=off", "logging.level.root=error");
  }

  private static HttpResponse<String> ask(ConfigurableApplicationContext application, String method, String path, String... headers) throws Exception {
    URI url = URI.create("http://127.0.0.1:" + application.getEnvironment().getProperty("local.server.port") + path);
    HttpRequest.Builder request = HttpRequest.newBuilder(url).version(HttpClient.Version.HTTP_1_1).method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
  }

  private static String said(HttpResponse<String> response) {
    return response.statusCode() + " " + response.headers().firstValue("Location").orElse(response.body());
  }

  @ParameterizedTest
  @ValueSource(strings = {"SERVLET", "REACTIVE"})
  void theShopAnswers(String kind, @TempDir Path folder) throws Exception {
    for (Snippet snippet : snippets()) {
      if (isOf(kind, snippet)) {
        snippet.compile(folder);
      }
    }
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()});
        ConfigurableApplicationContext application = application(kind, loader).run()) {
      HttpResponse<String> placed = ask(application, "POST", "/orders");
      List<String> shown = Snippet.all("properties").get(0).prints().lines().toList();
      assertEquals(shown.get(0), "HTTP/1.1 " + placed.statusCode());
      for (String line : shown.subList(1, shown.size())) {
        String[] field = line.split(": ", 2);
        assertEquals(List.of(field[1]), placed.headers().allValues(field[0]));
      }
      String cookie = placed.headers().firstValue("Set-Cookie").orElseThrow().split(";", 2)[0];
      assertEquals("200 <p>Order placed</p>", said(ask(application, "GET", "/orders/7829/confirmation", "Cookie", cookie)));
      assertEquals("200 <p></p>", said(ask(application, "GET", "/orders/7829/confirmation")));

      List<MatchResult> rows = ROW.matcher(Snippet.readme()).results().toList();
      assertEquals(4, rows.size());
      for (MatchResult row : rows) {
        assertEquals(row.group(3) + " " + row.group(4), said(ask(application, row.group(1), row.group(2))));
      }

      assertEquals("308 /journal", said(ask(application, "GET", "/blog")));
      assertTrue(application.getBean(FakeClient.class).questions().size() >= 8);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"SERVLET", "REACTIVE"})
  void behindAProxy(String kind, @TempDir Path folder) throws Exception {
    shop().compile(folder);
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()});
        ConfigurableApplicationContext application =
            application(kind, loader)
                .initializers(
                    (GenericApplicationContext context) -> context.registerBean(FakeClient.class, () -> new FakeClient("defaults: {require_https: true}")))
                .run()) {
      String page = "/orders/7829/confirmation";
      String[] proxy = {"X-Forwarded-Proto", "https", "X-Forwarded-Host", "shop.example.com"};
      assertEquals("200 <p></p>", said(ask(application, "GET", page, proxy)));
      proxy[1] = "http";
      assertEquals("308 https://shop.example.com" + page, said(ask(application, "GET", page, proxy)));
      assertEquals(200, ask(application, "GET", "/actuator/health").statusCode());
    }
  }

  @Test
  void theTableHasEverySetting() throws IOException {
    Set<String> shown = new TreeSet<>();
    MatchResult table = SETTINGS.matcher(Snippet.readme()).results().findAny().orElseThrow();
    for (String row : table.group(1).lines().toList()) {
      NAME.matcher(row.split("\\|")[1]).results().forEach(name -> shown.add((name.group(1).length() > 1 ? "fingerpost." : "fingerpost.tls.") + name.group(2)));
    }
    Set<String> known = new TreeSet<>();
    for (URL file : Collections.list(ReadmeTest.class.getClassLoader().getResources("META-INF/spring-configuration-metadata.json"))) {
      try (InputStream in = file.openStream()) {
        for (JsonElement one : JsonParser.parseString(new String(in.readAllBytes(), StandardCharsets.UTF_8)).getAsJsonObject().getAsJsonArray("properties")) {
          String name = one.getAsJsonObject().get("name").getAsString();
          if (name.startsWith("fingerpost.")) {
            known.add(name);
          }
        }
      }
    }
    assertEquals(known, shown);
  }

  @Test
  void nothingIsLeftOut() throws IOException {
    assertEquals(List.of("Shop", "Login", "Login", "FakeFingerpost"), snippets().stream().map(Snippet::name).toList());
    assertEquals(2, Snippet.all("properties").size());
  }
}
