// Numbers of things in sentences.
#pragma once

#include <absl/strings/str_cat.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace fingerpost::cli {

// "1 rule", "2 rules", "0 misses".
[[nodiscard]] inline std::string Counted(uint64_t count, std::string_view noun) {
  const std::string_view ending = count == 1 ? "" : noun.ends_with('s') ? "es" : "s";
  return absl::StrCat(count, " ", std::string(noun), std::string(ending));
}

}  // namespace fingerpost::cli
