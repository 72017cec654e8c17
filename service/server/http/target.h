// The parts of a request target.
#pragma once

#include <string_view>

namespace fingerpost {

// RFC 9112 §3.2; views into the target.
struct RequestTarget {
  std::string_view authority;  // of absolute-form, "" otherwise
  std::string_view path;       // "" without one
  std::string_view query;
};

[[nodiscard]] RequestTarget SplitTarget(std::string_view text);

}  // namespace fingerpost
