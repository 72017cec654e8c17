package shop;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.web.util.HtmlUtils;

/** The shop's pages. */
final class Pages {
  private Pages() {}

  /** The redirect URIs that the OAuth client registered. */
  static List<String> registered(int port) {
    return List.of("http://127.0.0.1:" + port + "/callback", "http://localhost:" + port + "/callback");
  }

  static String home(int last) {
    return page("Shop", file("home.html").replace("$last", String.valueOf(last)));
  }

  /** The message comes from a cookie that anybody could have written: it is escaped. */
  static String confirmation(int number, String item, String flash) {
    String message = flash.isEmpty() ? "" : "<p id=\"flash\">" + escape(flash) + "</p>";
    return page("Thank you", message + "<p id=\"order\">Order " + number + ": " + escape(item) + "</p>");
  }

  static String orders(Map<Integer, String> orders) {
    String items = orders.entrySet().stream().map(one -> "<li>" + one.getKey() + ": " + escape(one.getValue()) + "</li>").collect(Collectors.joining());
    return page("Orders", "<ul id=\"orders\">" + items + "</ul>");
  }

  static String products(String promo) {
    return page("Products", "<p id=\"promo\">" + escape(promo) + "</p>");
  }

  static String login(String redirectUri, String state) {
    return page("Login", file("login.html").replace("$redirect_uri", escape(redirectUri)).replace("$state", escape(state)));
  }

  static String received(String method, String query, byte[] content) {
    String text = method + " " + query + " " + new String(content, StandardCharsets.UTF_8);
    return page("Callback", "<p id=\"received\">" + escape(text) + "</p>");
  }

  private static String page(String title, String content) {
    return "<!doctype html><html lang=en><meta charset=utf-8><title>" + title + "</title><h1>" + title + "</h1>" + content + "</html>";
  }

  private static String file(String name) {
    try (InputStream in = Pages.class.getResourceAsStream("/pages/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  private static String escape(String text) {
    return HtmlUtils.htmlEscape(text);
  }
}
