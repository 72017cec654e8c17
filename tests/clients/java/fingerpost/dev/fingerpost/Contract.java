package dev.fingerpost;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.fingerpost.v1.DecideRequest;
import dev.fingerpost.v1.DecideResponse;
import dev.fingerpost.v1.FollowRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** This package's driver for the contract (client/contract/README.md). */
final class Contract {
  private static @Nullable Client client;

  private Contract() {}

  public static void main(String[] none) throws IOException {
    PrintStream out = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      out.println(answer(JsonParser.parseString(line).getAsJsonObject()));
    }
    close();
    System.exit(0);
  }

  private static JsonObject answer(JsonObject asked) {
    JsonObject said = new JsonObject();
    try {
      switch (asked.get("op").getAsString()) {
        case "open" -> {
          close();
          client = opened(asked);
          said.addProperty("ok", true);
        }
        case "ready" -> said.addProperty("ready", client.ready(Duration.ofMillis(asked.get("timeout_ms").getAsLong())));
        case "decide" -> decide(asked.get("question"), said);
        case "follow" -> follow(asked.get("question"), said);
        case "policy" -> policy(client.policy(), said);
        default -> {
          close();
          said.addProperty("ok", true);
        }
      }
    } catch (FingerpostException error) {
      said.add("error", error(error));
    } catch (InvalidProtocolBufferException | IllegalStateException malformed) {
      said.add("error", error(new FingerpostException("INVALID_ARGUMENT", malformed.getMessage(), "MALFORMED_JSON", List.of())));
    }
    return said;
  }

  private static Client opened(JsonObject asked) {
    Client.Builder builder = Client.builder(asked.get("address").getAsString(), Transport.plaintext());
    if (has(asked, "engine")) {
      builder.engine(Engine.valueOf(asked.get("engine").getAsString().toUpperCase(Locale.ROOT)));
    }
    if (has(asked, "on_error")) {
      builder.onError(OnError.valueOf(asked.get("on_error").getAsString().toUpperCase(Locale.ROOT)));
    }
    if (has(asked, "timeout_ms")) {
      builder.timeout(Duration.ofMillis(asked.get("timeout_ms").getAsLong()));
    }
    if (has(asked, "policy_file")) {
      builder.policyFile(Path.of(asked.get("policy_file").getAsString()));
    }
    return builder.build();
  }

  private static boolean has(JsonObject asked, String name) {
    return asked.has(name) && !asked.get(name).isJsonNull();
  }

  private static void decide(JsonElement question, JsonObject said) throws InvalidProtocolBufferException {
    Decision decision = client.decide(Golden.message(question, DecideRequest.newBuilder()).build());
    DecideResponse.Builder seen = decision.raw().toBuilder().setOutcome(dev.fingerpost.v1.Outcome.valueOf("OUTCOME_" + decision.outcome()));
    say(JsonFormat.printer().preservingProtoFieldNames().print(seen), decision.source(), decision.error(), said);
  }

  private static void follow(JsonElement question, JsonObject said) throws InvalidProtocolBufferException {
    Hop hop = client.follow(Golden.message(question, FollowRequest.newBuilder()).build());
    say(JsonFormat.printer().preservingProtoFieldNames().print(hop.raw()), hop.source(), hop.error(), said);
  }

  private static void say(String answer, Source source, @Nullable FingerpostException error, JsonObject said) {
    said.add("answer", JsonParser.parseString(answer));
    said.addProperty("source", source.name());
    if (error != null) {
      said.add("error", error(error));
    }
  }

  private static void policy(PolicyStatus status, JsonObject said) {
    said.addProperty("state", status.state().name());
    said.addProperty("version", status.version());
    JsonArray problems = new JsonArray();
    status.problems().forEach(problems::add);
    said.add("problems", problems);
  }

  private static JsonObject error(FingerpostException error) {
    JsonObject made = new JsonObject();
    made.addProperty("code", error.code());
    made.addProperty("reason", error.reason());
    made.addProperty("message", error.description());
    JsonArray violations = new JsonArray();
    for (Violation one : error.violations()) {
      JsonObject violation = new JsonObject();
      violation.addProperty("field", one.field());
      violations.add(violation);
    }
    made.add("violations", violations);
    return made;
  }

  private static void close() {
    if (client != null) {
      client.close();
      client = null;
    }
  }
}
