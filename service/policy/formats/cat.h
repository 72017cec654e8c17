// Text out of parts. (Debian's absl::StrCat does not take std::string_view.)
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace fingerpost::policy::formats {

inline void AppendOne(std::string& out, std::string_view text) { out += text; }
inline void AppendOne(std::string& out, std::integral auto number) {
  out += std::to_string(number);
}

template <typename... Parts>
void Append(std::string& out, const Parts&... parts) {
  (AppendOne(out, parts), ...);
}

template <typename... Parts>
[[nodiscard]] std::string Cat(const Parts&... parts) {
  std::string out;
  Append(out, parts...);
  return out;
}

}  // namespace fingerpost::policy::formats
