// Lines of a key and a value, as the maps of Apache and HAProxy have them.
#pragma once

#include <string>
#include <vector>

#include "policy/formats/redirect.h"
#include "policy/formats/report.h"
#include "policy/formats/text.h"

namespace fingerpost::policy::formats {

struct KeyValue {
  std::string key, value;
  Place place;
};

enum class ValueEnd : uint8_t {
  kWord,  // The value is one word; what follows is a comment (Apache).
  kLine,  // The value is the rest of the line (HAProxy).
};

// Lines that begin with "#" are comments. A key without a value is reported.
[[nodiscard]] std::vector<KeyValue> ReadKeyValues(const File& file, uint16_t index, ValueEnd end,
                                                  Report& report);

}  // namespace fingerpost::policy::formats
