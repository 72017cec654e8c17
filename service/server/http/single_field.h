// A field for which a second line is a fault, not a longer list.
#pragma once

#include <string_view>

#include "core/http/fields.h"
#include "server/http/server.h"

namespace fingerpost {

// Its value; "" without one, or with several.
[[nodiscard]] inline std::string_view SingleField(const HttpCall& call, std::string_view name) {
  int lines = 0;
  std::string_view found;
  call.each_field([&](std::string_view each, std::string_view value) {
    if (!http::EqualsIgnoreCase(each, name)) return;
    ++lines;
    found = value;
  });
  return lines == 1 ? found : std::string_view();
}

}  // namespace fingerpost
