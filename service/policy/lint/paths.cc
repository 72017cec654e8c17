#include "policy/lint/paths.h"

#include <algorithm>

#include "policy/compiled/host_table.h"
#include "policy/compiled/path.h"

namespace fingerpost::policy::lint {
namespace {

using Path = compiled::Conditions::Path;

bool HasAll(const RE2& pattern) {
  static const std::string kGlob = compiled::GlobToRegex("/**");
  return pattern.pattern() == kGlob || pattern.pattern() == "/.*" || pattern.pattern() == ".*";
}

Relation AsFarAs(bool covers, bool meets) {
  if (covers) return Relation::kCovers;
  return meets ? Relation::kMeets : Relation::kApart;
}

// What all paths of a place begin with.
std::string StartOf(const Place& place) {
  switch (place.compiled.path_kind) {
    case Path::kAny:
      return "/";
    case Path::kExact:
    case Path::kPrefix:
      return place.compiled.path;
    case Path::kPattern:
      break;
  }
  return FixedStart(place.match);
}

Relation OfExact(const std::string& path, const Place& narrow) {
  switch (narrow.compiled.path_kind) {
    case Path::kExact:
      return AsFarAs(path == narrow.compiled.path, false);
    case Path::kPrefix:
      return AsFarAs(false, IsUnder(path, narrow.compiled.path));
    case Path::kPattern:
      return AsFarAs(false, RE2::FullMatch(path, *narrow.compiled.pattern));
    case Path::kAny:
      break;
  }
  return Relation::kMeets;
}

Relation OfPrefix(const std::string& prefix, const Place& narrow) {
  const std::string start = StartOf(narrow);
  switch (narrow.compiled.path_kind) {
    case Path::kExact:
      return AsFarAs(IsUnder(start, prefix), false);
    case Path::kPrefix:
      return AsFarAs(IsUnder(start, prefix), IsUnder(prefix, start));
    case Path::kPattern:
      return AsFarAs(start.starts_with(prefix + "/"), (prefix + "/").starts_with(start));
    case Path::kAny:
      break;
  }
  return AsFarAs(prefix.empty(), true);
}

Relation OfPattern(const Place& wide, const Place& narrow) {
  const RE2& pattern = *wide.compiled.pattern;
  if (narrow.compiled.path_kind == Path::kExact) {
    return AsFarAs(RE2::FullMatch(narrow.compiled.path, pattern), false);
  }
  if (narrow.compiled.path_kind == Path::kPattern &&
      narrow.compiled.pattern->pattern() == pattern.pattern()) {
    return Relation::kCovers;
  }
  const std::string one = StartOf(wide);
  const std::string other = StartOf(narrow);
  return AsFarAs(HasAll(pattern), one.starts_with(other) || other.starts_with(one));
}

// Of "shop.example", ".example" and "*.example", in the spelling of the document.
bool IsIn(std::string_view host, std::string_view pattern) {
  if (compiled::CapturesLabels(pattern)) return host.ends_with(pattern.substr(1));
  return compiled::IsHostWithin(host, pattern);
}

}  // namespace

std::string FixedStart(const v1::Match& match) {
  if (match.path_pattern_case() != v1::Match::kPathGlob) return "/";
  const std::string path = compiled::ParsePath(match.path_glob()).value_or("/");
  return path.substr(0, path.find('*'));
}

bool CoversHosts(const compiled::Conditions& wide, const compiled::Conditions& narrow) {
  if (wide.hosts.empty()) return true;
  return !narrow.hosts.empty() &&
         std::all_of(narrow.hosts.begin(), narrow.hosts.end(), [&](compiled::HostId host) {
           return std::find(wide.hosts.begin(), wide.hosts.end(), host) != wide.hosts.end();
         });
}

bool HostsMeet(const v1::Match& a, const v1::Match& b) {
  if (a.hosts().empty() || b.hosts().empty()) return true;
  return std::any_of(a.hosts().begin(), a.hosts().end(), [&](const std::string& one) {
    return std::any_of(b.hosts().begin(), b.hosts().end(), [&](const std::string& other) {
      const auto x = compiled::ParseMatchHost(one);
      const auto y = compiled::ParseMatchHost(other);
      return !x || !y || IsIn(*x, *y) || IsIn(*y, *x);
    });
  });
}

Relation RelationOfPaths(const Place& wide, const Place& narrow) {
  switch (wide.compiled.path_kind) {
    case Path::kExact:
      return OfExact(wide.compiled.path, narrow);
    case Path::kPrefix:
      return OfPrefix(wide.compiled.path, narrow);
    case Path::kPattern:
      return OfPattern(wide, narrow);
    case Path::kAny:
      break;
  }
  return Relation::kCovers;
}

}  // namespace fingerpost::policy::lint
