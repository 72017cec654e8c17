// Locations that clients read differently from the URL Standard: which host they reach by them.
#include <algorithm>
#include <initializer_list>
#include <string>

#include "core/follow/location.h"

namespace fingerpost::follow {
namespace {

std::string Text(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

void Use(std::string text, Location& location) {
  location.buffer = std::move(text);
  location.text = location.buffer;
}

void Refuse(Location& location) { location.stop = v1::STOP_REASON_INVALID_LOCATION; }

bool IsSlash(char c) { return c == '/' || c == '\\'; }

// A path that stays a path: "//b.test" would be read as an authority.
std::string AsPath(std::string_view path) {
  return Text({path.starts_with("//") ? "/." : "", path});
}

// Where the authority begins: after "http://", "https://" or "//". npos: the reference has none.
size_t AuthorityAt(std::string_view text) {
  if (text.starts_with("//")) return 2;
  const size_t colon = text.find(':');
  if (colon == text.npos || text.substr(colon + 1, 2) != "//") return text.npos;
  const std::string scheme = http::ToLowerAscii(text.substr(0, colon));
  return scheme == "http" || scheme == "https" ? colon + 3 : text.npos;
}

bool Has(std::string_view text, std::string_view characters) {
  if (text.find_first_of(characters) != text.npos) return true;
  return characters.find(LocationRule::kAnyOctet) != characters.npos &&
         std::any_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
}

bool RefusesAuthority(std::string_view authority, const LocationRule& rule) {
  const size_t at = authority.rfind('@');
  if (rule.refuses_empty_userinfo && at == 0) return true;
  if (rule.refuses_second_at && at != authority.npos && authority.find('@') != at) return true;
  const std::string_view host = at == authority.npos ? authority : authority.substr(at + 1);
  return Has(authority, rule.refused_in_authority) || Has(host, rule.refused_in_host);
}

// Tabs that the client removes only after it has found scheme and authority.
void RemoveTabsLate(std::string_view authority, Location& location) {
  if (authority.find('\t') != authority.npos) return Refuse(location);
  const bool absolute = IsAbsoluteReference(location.text) || !authority.empty();
  std::string text(location.text);
  std::erase(text, '\t');
  if (!absolute && text.size() > 1 && IsSlash(text[0]) && IsSlash(text[1])) text.insert(0, "/.");
  if (!absolute && IsAbsoluteReference(text)) text.insert(0, "./");
  location.repaired = true;
  Use(std::move(text), location);
}

// "/\t/b.test": two slashes as soon as the tab is gone.
bool BecomesAuthority(std::string_view text) {
  if (!text.starts_with('/') || text.starts_with("//")) return false;
  const size_t next = text.find_first_not_of('\t', 1);
  return next != text.npos && text[next] == '/';
}

// The references with three slashes or more, and no scheme.
void ReinterpretSlashes(EmptyAuthority meaning, Location& location) {
  const std::string_view text = location.text;
  const bool four = text.starts_with("////");
  switch (meaning) {
    case EmptyAuthority::kUrlStandard:
      return;
    case EmptyAuthority::kThreeAreTwo:
      return four ? Refuse(location) : void();
    case EmptyAuthority::kPathOfThree:
      return four ? Refuse(location) : Use(std::string(text.substr(2)), location);
    case EmptyAuthority::kPath:
      return Use(AsPath(text.substr(2)), location);
    case EmptyAuthority::kReadAgain: {
      const size_t slashes = std::min(text.find_first_not_of('/'), text.size());
      return Use(std::string(text.substr(slashes - (slashes % 2 == 0 ? 2 : 1))), location);
    }
    case EmptyAuthority::kPathAsWritten:
      return Use(Text({"/.", text}), location);
    case EmptyAuthority::kRefused:
      return Refuse(location);
  }
}

// "http:x", "http:/x" and "http:///x". `rest` follows the colon.
void ReinterpretScheme(const http::Url& base, const LocationRule& rule, std::string_view scheme,
                       std::string_view rest, Location& location) {
  const size_t slashes = std::min(rest.find_first_not_of('/'), rest.size());
  const std::string_view path = slashes < 2 ? rest : rest.substr(2);
  switch (rule.no_authority) {
    case NoAuthority::kRelativeButThree:
      if (slashes > 1) break;
      [[fallthrough]];
    case NoAuthority::kRelative:
      if (base.get_protocol() != Text({scheme, ":"})) break;
      return Use(
          rule.empty_authority == EmptyAuthority::kReadAgain ? std::string(path) : AsPath(path),
          location);
    case NoAuthority::kUpToThreeSlashes:
      if (slashes != 1 && slashes != 3) break;
      return Use(Text({scheme, "://", rest.substr(slashes)}), location);
    case NoAuthority::kRequestHost:
      if (!path.starts_with('/')) break;
      return Use(Text({scheme, "://", base.get_hostname(), path}), location);
    default:
      break;
  }
  Refuse(location);
}

}  // namespace

void ReadAuthority(const LocationRule& rule, Location& location) {
  const std::string_view text = location.text;
  const size_t begin = AuthorityAt(text);
  std::string_view authority;
  if (begin != text.npos)
    authority = text.substr(begin, std::min(text.find_first_of("/?#", begin), text.size()) - begin);
  if (rule.tabs == Tabs::kRefusedBetweenSlashes && BecomesAuthority(text)) return Refuse(location);
  if (const size_t end = authority.find('\\'); rule.backslash_ends_authority && end != text.npos) {
    std::string ended(text);
    ended.insert(begin + end, "/");
    return Use(std::move(ended), location);
  }
  if (RefusesAuthority(authority, rule)) return Refuse(location);
  if (rule.tabs == Tabs::kAfterAuthority && text.find('\t') != text.npos)
    RemoveTabsLate(authority, location);
}

void Reinterpret(const http::Url& base, const LocationRule& rule, Location& location) {
  const std::string_view text = location.text;
  if (text.starts_with("///")) return ReinterpretSlashes(rule.empty_authority, location);
  if (!rule.pathless.empty() && (text.empty() || text.front() == '?'))
    return Use(Text({rule.pathless, text}), location);
  if (rule.no_authority == NoAuthority::kUrlStandard) return;

  const size_t colon = text.find(':');
  const std::string scheme = http::ToLowerAscii(text.substr(0, std::min(colon, text.size())));
  if (colon == std::string_view::npos || (scheme != "http" && scheme != "https")) return;
  const std::string_view rest = text.substr(colon + 1);
  const bool has_authority = rest.starts_with("//") && rest.size() > 2 &&
                             std::string_view("/?#:").find(rest[2]) == rest.npos;
  if (!has_authority) ReinterpretScheme(base, rule, scheme, rest, location);
}

namespace {

void DropLastDot(http::Url& next) {
  std::string_view host = next.get_hostname();
  if (!host.ends_with('.')) return;
  host.remove_suffix(1);
  next.set_hostname(std::string(host));
}

void MergeSlashes(const Location& location, Merged merged, http::Url& next) {
  if (merged == Merged::kNone) return;
  const std::string_view text = location.text;
  const bool relative = !text.empty() && std::string_view("/?#").find(text.front()) == text.npos &&
                        !IsAbsoluteReference(text);
  if (merged == Merged::kRelative && !relative) return;
  std::string path(next.get_pathname());
  if (path.find("//") == path.npos) return;
  path.erase(
      std::unique(path.begin(), path.end(), [](char a, char b) { return a == '/' && b == '/'; }),
      path.end());
  next.set_pathname(path);
}

}  // namespace

void Rewrite(const Location& location, const LocationRule& rule, http::Url& next) {
  MergeSlashes(location, rule.merged, next);
  if (rule.drops_last_dot) DropLastDot(next);
}

}  // namespace fingerpost::follow
