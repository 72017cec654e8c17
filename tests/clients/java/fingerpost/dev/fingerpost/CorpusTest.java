package dev.fingerpost;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import dev.fingerpost.v1.DecideRequest;
import dev.fingerpost.v1.FollowRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every row of the corpus has the service's own answer in this process, to the last octet, errors included. */
class CorpusTest {
  private static final Timestamp NOW = Timestamp.newBuilder().setSeconds(1_796_000_000).build();
  private static Service service;
  private static Client client;
  private static String version;

  @BeforeAll
  static void start() throws IOException {
    service = new Service();
    client = Client.builder(service.address, Transport.plaintext()).engine(Engine.REMOTE).onError(OnError.RAISE).timeout(Service.PATIENT).build();
    var any = DecideRequest.newBuilder();
    any.getRequestBuilder().setMethod("GET").setUrl("https://a.test/");
    version = client.decide(any.build()).policyVersion();
  }

  @AfterAll
  static void stop() {
    client.close();
    service.close();
  }

  // The library is called from Java 22 on; ./run starts one, too.
  static Stream<Arguments> everyRow() {
    Stream<String> engines = Runtime.version().feature() >= 22 ? Stream.of("module", "native") : Stream.of("module");
    return engines.flatMap(engine -> Stream.of("decide", "follow").map(kind -> Arguments.of(engine, kind)));
  }

  @ParameterizedTest
  @MethodSource
  void everyRow(String engine, String kind) throws IOException {
    Object found = Openers.choose(engine);
    assertTrue(found instanceof Opener, String.valueOf(found));
    Opener.Policy policy = ((Opener) found).open(new byte[0], version);
    List<String> different = new ArrayList<>();
    int count = 0;
    for (JsonObject row : Golden.rows(kind)) {
      Message question;
      try {
        question = kind.equals("decide") ? decide(row) : follow(row);
      } catch (InvalidProtocolBufferException | IllegalStateException malformed) {
        assertTrue(row.getAsJsonObject("expect").has("error"), row.get("name") + ": " + malformed);
        continue;
      }
      count++;
      byte[] theirs = remote(question);
      byte[] ours = local(policy, question);
      if (!Arrays.equals(theirs, ours)) {
        different.add(row.get("name") + ": " + new String(theirs) + " and " + new String(ours));
      }
    }
    assertTrue(different.isEmpty(), () -> different.size() + ":\n" + String.join("\n", different.subList(0, Math.min(10, different.size()))));
    assertTrue(count > 100, "the corpus is missing");
  }

  @Test
  void theClientTakesEveryAnswer() throws IOException {
    List<String> wrong = new ArrayList<>();
    for (JsonObject row : Golden.rows("decide")) {
      JsonObject expect = row.getAsJsonObject("expect");
      try {
        Decision decision = client.decide(decide(row));
        if (expect.has("error")) {
          wrong.add(row.get("name") + ": expected an error");
        }
        if (expect.has("status") && expect.get("status").getAsInt() != decision.status()) {
          wrong.add(row.get("name") + ": " + decision.status());
        }
      } catch (FingerpostException error) {
        if (!expect.has("error") && !(expect.has("stays_on") && error.code().equals("INVALID_ARGUMENT"))) {
          wrong.add(row.get("name") + ": " + error);
        }
      } catch (InvalidProtocolBufferException | IllegalStateException malformed) {
        // It is no message: the other test says so.
      }
    }
    assertTrue(wrong.isEmpty(), () -> String.join("\n", wrong));
  }

  private static DecideRequest decide(JsonObject row) throws InvalidProtocolBufferException {
    DecideRequest.Builder question = Golden.message(row.get("decide"), DecideRequest.newBuilder());
    if (!question.hasNow()) {
      question.setNow(NOW);
    }
    if (!question.hasDraw()) {
      question.setDraw(7);
    }
    return question.build();
  }

  private static FollowRequest follow(JsonObject row) throws InvalidProtocolBufferException {
    FollowRequest.Builder question = Golden.message(row.get("follow"), FollowRequest.newBuilder());
    return (question.hasNow() ? question : question.setNow(NOW)).build();
  }

  private static byte[] remote(Message question) {
    try {
      return question instanceof DecideRequest decide ? client.stub().decide(decide).toByteArray() : client.stub().follow((FollowRequest) question).toByteArray();
    } catch (StatusRuntimeException error) {
      return said(FingerpostException.of(error));
    }
  }

  private static byte[] local(Opener.Policy policy, Message question) {
    try {
      return question instanceof DecideRequest ? policy.decide(question.toByteArray()) : policy.follow(question.toByteArray());
    } catch (FingerpostException error) {
      return said(error);
    }
  }

  private static byte[] said(FingerpostException error) {
    return (error.getMessage() + error.reason() + error.violations()).getBytes();
  }
}
