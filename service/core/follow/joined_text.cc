// Relative references that a client joins with the base as text, so that the host or the query
// goes on.
#include <algorithm>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/follow/location_text.h"
#include "core/follow/spelling.h"
#include "core/http/percent_encoding.h"

namespace fingerpost::follow {
namespace {

std::string_view PathOf(std::string_view url, const LocationRule& rule) {
  const std::string_view path = url.substr(PathAt(url, rule));
  return path.substr(0, path.find_first_of("?#"));
}

// As Ruby's URI::Generic#merge_path leaves a base's segments: each ".." goes with the one before
// it, which may be the empty one before the first slash.
std::vector<std::string> RubySegments(std::string_view path) {
  std::vector<std::string> segments =
      absl::StrSplit(absl::string_view(path.data(), path.size()), '/');
  if (segments.back() == "..") segments.emplace_back();
  for (;;) {
    const auto up = std::find(segments.begin(), segments.end(), "..");
    if (up == segments.end()) return segments;
    if (up == segments.begin()) {
      segments.pop_back();  // slice!(-1, 2)
    } else {
      segments.erase(up - 1, up + 1);
    }
  }
}

// "b/" for the base's path "/../b/c".
std::optional<std::string> RootlessDirectory(std::string_view path, std::string_view reference) {
  if (reference.starts_with('/') || reference.starts_with('.')) return std::nullopt;
  std::vector<std::string> segments = RubySegments(path);
  if (segments.empty() || segments.front().empty()) return std::nullopt;
  const bool has_path = !reference.empty() && reference.front() != '?' && reference.front() != '#';
  if (has_path) segments.back().clear();
  return absl::StrJoin(segments, "/");
}

// "/a?b/" for the base's path "/a%3Fb/c".
std::optional<std::string> DecodedDirectory(std::string_view path) {
  std::string directory = http::Decode(path.substr(0, path.rfind('/') + 1));
  if (directory.find_first_of("?#\r\n") == directory.npos) return std::nullopt;
  std::erase_if(directory, [](char c) { return c == '\r' || c == '\n'; });
  return directory;
}

}  // namespace

std::optional<std::string> JoinedText(std::string_view text, const http::Url& base,
                                      const LocationRule& rule, std::string_view reference) {
  if (rule.spelling == nullptr) return std::nullopt;
  const std::string_view path = PathOf(text, rule);
  if (rule.spelling->joins_without_root && path.find("/..") != path.npos) {
    const auto directory = RootlessDirectory(path, reference);
    if (directory) return Text({http::UpToPath(base), *directory, reference});
  }
  if (rule.spelling->decodes_first && !reference.starts_with('/') && !reference.starts_with('#') &&
      path.find('%') != path.npos) {
    const auto directory = DecodedDirectory(path);
    if (!directory) return std::nullopt;
    const bool lost = directory->find('#') != directory->npos;
    if (reference.starts_with("./")) reference.remove_prefix(2);
    return Text({http::UpToPath(base), VeiledPath(*directory, rule), lost ? "" : reference});
  }
  return std::nullopt;
}

}  // namespace fingerpost::follow
