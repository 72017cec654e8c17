// From the texts of flags to the fields of a message.
#pragma once

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/map.h>
#include <google/protobuf/timestamp.pb.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/http/fields.h"
#include "core/message/enum_names.h"
#include "core/message/violations.h"
#include "fingerpost/v1/answer.pb.h"

namespace fingerpost::cli {

// Notes what is wrong under the field's path. A wrong value comes back empty.
class FlagReader {
 public:
  explicit FlagReader(v1::Error& error) : violations_(error) {}

  // Completes the error if there was a fault. Returns whether there was none.
  [[nodiscard]] bool Finish() { return violations_.Finish(); }
  void Fault(std::string_view path, std::string_view expected) { violations_.Add(path, expected); }

  // Arguments are octets; strings of messages are UTF-8.
  const std::string& Text(const std::string& text, std::string_view path);

  // The number of an enum value; "" is the unspecified one.
  int Number(const google::protobuf::EnumDescriptor& type, const std::string& text,
             std::string_view path);
  template <typename Enum>
  Enum Name(const std::string& text, std::string_view path) {
    return static_cast<Enum>(Number(*google::protobuf::GetEnumDescriptor<Enum>(), text, path));
  }

  // RFC 3339.
  google::protobuf::Timestamp Instant(const std::string& text, std::string_view path);
  // "120" and "120s".
  google::protobuf::Duration Seconds(const std::string& text, std::string_view path);
  // "Name: value" each; a name alone is a field whose value is withheld.
  void Fields(const std::vector<std::string>& lines, std::string_view path, http::Headers& out);
  // "name=value" each.
  void Parameters(const std::vector<std::string>& pairs,
                  google::protobuf::Map<std::string, std::string>& out);

 private:
  message::Violations violations_;
};

// What is wrong with a --timeout, for CLI11; "" if nothing is. CLI::Range takes NaN for a number in
// its range.
[[nodiscard]] std::string CheckTimeout(const std::string& text);

// "permanent, temporary", for --help.
[[nodiscard]] std::string NamesOf(const google::protobuf::EnumDescriptor& type);
template <typename Enum>
[[nodiscard]] std::string NamesOf() {
  return NamesOf(*google::protobuf::GetEnumDescriptor<Enum>());
}

}  // namespace fingerpost::cli
