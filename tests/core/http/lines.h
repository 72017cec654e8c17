// Fields in a test's form.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/http/fields.h"

namespace fingerpost::http {

inline Headers Lines(const std::vector<std::pair<std::string, std::string>>& lines) {
  Headers headers;
  for (const auto& [name, value] : lines) {
    v1::Header& header = *headers.Add();
    header.set_name(name);
    SetValue(header, value);
  }
  return headers;
}

}  // namespace fingerpost::http
