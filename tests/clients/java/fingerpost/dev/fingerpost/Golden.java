package dev.fingerpost;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The rows of tests/golden (tests/golden/README.md is the format). */
final class Golden {
  private static final Pattern PLACE = Pattern.compile("\\$\\{([^}]+)\\}");

  private Golden() {}

  /** All rows of a kind, "for" expanded. */
  static List<JsonObject> rows(String kind) throws IOException {
    List<JsonObject> rows = new ArrayList<>();
    try (Stream<Path> files = Files.list(Service.REPOSITORY.resolve("tests/golden").resolve(kind))) {
      for (Path file : files.filter(one -> one.toString().endsWith(".json")).sorted().toList()) {
        for (JsonElement row : JsonParser.parseString(Files.readString(file)).getAsJsonArray()) {
          expand(row.getAsJsonObject(), rows);
        }
      }
    }
    return rows;
  }

  private static void expand(JsonObject row, List<JsonObject> rows) {
    List<Map<String, JsonElement>> chosen = new ArrayList<>(List.of(Map.of()));
    JsonObject axes = row.has("for") ? row.getAsJsonObject("for") : new JsonObject();
    for (Map.Entry<String, JsonElement> axis : axes.entrySet()) {
      List<Map<String, JsonElement>> more = new ArrayList<>();
      for (Map<String, JsonElement> before : chosen) {
        for (JsonElement value : axis.getValue().getAsJsonArray()) {
          Map<String, JsonElement> one = new LinkedHashMap<>(before);
          one.put(axis.getKey(), value);
          more.add(one);
        }
      }
      chosen = more;
    }
    for (Map<String, JsonElement> values : chosen) {
      JsonObject one = new JsonObject();
      row.entrySet().stream().filter(entry -> !entry.getKey().equals("for")).forEach(entry -> one.add(entry.getKey(), substituted(entry.getValue(), values)));
      if (!values.isEmpty()) {
        one.addProperty("name", row.get("name").getAsString() + " " + values);
      }
      rows.add(one);
    }
  }

  private static JsonElement substituted(JsonElement value, Map<String, JsonElement> chosen) {
    if (value.isJsonObject()) {
      JsonObject made = new JsonObject();
      value.getAsJsonObject().entrySet().forEach(entry -> made.add(text(entry.getKey(), chosen), substituted(entry.getValue(), chosen)));
      return made;
    }
    if (value.isJsonArray()) {
      JsonArray made = new JsonArray();
      value.getAsJsonArray().forEach(one -> made.add(substituted(one, chosen)));
      return made;
    }
    if (!value.isJsonPrimitive() || !value.getAsJsonPrimitive().isString()) {
      return value;
    }
    Matcher whole = PLACE.matcher(value.getAsString());
    if (whole.matches() && chosen.containsKey(whole.group(1).split("\\.")[0])) {
      return lookedUp(whole.group(1), chosen).deepCopy();
    }
    return new JsonPrimitive(text(value.getAsString(), chosen));
  }

  private static String text(String text, Map<String, JsonElement> chosen) {
    return PLACE
        .matcher(text)
        .replaceAll(found -> Matcher.quoteReplacement(chosen.containsKey(found.group(1).split("\\.")[0]) ? bare(lookedUp(found.group(1), chosen)) : found.group()));
  }

  private static String bare(JsonElement value) {
    if (value.isJsonObject() && value.getAsJsonObject().has("name")) {
      return value.getAsJsonObject().get("name").getAsString();
    }
    return value.isJsonPrimitive() ? value.getAsString() : value.toString();
  }

  private static JsonElement lookedUp(String path, Map<String, JsonElement> chosen) {
    JsonElement value = null;
    for (String part : path.split("\\.")) {
      value = value == null ? chosen.get(part) : value.getAsJsonObject().get(part);
    }
    return value;
  }

  /** A message of protobuf JSON with short enum names. Throws for what is no such message. */
  static <B extends Message.Builder> B message(JsonElement json, B builder) throws InvalidProtocolBufferException {
    JsonFormat.parser().merge(spelled(json, builder.getDescriptorForType()).toString(), builder);
    return builder;
  }

  private static JsonElement spelled(JsonElement value, Descriptor kind) {
    if (!value.isJsonObject() || kind.getFullName().startsWith("google.protobuf.") || kind.getOptions().getMapEntry()) {
      return value;
    }
    JsonObject made = new JsonObject();
    for (Map.Entry<String, JsonElement> entry : value.getAsJsonObject().entrySet()) {
      FieldDescriptor field = kind.getFields().stream().filter(one -> one.getName().equals(entry.getKey()) || one.getJsonName().equals(entry.getKey())).findFirst().orElse(null);
      made.add(entry.getKey(), field == null ? entry.getValue() : member(entry.getValue(), field));
    }
    return made;
  }

  private static JsonElement member(JsonElement value, FieldDescriptor field) {
    if (value.isJsonArray() && field.isRepeated()) {
      JsonArray made = new JsonArray();
      value.getAsJsonArray().forEach(one -> made.add(member(one, field)));
      return made;
    }
    if (field.getJavaType() == FieldDescriptor.JavaType.ENUM && value.isJsonPrimitive() && value.getAsJsonPrimitive().isString()) {
      return new JsonPrimitive(longName(field.getEnumType(), value.getAsString()));
    }
    return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE ? spelled(value, field.getMessageType()) : value;
  }

  private static String longName(EnumDescriptor kind, String name) {
    String prefix = kind.getValues().get(0).getName().replaceFirst("UNSPECIFIED$", "");
    String whole = prefix + name.toUpperCase(Locale.ROOT).replace('-', '_');
    return kind.findValueByName(whole) == null ? name : whole;
  }
}
