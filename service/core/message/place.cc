#include "core/message/place.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>

#include <algorithm>

namespace fingerpost::message {
namespace {

// A name is cut here.
constexpr size_t kLongestNameShown = 64;

std::string Shown(std::string_view name) {
  const bool cut = name.size() > kLongestNameShown;
  const std::string_view start = name.substr(0, kLongestNameShown);
  return absl::Utf8SafeCHexEscape(absl::string_view(start.data(), start.size())) +
         (cut ? "..." : "");
}

// Whether a key can stand in a path after a ".".
bool IsSimple(std::string_view key) {
  return !key.empty() && key.size() <= kLongestNameShown &&
         std::all_of(key.begin(), key.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
         });
}

}  // namespace

std::string ToString(const Path& path) {
  std::string text;
  for (const Step& step : path) {
    if (step.kind == Step::Kind::kIndex) {
      absl::StrAppend(&text, "[", step.index, "]");
    } else if (step.kind == Step::Kind::kKey && (step.quoted || !IsSimple(step.name))) {
      absl::StrAppend(&text, "[\"", Shown(step.name), "\"]");
    } else {
      absl::StrAppend(&text, text.empty() ? "" : ".", Shown(step.name));
    }
  }
  return text;
}

bool IsPartOf(const Path& whole, const Path& part) {
  return part.size() >= whole.size() && std::equal(whole.begin(), whole.end(), part.begin());
}

Path Place::ToPath() const {
  Path path = parent_ == nullptr ? Path() : parent_->ToPath();
  if (index_ != kNone) {
    path.push_back({.kind = Step::Kind::kIndex, .name = {}, .index = static_cast<size_t>(index_)});
  }
  if (names_ != Names::kMembers) {
    path.push_back({.kind = Step::Kind::kKey,
                    .name = std::string(members_),
                    .quoted = names_ == Names::kQuotedKey});
    return path;
  }
  for (std::string_view rest = members_; !rest.empty();) {
    const size_t dot = std::min(rest.find('.'), rest.size());
    path.push_back({.name = std::string(rest.substr(0, dot))});
    rest.remove_prefix(std::min(dot + 1, rest.size()));
  }
  return path;
}

std::string ToString(const Place& place) { return ToString(place.ToPath()); }

}  // namespace fingerpost::message
