package dev.fingerpost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.fingerpost.readme.Snippet;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The README's programs run, each as a process of its own, and print the README's output. The starter's tests run Spring's. */
class ReadmeTest {
  private static Service service;
  private static HttpServer shop;

  @BeforeAll
  static void start() throws IOException {
    service = new Service();
    shop = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    shop.createContext(
        "/",
        exchange -> {
          boolean moved = exchange.getRequestURI().getPath().equals("/spring-sale");
          exchange.getResponseHeaders().add("Location", "/products?promo=spring");
          exchange.sendResponseHeaders(moved ? 302 : 200, -1);
          exchange.close();
        });
    shop.start();
  }

  @AfterAll
  static void stop() {
    shop.stop(0);
    service.close();
  }

  private static List<Snippet> snippets() throws IOException {
    return Snippet.all("java").stream().filter(one -> !one.text().startsWith("package ")).toList();
  }

  static List<Snippet> programs() throws IOException {
    return snippets().stream().filter(one -> one.text().contains("void main(")).toList();
  }

  static List<Snippet> tests() throws IOException {
    return snippets().stream().filter(one -> !one.text().contains("void main(")).toList();
  }

  private static String here(String shown) {
    return shown
        .replace("127.0.0.1:50051", service.address)
        .replace("127.0.0.1:8000", "127.0.0.1:" + shop.getAddress().getPort())
        // On a busy machine the first answer may take longer than a web request would wait, and the start longer than a reader.
        .replace("ready(Duration.ofSeconds(20))", "ready(Duration.ofMinutes(10))")
        .replace("Transport.plaintext())", "Transport.plaintext()).timeout(java.time.Duration.ofSeconds(20))");
  }

  @ParameterizedTest
  @MethodSource("programs")
  void itPrints(Snippet shown, @TempDir Path folder) throws Exception {
    Snippet program = new Snippet(here(shown.text()), here(shown.prints()));
    program.compile(folder);
    File log = folder.resolve("log").toFile();
    Process running =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                folder + File.pathSeparator + System.getProperty("java.class.path"),
                program.name())
            .redirectError(log)
            .start();
    String printed = new String(running.getInputStream().readAllBytes());
    assertEquals(0, running.waitFor(), () -> text(log));
    assertTrue(!program.prints().isEmpty());
    assertEquals(program.prints(), printed, () -> text(log));
  }

  @ParameterizedTest
  @MethodSource("tests")
  void itPasses(Snippet shown, @TempDir Path folder) throws Exception {
    shown.compile(folder);
    int count = 0;
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      Class<?> test = loader.loadClass(shown.name());
      for (Method method : test.getDeclaredMethods()) {
        if (method.isAnnotationPresent(Test.class)) {
          Constructor<?> made = test.getDeclaredConstructor();
          made.setAccessible(true);
          method.setAccessible(true);
          method.invoke(made.newInstance());
          count++;
        }
      }
    }
    assertEquals(1, count);
  }

  @Test
  void nothingIsLeftOut() throws IOException {
    assertEquals(List.of("Ask", "Outage", "Fetch", "FetchWithOkHttp"), programs().stream().map(Snippet::name).toList());
    assertEquals(List.of("BlogTest"), tests().stream().map(Snippet::name).toList());
  }

  private static String text(File file) {
    try {
      return Files.readString(file.toPath());
    } catch (IOException error) {
      return error.toString();
    }
  }
}
