#include "policy/formats/reach.h"

#include <algorithm>

#include "policy/formats/spelling.h"

namespace fingerpost::policy::formats {
namespace {

constexpr size_t kBehindScheme = std::string_view("https://").size();

// Whether the host pattern `a` stands for every host that `b` stands for.
bool HostCovers(std::string_view a, std::string_view b) {
  if (a == b) return true;
  if (a.starts_with("*.")) return b != a.substr(1) && b.ends_with(a.substr(1));
  return a.starts_with('.') && (b.ends_with(a) || b == a.substr(1));
}

}  // namespace

bool IsDomain(std::string_view host) { return host.starts_with('.') || host.starts_with("*."); }

bool HostsCover(const Hosts& a, const Hosts& b) {
  if (a.empty()) return true;
  if (b.empty()) return false;
  return std::all_of(b.begin(), b.end(), [&a](const std::string& host) {
    return std::any_of(a.begin(), a.end(),
                       [&host](const auto& by) { return HostCovers(by, host); });
  });
}

bool HostsOverlap(const Hosts& a, const Hosts& b) {
  if (a.empty() || b.empty()) return true;
  return std::any_of(a.begin(), a.end(), [&b](const std::string& host) {
    return std::any_of(b.begin(), b.end(), [&host](const std::string& other) {
      return HostCovers(other, host) || HostCovers(host, other);
    });
  });
}

Hosts HostsInBoth(const Hosts& a, const Hosts& b) {
  Hosts out;
  for (const std::string& host : a) {
    for (const std::string& other : b) {
      if (!HostCovers(host, other) && !HostCovers(other, host)) continue;
      const std::string& narrower = HostCovers(host, other) ? other : host;
      if (std::ranges::find(out, narrower) == out.end()) out.push_back(narrower);
    }
  }
  return out;
}

bool IsBelow(std::string_view path, std::string_view prefix) {
  if (prefix == "/") return true;
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

void BecomePattern(Redirect& redirect) {
  const std::string literal = Quoted(redirect.path == "/" ? "" : redirect.path);
  if (redirect.source == Source::kExact) {
    redirect.path = Quoted(redirect.path);
  } else if (const size_t at = redirect.target.find("{rest}"); at == std::string::npos) {
    redirect.path = literal + "(?:/.*)?";
  } else if (redirect.target[at - 1] == '/') {
    redirect.path = literal + "(?:/(?P<rest>.*))?";
  } else if (IsAbsolute(redirect.target) && redirect.target.find('/', kBehindScheme) > at) {
    redirect.path = literal + "(?:/(?P<rest>.*))?";
    redirect.target.insert(at, "/");
  } else {
    redirect.path = literal + "(?P<rest>(?:/.*)?)";
  }
  if (redirect.ignore_case) redirect.path.insert(0, "(?i)");
  redirect.source = Source::kPattern;
}

}  // namespace fingerpost::policy::formats
