// A source that is written as a URL, a path, or a host with a path.
#pragma once

#include <string>
#include <string_view>

#include "policy/formats/redirect.h"

namespace fingerpost::policy::formats {

struct UrlSource {
  std::string scheme;  // "" where it does not say.
  std::string host;    // Likewise.
  std::string path;
  std::string query;
};

// Returns what is wrong, or nothing. "example.com/a" is a host with a path.
[[nodiscard]] std::string_view ReadUrlSource(std::string_view text, UrlSource& source);

// Each parameter as a condition that it has this value.
[[nodiscard]] std::shared_ptr<const v1::Match> QueryConditions(std::string_view query);

}  // namespace fingerpost::policy::formats
