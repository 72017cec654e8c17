package shop;

import dev.fingerpost.Redirect;
import dev.fingerpost.web.Flash;
import jakarta.servlet.http.HttpServletRequest;
import java.sql.SQLException;
import java.util.Map;
import java.util.UUID;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.web.context.WebServerInitializedEvent;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The example shop in Spring Boot (client/README.md, "The example shop"). */
@SpringBootApplication
@RestController
public class SpringShop {
  private final Orders orders = new Orders(System.getenv().getOrDefault("SHOP_DATABASE", "shop.sqlite"));

  /** The anti-pattern that Post/Redirect/Get avoids: the POST answers 200 with the page itself, and a reload orders again. */
  private final boolean antiPattern = "1".equals(System.getenv("SHOP_ANTI_PATTERN"));

  public static void main(String[] arguments) {
    SpringApplication.run(SpringShop.class, arguments);
  }

  @Bean
  ApplicationListener<WebServerInitializedEvent> started() {
    return started -> System.out.println("listening on http://127.0.0.1:" + started.getWebServer().getPort());
  }

  /** Encoded slashes reach the policy's rules as they were sent; Tomcat refuses them otherwise. */
  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> paths() {
    return factory ->
        factory.addConnectorCustomizers(
            connector -> {
              connector.setEncodedSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
              connector.setAllowBackslash(true);
            });
  }

  @GetMapping(path = "/", produces = MediaType.TEXT_HTML_VALUE)
  String home() throws SQLException {
    return Pages.home(orders.last());
  }

  @GetMapping(path = "/orders", produces = MediaType.TEXT_HTML_VALUE)
  String orders() throws SQLException {
    return Pages.orders(orders.all());
  }

  /** The order: 303 to its confirmation, which shows the message once. */
  @PostMapping("/orders")
  Object order(@RequestParam String item) throws SQLException {
    int number = orders.place(item);
    if (antiPattern) {
      return ResponseEntity.ok().contentType(MediaType.TEXT_HTML).body(Pages.confirmation(number, orders.item(number), "Order placed: " + item));
    }
    return Redirect.formResult("/orders/" + number + "/confirmation").flash("Order placed: " + item);
  }

  @GetMapping(path = "/orders/{number}/confirmation", produces = MediaType.TEXT_HTML_VALUE)
  String confirmation(@PathVariable int number, Flash flash) throws SQLException {
    return Pages.confirmation(number, orders.item(number), flash.text());
  }

  /** Destroy: 303, so that the browser does not repeat the DELETE at the list. */
  @DeleteMapping("/orders/{number}")
  Redirect destroy(@PathVariable int number) throws SQLException {
    orders.destroy(number);
    return Redirect.formResult("/orders");
  }

  /** Moved for a while (307) and for good (308): both keep the method and the content. */
  @PostMapping("/checkout")
  Redirect checkout() {
    return Redirect.temporaryMove("/orders");
  }

  @PostMapping("/cart")
  Redirect cart() {
    return Redirect.permanentMove("/orders");
  }

  /** The webhook: 307 keeps the event. Its sender is known to follow; most do not. */
  @PostMapping("/webhooks")
  Redirect webhook() {
    return Redirect.reroute("/v2/webhooks").redirectCapable();
  }

  @PostMapping(path = "/v2/webhooks", produces = MediaType.TEXT_PLAIN_VALUE)
  byte[] webhookV2(@RequestBody byte[] event) {
    return event;
  }

  /** The campaign: 302. */
  @GetMapping("/spring-sale")
  Redirect springSale() {
    return Redirect.campaign("/products?promo=spring");
  }

  @GetMapping(path = "/products", produces = MediaType.TEXT_HTML_VALUE)
  ResponseEntity<String> products(@RequestParam(defaultValue = "") String promo) {
    return ResponseEntity.ok().header("Vary", "Accept-Language").header("Cache-Control", "max-age=60").body(Pages.products(promo));
  }

  /** Where the visitor wants to go: 303, or 400 where that is not safe. */
  @PostMapping("/go")
  Redirect go(@RequestParam String next) {
    return Redirect.formResult(next);
  }

  /** Back to where a login came from: 303, never elsewhere. */
  @RequestMapping(path = "/back", method = {RequestMethod.GET, RequestMethod.POST})
  Redirect back(@RequestParam(required = false) String next) {
    return Redirect.back(next, "/orders");
  }

  /** The policy says where this leads. */
  @PostMapping("/thanks/{number}")
  Redirect thanks(@PathVariable int number) {
    return Redirect.named("order-placed", Map.of("id", String.valueOf(number)));
  }

  @GetMapping(path = "/login", produces = MediaType.TEXT_HTML_VALUE)
  String loginForm(@RequestParam(name = "redirect_uri", required = false) String redirectUri, @RequestParam(defaultValue = "") String state, HttpServletRequest request) {
    return Pages.login(redirectUri == null ? Pages.registered(request.getServerPort()).get(0) : redirectUri, state);
  }

  /** The OAuth login: 303, so that the password does not travel on. */
  @PostMapping("/login")
  Redirect login(@RequestParam("redirect_uri") String redirectUri, @RequestParam String state, HttpServletRequest request) {
    Map<String, String> answer = new java.util.LinkedHashMap<>();
    answer.put("code", UUID.randomUUID().toString());
    answer.put("state", state);
    return Redirect.authorizationResponse(redirectUri, Pages.registered(request.getServerPort()), answer);
  }

  @RequestMapping(path = "/callback", method = {RequestMethod.GET, RequestMethod.POST}, produces = MediaType.TEXT_HTML_VALUE)
  String callback(HttpServletRequest request) throws java.io.IOException {
    String query = request.getQueryString() == null ? "" : request.getQueryString();
    byte[] content = request.getInputStream().readAllBytes();
    return Pages.received(request.getMethod(), query, content);
  }
}
