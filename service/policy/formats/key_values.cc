#include "policy/formats/key_values.h"

#include <algorithm>

#include "core/http/fields.h"

namespace fingerpost::policy::formats {

std::vector<KeyValue> ReadKeyValues(const File& file, uint16_t index, ValueEnd end,
                                    Report& report) {
  constexpr std::string_view kBlanks = " \t";
  std::vector<KeyValue> rows;
  Lines lines(file, index, report);
  for (std::string_view line; lines.Next(line);) {
    // Apache takes a line that begins with a blank for a comment, HAProxy does not.
    if (end == ValueEnd::kWord && line.find_first_of(kBlanks) == 0) continue;
    line = http::TrimWhitespace(line);
    if (line.empty() || line.starts_with('#')) continue;
    const size_t blank = std::min(line.find_first_of(kBlanks), line.size());
    std::string_view value = http::TrimWhitespace(line.substr(blank));
    if (end == ValueEnd::kWord) value = value.substr(0, value.find_first_of(kBlanks));
    if (value.empty() || value.starts_with('#')) {
      report.Skip(lines.place(), "has a key without a value", "write: key value");
      continue;
    }
    rows.push_back({std::string(line.substr(0, blank)), std::string(value), lines.place()});
  }
  return rows;
}

}  // namespace fingerpost::policy::formats
