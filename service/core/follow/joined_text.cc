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

using Segments = std::vector<std::string>;

Segments SegmentsOf(std::string_view path) {
  return absl::StrSplit(absl::string_view(path.data(), path.size()), '/');
}

// As Ruby's URI::Generic#merge_path leaves a base's segments: each ".." goes with the one before
// it, which may be the empty one before the first slash.
Segments RubyBase(std::string_view path) {
  Segments segments = SegmentsOf(path);
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

// And a relative reference's: none, if it has no path.
Segments RubyReference(std::string_view path) {
  if (path.empty()) return {};
  Segments segments;
  for (std::string& segment : SegmentsOf(path)) {
    if (segment == ".." && !segments.empty() && segments.back() != "..") {
      segments.pop_back();
    } else if (segment != ".") {
      segments.push_back(std::move(segment));
    }
  }
  const std::string_view last = path.substr(path.rfind('/') + 1);  // npos + 1 is 0.
  if (last == "." || last == "..") segments.emplace_back();
  return segments;
}

// "b/d" for "/../b/c" and "d". nullopt: the path has its first slash, as in every other client.
std::optional<std::string> RootlessPath(std::string_view base, std::string_view reference) {
  Segments path = RubyBase(base);
  if (path.empty()) return std::nullopt;
  Segments more = RubyReference(reference);
  const bool adds_slash = !more.empty();
  if (adds_slash) path.pop_back();
  auto next = more.begin();
  for (; next != more.end() && *next == ".."; ++next) {
    if (path.size() > 1) path.pop_back();
  }
  if (next == more.end() && adds_slash) path.emplace_back();
  path.insert(path.end(), next, more.end());
  if (path.empty() || path.front().empty()) return std::nullopt;
  return absl::StrJoin(path, "/");
}

// "/a?b/" for the base's path "/a%3Fb/c".
std::optional<std::string> DirectoryAsText(std::string_view path) {
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
  const bool has_root = reference.starts_with('/');
  if (rule.spelling->joins_without_root && path.find("/..") != path.npos && !has_root &&
      !reference.empty() && reference.front() != '#') {
    const std::string_view relative = reference.substr(0, reference.find_first_of("?#"));
    const auto joined = RootlessPath(VeiledPath(path, rule), relative);
    if (joined) return Text({http::UpToPath(base), *joined, reference.substr(relative.size())});
  }
  if (rule.spelling->decodes_first && !has_root && !reference.starts_with('#') &&
      path.find('%') != path.npos) {
    const auto directory = DirectoryAsText(path);
    if (!directory) return std::nullopt;
    const bool lost = directory->find('#') != directory->npos;
    if (reference.starts_with("./")) reference.remove_prefix(2);
    return Text({http::UpToPath(base), VeiledPath(*directory, rule), lost ? "" : reference});
  }
  return std::nullopt;
}

}  // namespace fingerpost::follow
