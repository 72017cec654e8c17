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

// The request target in the octets that begin with a request line, which may be incomplete; "" if
// there is none yet.
[[nodiscard]] std::string_view TargetIn(std::string_view octets);

}  // namespace fingerpost
