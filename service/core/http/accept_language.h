// Which of a site's languages a request prefers (RFC 9110 §12.5.4).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/container/inlined_vector.h"
#include "core/http/fields.h"

namespace fingerpost::http {

// The field that it reads.
inline constexpr std::string_view kAcceptLanguage = "Accept-Language";

// A language range (RFC 4647 §2.1) with its quality in thousandths.
struct LanguageRange {
  std::string_view tag;  // "de", "de-AT", "*"
  int quality = 0;
};
// In the order of the fields. Of more than 64 the first 64.
using LanguageRanges = absl::InlinedVector<LanguageRange, 8>;

// What the Accept-Language fields say; none if one of them is not of the syntax.
[[nodiscard]] LanguageRanges ReadAcceptLanguage(const Headers& headers);

// Index in `prefers` of the language that `ranges` prefer; nullopt if they prefer another or none.
//
// Of the ranges that count, the first one with the highest quality decides; a language of `prefers`
// must fit it. Only ranges that a language of `prefers` or `over` fits count, or with an empty
// `over` all of them. A language fits a range that is the same, shorter ("de-AT" fits "de", RFC
// 4647 §3.3.1) or longer ("de" fits "de-AT", §3.4), unless the closest range that is not longer
// excludes it with a quality of 0. It fits "*" if it fits no other; "*" prefers nothing if it
// stands alone, or if a language of `over` fits it, too.
[[nodiscard]] std::optional<size_t> PreferredLanguage(const LanguageRanges& ranges,
                                                      std::span<const std::string> prefers,
                                                      std::span<const std::string> over);

}  // namespace fingerpost::http
