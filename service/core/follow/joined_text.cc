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
// it, which may be the empty one before the first slash. One without any takes all that follow.
Segments RubyBase(std::string_view path) {
  Segments segments;
  for (std::string& segment : SegmentsOf(path)) {
    if (segment != "..") {
      segments.push_back(std::move(segment));
    } else if (segments.empty()) {
      return {};
    } else {
      segments.pop_back();
    }
  }
  if (path.ends_with("/..")) segments.emplace_back();
  return segments;
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

// "b/d" for "/../b/c" and "d", veiled but for the first segment, which may be a host's end.
std::string JoinedPath(std::string_view base, std::string_view reference,
                       const LocationRule& rule) {
  Segments path = RubyBase(base);
  for (size_t i = 1; i < path.size(); ++i) path[i] = VeiledSegment(path[i], rule);
  Segments more = RubyReference(reference);
  const bool adds_slash = !more.empty();
  if (path.empty()) {
    path.emplace_back();
  } else if (adds_slash) {
    path.pop_back();
  }
  auto next = more.begin();
  for (; next != more.end() && *next == ".."; ++next) {
    if (path.size() > 1) path.pop_back();
  }
  if (next == more.end() && adds_slash) path.emplace_back();
  path.insert(path.end(), next, more.end());
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
  if (rule.spelling == nullptr ||
      !(rule.spelling->joins_without_root || rule.spelling->decodes_first))
    return std::nullopt;
  const std::string_view path = PathOf(text, rule);
  const bool has_root = reference.starts_with('/');
  if (rule.spelling->joins_without_root && path.find("/..") != path.npos && !has_root &&
      !reference.empty() && reference.front() != '#') {
    const std::string_view relative = reference.substr(0, reference.find_first_of("?#"));
    const std::string joined = JoinedPath(path, relative, rule);
    const std::string_view host_end = std::string_view(joined).substr(0, joined.find('/'));
    // Empty: no URL.
    if (host_end.find_first_of(rule.refused_in_host) != host_end.npos) return std::string();
    return Text({http::UpToPath(base), joined, reference.substr(relative.size())});
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
