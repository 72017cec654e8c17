package dev.fingerpost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the contract's rows do not see from outside. */
class ClientTest {
  private static final String URL = "https://shop.example.com/orders";

  @Test
  void textThatIsNotUnicodeIsNoOutage() {
    try (FakeClient client = new FakeClient()) {
      FingerpostException error = assertThrows(FingerpostException.class, () -> client.decide(Redirect.formResult("/\ud800").flash("\udc00").on("POST", URL)));
      assertEquals("INVALID_ARGUMENT", error.code());
      assertEquals(List.of("intent.target", "intent.flash.text"), error.violations().stream().map(Violation::field).toList());
      assertTrue(client.questions().isEmpty());
    }
  }

  @Test
  void aFakeIsTheEngine() {
    try (FakeClient client = new FakeClient("rules: [{id: blog, match: {path_prefix: /blog}, intent: {purpose: permanent_move, target: '/journal{rest}'}}]")) {
      var asked = dev.fingerpost.v1.DecideRequest.newBuilder();
      asked.getRequestBuilder().setMethod("GET").setUrl("https://a.test/blog/tea");
      Decision decision = client.decide(asked.build());
      assertEquals(List.of("/journal/tea", "blog", Source.ENGINE), List.of(decision.field("location"), decision.rule(), decision.source()));
      client.error(new FingerpostException("UNAVAILABLE", "down"));
      assertEquals(Source.FALLBACK, client.decide(asked.build()).source());
      assertEquals(2, client.questions().size());
    }
    assertThrows(FingerpostException.class, () -> new FakeClient("rules: [{id: 1"));
    assertThrows(FingerpostException.class, () -> new FakeClient("rulse: []"));
  }

  @Test
  void fallbacksAreHeard() {
    List<FingerpostException> heard = new ArrayList<>();
    Client.Builder builder = Client.builder("127.0.0.1:1", Transport.plaintext()).engine(Engine.REMOTE).timeout(Duration.ofSeconds(20));
    try (Client client =
        builder
            .onFallback(
                error -> {
                  heard.add(error);
                  throw new IllegalStateException("counting failed");
                })
            .build()) {
      for (int i = 0; i < 7; i++) {
        assertEquals("/orders/1", client.decide(Redirect.formResult("/orders/1").on("POST", URL)).field("Location"));
      }
    }
    assertEquals(7, heard.size());
    assertEquals("UNAVAILABLE", heard.get(0).code());
    assertEquals("BREAKER_OPEN", heard.get(6).code());
  }

  @Test
  void theBreakerLetsOneThroughEachSecond() {
    AtomicLong clock = new AtomicLong();
    Breaker breaker = new Breaker(clock::get);
    for (int i = 0; i < Breaker.FAILURES_TO_OPEN; i++) {
      assertTrue(breaker.allows());
      breaker.failed();
    }
    assertTrue(!breaker.allows());
    clock.addAndGet(Breaker.OPEN_NANOS * 6 / 5);
    assertTrue(breaker.allows());
    assertTrue(!breaker.allows());
    breaker.answered();
    assertTrue(breaker.allows());
  }

  @Test
  void aClosedClientRefuses() {
    FakeClient client = new FakeClient();
    client.close();
    client.close();
    assertThrows(IllegalStateException.class, () -> client.decide(Redirect.formResult("/").on("POST", URL)));
  }

  @ParameterizedTest
  @CsvSource({
    "https://a.test/,https://A.TEST:443/x,true",
    "https://a.test/,https://a.test:8443/,false",
    "https://a.test/,http://a.test/,false",
    "http://127.0.0.1/,http://0x7f.1/,true",
    "http://127.0.0.1/,http://2130706433/,true",
    "http://127.0.0.1/,http://017700000001/,true",
    "http://[::1]/,http://[0:0::1]:80/,true",
    "https://b\u00fccher.test/,https://xn--bcher-kva.test/,true",
    "https://a.test/,https://a.test\\@b.test/,false",
    "https://a.test/,https://b.test@a.test/,true",
    "https://a.test/,https://a.test%2eb.test/,false",
  })
  void origins(String one, String two, boolean same) {
    assertEquals(same, Origins.same(one, two, List.of()));
  }
}
