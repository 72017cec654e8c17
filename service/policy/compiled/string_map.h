// A map from strings with look-ups by std::string_view, without making a std::string.
//
// Abseil's own hash takes its own string_view only, a type apart where Abseil is built for C++14,
// as Debian's is.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"

namespace fingerpost::policy::compiled {

struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

template <typename Value>
using StringMap = absl::flat_hash_map<std::string, Value, StringHash, std::equal_to<>>;

}  // namespace fingerpost::policy::compiled
