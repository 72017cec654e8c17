#include "flag_reader.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <google/protobuf/util/time_util.h>

#include "core/message/utf8.h"

namespace fingerpost::cli {

const std::string& FlagReader::Text(const std::string& text, const message::Place& at) {
  if (!message::IsUtf8(text)) faults_.Error(at, "expected UTF-8");
  return text;
}

int FlagReader::Number(const google::protobuf::EnumDescriptor& type, const std::string& text,
                       const message::Place& at) {
  if (text.empty()) return 0;
  if (const auto* value = message::FindEnumValue(type, text)) return value->number();
  faults_.Error(at, message::ExpectedEnumValue(type, text));
  return 0;
}

google::protobuf::Timestamp FlagReader::Instant(const std::string& text, const message::Place& at) {
  google::protobuf::Timestamp instant;
  if (!google::protobuf::util::TimeUtil::FromString(text, &instant)) {
    faults_.Error(at, "expected an instant such as 2026-01-31T12:00:00Z (RFC 3339)");
  }
  return instant;
}

google::protobuf::Duration FlagReader::Seconds(const std::string& text, const message::Place& at) {
  google::protobuf::Duration duration;
  const std::string seconds = text.ends_with('s') ? text : text + "s";
  if (!google::protobuf::util::TimeUtil::FromString(seconds, &duration)) {
    faults_.Error(at, "expected a number of seconds");
  }
  return duration;
}

void FlagReader::Fields(const std::vector<std::string>& lines, const message::Place& at,
                        http::Headers& out) {
  const int first = out.size();
  for (int i = 0; i < static_cast<int>(lines.size()); ++i) {
    const std::string_view line = lines[static_cast<size_t>(i)];
    const size_t colon = line.find(':');
    const std::string name(line.substr(0, colon));
    if (!http::IsToken(name)) {
      faults_.Error(at[first + i], "expected \"Name: value\", or \"Name\" to withhold the value");
      continue;
    }
    v1::Header& header = *out.Add();
    header.set_name(name);
    if (colon != std::string::npos)
      http::SetValue(header, http::TrimWhitespace(line.substr(colon + 1)));
  }
}

void FlagReader::Parameters(const std::vector<std::string>& pairs,
                            google::protobuf::Map<std::string, std::string>& out) {
  for (const std::string& pair : pairs) {
    const size_t equals = pair.find('=');
    if (equals == std::string::npos || !message::IsUtf8(pair)) {
      faults_.Error("parameters", "expected NAME=VALUE in UTF-8");
    } else {
      out[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
  }
}

std::string CheckTimeout(const std::string& text) {
  double seconds = 0;
  const bool fits = absl::SimpleAtod(text, &seconds) && seconds >= 0.001 && seconds <= 3600;
  return fits ? "" : "expected 0.001 to 3600 seconds";
}

std::string NamesOf(const google::protobuf::EnumDescriptor& type) {
  std::string names;
  // Without the first: the zero value means unspecified.
  for (int i = 1; i < type.value_count(); ++i) {
    absl::StrAppend(&names, i == 1 ? "" : ", ", message::ShortEnumName(*type.value(i)));
  }
  return names;
}

}  // namespace fingerpost::cli
