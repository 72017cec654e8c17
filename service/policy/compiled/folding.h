// Paths that are one path to a rule or a map: /About and /about, /about and /about/.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "fingerpost/v1/policy.pb.h"

namespace fingerpost::policy::compiled {

// A set of two: case, and a last slash.
enum class Folding : uint8_t { kNone = 0, kCase = 1, kSlash = 2, kBoth = 3 };
inline constexpr std::array kFoldings = {Folding::kCase, Folding::kSlash, Folding::kBoth};

[[nodiscard]] constexpr bool FoldsCase(Folding folding) {
  return (static_cast<uint8_t>(folding) & static_cast<uint8_t>(Folding::kCase)) != 0;
}
[[nodiscard]] constexpr bool FoldsSlash(Folding folding) {
  return (static_cast<uint8_t>(folding) & static_cast<uint8_t>(Folding::kSlash)) != 0;
}
// Whatever is one path by `part` is so by `whole`.
[[nodiscard]] constexpr bool Includes(Folding whole, Folding part) {
  return (static_cast<uint8_t>(whole) & static_cast<uint8_t>(part)) == static_cast<uint8_t>(part);
}

// What a rule or a map says, else the document.
[[nodiscard]] Folding FoldingOf(v1::PathCase letter_case, v1::TrailingSlash slash,
                                const v1::Defaults& document);

// The one spelling of all paths that are one by `folding`. `path` is in that of NormalPath.
[[nodiscard]] std::string Folded(std::string_view path, Folding folding);

// The path with its last slash, or without; empty for "/", which has no other. `buffer` holds the
// result where it is longer.
[[nodiscard]] std::string_view WithOtherSlash(std::string_view path, std::string& buffer);

}  // namespace fingerpost::policy::compiled
