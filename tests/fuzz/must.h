// A fuzzer's assertion, which NDEBUG does not disable.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace fingerpost::fuzz {

inline void Must(bool holds, std::string_view what, const std::string& shown = "") {
  if (holds) return;
  std::fprintf(stderr, "%.*s\n%s\n", static_cast<int>(what.size()), what.data(), shown.c_str());
  std::abort();
}

}  // namespace fingerpost::fuzz
