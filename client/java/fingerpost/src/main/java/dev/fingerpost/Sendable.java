package dev.fingerpost;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A question that cannot be sent is no outage (client/README.md, 8): protobuf would write "?" for text that is not Unicode. */
final class Sendable {
  private Sendable() {}

  /**
   * Looks at every text.
   *
   * @throws FingerpostException INVALID_ARGUMENT, with each field whose text has a lone surrogate
   */
  static void require(Message question) {
    List<Violation> faults = new ArrayList<>();
    look(question, "", faults);
    if (!faults.isEmpty()) {
      Violation first = faults.get(0);
      String more = faults.size() > 1 ? " (and " + (faults.size() - 1) + " more)" : "";
      throw new FingerpostException("INVALID_ARGUMENT", first.field() + ": " + first.description() + more, "INVALID_FIELDS", faults);
    }
  }

  private static void look(Message message, String path, List<Violation> faults) {
    for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
      FieldDescriptor field = entry.getKey();
      String at = path.isEmpty() ? field.getName() : path + "." + field.getName();
      if (field.getJavaType() != FieldDescriptor.JavaType.STRING && field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
        continue;
      }
      if (field.isRepeated()) {
        List<?> values = (List<?>) entry.getValue();
        for (int i = 0; i < values.size(); i++) {
          value(values.get(i), at + "[" + i + "]", faults);
        }
      } else {
        value(entry.getValue(), at, faults);
      }
    }
  }

  private static void value(Object value, String at, List<Violation> faults) {
    if (value instanceof Message message) {
      look(message, at, faults);
    } else if (value instanceof String text && !isUnicode(text)) {
      faults.add(new Violation(at, "expected Unicode without lone surrogates"));
    }
  }

  static boolean isUnicode(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        if (!Character.isHighSurrogate(c) || i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1))) {
          return false;
        }
        i++;
      }
    }
    return true;
  }
}
