#include "core/follow/retry_after.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/ascii.h"
#include "core/http/date.h"

namespace fingerpost::follow {

std::optional<int64_t> ReadRetryAfter(const http::Headers& headers, int64_t now) {
  const v1::Header* header = http::FindField(headers, "Retry-After");
  if (header == nullptr) return std::nullopt;
  const std::string_view value = http::TrimWhitespace(http::ValueOf(*header));
  if (!value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
        return absl::ascii_isdigit(static_cast<unsigned char>(c));
      })) {
    int64_t seconds = 0;
    for (const char c : value) seconds = std::min(kMaxWait, seconds * 10 + (c - '0'));
    return seconds;
  }
  const auto date = http::ParseDate(value);
  if (!date || now == 0) return std::nullopt;
  return std::clamp<int64_t>(*date - now, 0, kMaxWait);
}

}  // namespace fingerpost::follow
