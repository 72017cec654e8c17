#include "policy/formats/wildcards.h"

#include <algorithm>

#include "policy/formats/cat.h"
#include "policy/formats/spelling.h"

namespace fingerpost::policy::formats {
namespace {

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The name that follows a ":" at the start of `text`; "" without one.
std::string_view NameAt(std::string_view text) {
  if (!text.starts_with(':')) return {};
  size_t end = 1;
  while (end < text.size() && IsNameCharacter(text[end])) ++end;
  const std::string_view name = text.substr(1, end - 1);
  return name.empty() || (name[0] >= '0' && name[0] <= '9') ? std::string_view() : name;
}

constexpr std::string_view kSplat = "splat";

}  // namespace

std::string_view Wildcards::Read(std::string_view from, Redirect& redirect) {
  const size_t star = from.find('*');
  if (star != from.npos && star + 1 != from.size()) {
    return "has a \"*\" that is not at the end of the path";
  }
  const bool named = from.find("/:") != from.npos;
  if (star == from.npos && !named) {
    redirect.path = from;
    return {};
  }
  if (!named && from.ends_with("/*") && redirect.either_slash) {
    redirect.source = Source::kPrefix;
    redirect.path = from.size() == 2 ? "/" : from.substr(0, from.size() - 2);
    rest_ = true;
    return {};
  }
  return ReadPattern(from, redirect);
}

std::string_view Wildcards::ReadPattern(std::string_view from, Redirect& redirect) {
  redirect.source = Source::kPattern;
  const bool splat = from.ends_with('*');
  if (splat) from.remove_suffix(1);
  const bool whole_segment = from.ends_with('/');
  if (whole_segment && (splat || redirect.either_slash)) from.remove_suffix(1);
  std::string& pattern = redirect.path;
  while (!from.empty()) {
    const size_t end = std::min(from.find('/', 1), from.size());
    const std::string_view segment = from.substr(0, end);
    from.remove_prefix(end);
    const std::string_view name = NameAt(segment.substr(1));
    if (name.empty()) {
      const auto literal = LiteralPattern(segment);
      if (!literal) return "its source is no path of a URL";
      pattern += *literal;
    } else if (name.size() + 2 != segment.size()) {
      return "has a placeholder that is a part of a segment";
    } else if (std::find(names_.begin(), names_.end(), name) != names_.end()) {
      return "has the same placeholder twice";
    } else {
      names_.emplace_back(name);
      Append(pattern, "/(?P<", name, ">[^/]+)");
    }
  }
  if (splat) {
    names_.emplace_back(kSplat);
    Append(pattern, !whole_segment          ? "(?P<splat>.*)"
                    : redirect.either_slash ? "(?:/(?P<splat>.*))?"
                                            : "/(?P<splat>.*)");
  } else if (redirect.either_slash) {
    pattern += "/?";
  }
  return {};
}

std::string Wildcards::Target(std::string_view to) const {
  std::string out;
  for (size_t colon = to.find(':'); colon != to.npos; colon = to.find(':')) {
    out += WithoutPlaceholders(to.substr(0, colon));
    to.remove_prefix(colon);
    const std::string_view name = NameAt(to);
    if (rest_ && name == kSplat) {
      out += "{rest}";
    } else if (!name.empty() && std::find(names_.begin(), names_.end(), name) != names_.end()) {
      Append(out, "{", name, "}");
    } else {
      out += to.substr(0, name.size() + 1);
    }
    to.remove_prefix(name.size() + 1);
  }
  return out + WithoutPlaceholders(to);
}

}  // namespace fingerpost::policy::formats
