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
#include "core/message/faults.h"
#include "core/message/result.h"
#include "fingerpost/v1/answer.pb.h"

namespace fingerpost::cli {

// Notes what is wrong under the field's path. A wrong value comes back empty.
class FlagReader {
 public:
  // The error has what was noted.
  [[nodiscard]] message::Done Finish() const {
    if (!faults_.empty()) return message::Unexpected(ToError(faults_));
    return {};
  }
  void Fault(const message::Place& place, std::string_view expected) {
    faults_.Error(place, expected);
  }

  // Arguments are octets; strings of messages are UTF-8.
  const std::string& Text(const std::string& text, const message::Place& at);

  // The number of an enum value; "" is the unspecified one.
  int Number(const google::protobuf::EnumDescriptor& type, const std::string& text,
             const message::Place& at);
  template <typename Enum>
  Enum Name(const std::string& text, const message::Place& at) {
    return static_cast<Enum>(Number(*google::protobuf::GetEnumDescriptor<Enum>(), text, at));
  }

  // RFC 3339.
  google::protobuf::Timestamp Instant(const std::string& text, const message::Place& at);
  // "120" and "120s".
  google::protobuf::Duration Seconds(const std::string& text, const message::Place& at);
  // "Name: value" each; a name alone is a field whose value is withheld.
  void Fields(const std::vector<std::string>& lines, const message::Place& at, http::Headers& out);
  // "name=value" each.
  void Parameters(const std::vector<std::string>& pairs,
                  google::protobuf::Map<std::string, std::string>& out);

 private:
  message::Faults faults_;
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
