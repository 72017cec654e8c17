// Locations that clients read differently from the URL Standard: which host they reach by them.
#include <algorithm>
#include <string>

#include "core/follow/credentials.h"
#include "core/follow/location_text.h"
#include "core/follow/spelling.h"

namespace fingerpost::follow {
namespace {

// A path that stays a path: "//b.test" would be read as an authority.
std::string AsPath(std::string_view path) {
  return Text({path.starts_with("//") ? "/." : "", path});
}

// Without the authorities before it.
std::string PathAlone(std::string_view text) {
  while (text.starts_with("//") && text.size() > 2)
    text.remove_prefix(std::min(text.find_first_of("/?#", 2), text.size()));
  if (text.starts_with('/')) return AsPath(text);
  // java.net.URI writes the path of a relative reference without empty segments.
  const size_t end = std::min(text.find_first_of("?#"), text.size());
  std::string path = Text({"/", text.substr(0, end)});
  MergeSlashes(path);
  return Text({path, text.substr(end)});
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
    case EmptyAuthority::kPathOfFour:
      return four ? Use(Text({"/.", text}), location) : Refuse(location);
    case EmptyAuthority::kPathAsWritten:
      return Use(Text({"/.", text}), location);
    case EmptyAuthority::kRefused:
      return Refuse(location);
  }
}

// Whether a path begins with a name: "x", not "/x" or "?x".
bool IsName(std::string_view text) {
  return !text.empty() && std::string_view("/?#").find(text.front()) == std::string_view::npos;
}

// ":80" of "user@:80".
std::string_view PortOf(std::string_view authority) {
  authority.remove_prefix(authority.rfind('@') + 1);  // npos + 1 is 0.
  return authority.substr(std::min(authority.find(':'), authority.size()));
}

// "http:x", "http:/x" and "http:///x". `rest` follows the colon.
void ReinterpretScheme(const http::Url& base, const LocationRule& rule, std::string_view scheme,
                       std::string_view rest, Location& location) {
  const size_t slashes = std::min(rest.find_first_not_of('/'), rest.size());
  std::string_view path = slashes < 2 ? rest : rest.substr(2);
  // What is left of an authority without a host.
  const size_t end = slashes == 2 ? std::min(path.find_first_of("/?#"), path.size()) : 0;
  const std::string_view mark = path.substr(0, end);
  path.remove_prefix(end);
  switch (rule.no_authority) {
    case NoAuthority::kStandardButThree:
      if (slashes < 2) return;
      break;
    case NoAuthority::kRelativeButThree:
      if (slashes > 1) break;
      [[fallthrough]];
    case NoAuthority::kRelative:
      if (base.get_protocol() != Text({scheme, ":"}) || !mark.empty()) break;
      if (rule.empty_authority != EmptyAuthority::kReadAgain) return Use(AsPath(path), location);
      // It writes the parsed URL before it resolves it: "http:x" as "http:///x".
      return Use(Text({IsName(rest) ? "/" : "", path}), location);
    case NoAuthority::kUpToThreeSlashes:
      if (slashes != 1 && slashes != 3) break;
      return Use(Text({scheme, "://", rest.substr(slashes)}), location);
    case NoAuthority::kAnySlashes:
      return Use(Text({scheme, "://", rest.substr(slashes)}), location);
    case NoAuthority::kThreeSlashes:
      if (slashes != 3) break;
      return Use(Text({scheme, "://", rest.substr(slashes)}), location);
    case NoAuthority::kRequestHost:
      if (slashes < 2 && !path.empty() && !path.starts_with('/')) break;
      return Use(Text({scheme, "://", base.get_hostname(), PortOf(mark), path}), location);
    default:
      break;
  }
  Refuse(location);
}

bool IsPathless(std::string_view text, const LocationRule& rule) {
  return text.empty() ? !rule.keeps_empty
                      : text.front() == '?' || (rule.fragment_is_pathless && text.front() == '#');
}

// Reads a reference with a colon by its own rule. False: the client has none for it.
bool ReadColon(std::string_view text, const http::Url& base, Colon meaning, Location& location) {
  const size_t colon = text.find(':');
  if (meaning == Colon::kPath || colon == text.npos || text.starts_with('/')) return false;
  const bool absolute = IsAbsoluteReference(text);
  const bool port = colon + 1 < text.size() && text[colon + 1] >= '0' && text[colon + 1] <= '9';
  switch (meaning) {
    case Colon::kOpaqueHost:
      if (!absolute || text.substr(colon + 1).starts_with("//")) return false;
      Use(Text({"http://", text}), location);
      return true;
    case Colon::kHost:
      if (absolute && !port) return false;
      Use(Text({"http://", text}), location);
      return true;
    default:
      if (absolute || text.find_first_of("/?#") < colon) return false;
      Use(meaning == Colon::kRoot ? Text({"/", text}) : std::string(base.get_href()), location);
      return true;
  }
}

// "ws://b.test" -> "http://b.test".
void ReadWebSocket(WebSockets rule, Location& location) {
  const std::string_view text = location.text;
  const std::string start =
      http::ToLowerAscii(text.substr(0, std::min(text.find(':') + 1, size_t{4})));
  const bool is_secure = start == "wss:" && rule == WebSockets::kBoth;
  if (text.substr(start.size()).starts_with("//") && (start == "ws:" || is_secure))
    Use(Text({start == "ws:" ? "http:" : "https:", text.substr(start.size())}), location);
}

// "\\\\b.test" names a file, "http:\\b.test" nothing, and "/\b.test" the path "//b.test".
void ReadBackslashes(Location& location) {
  const std::string_view text = location.text;
  const size_t colon = text.find(':');
  if (text.starts_with("\\\\")) return Use(Text({"file:", text}), location);
  if (text.starts_with("/\\")) return Use(Text({"/.//", text.substr(2)}), location);
  if (IsAbsoluteReference(text) && ((colon == 1 && !text.substr(2).starts_with("//")) ||
                                    text.substr(colon + 1).starts_with('\\')))
    Refuse(location);
}

// "//", "//?q": an authority, but an empty one. ":" and "@" make it no fuller for some. Java's URI
// refuses "//" alone.
void ReadEmptyNetwork(const LocationRule& rule, Location& location) {
  if (rule.empty_authority == EmptyAuthority::kUrlStandard && location.text.starts_with("///"))
    return;  // Their number does not matter.
  const bool drops_marks = rule.pathless == "/" || rule.no_authority == NoAuthority::kRequestHost ||
                           rule.no_authority == NoAuthority::kRelativeButThree;
  const std::string_view rest = location.text.substr(2);
  const bool drops = rule.pathless.empty()
                         ? drops_marks || rule.no_authority == NoAuthority::kRelative
                         : !rest.empty() && !rule.keeps_empty;
  const size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  const std::string_view authority = rest.substr(0, end);
  if (rule.empty_network == EmptyNetwork::kNone) {
    const bool is_port = authority.starts_with(':') && drops_marks;
    if (authority.empty() || authority == ":" || is_port)
      Use(std::string(rest.substr(end)), location);
    return;
  }
  if (rule.empty_network == EmptyNetwork::kRefused &&
      (authority.empty() || authority == ":" || authority == "@"))
    return Refuse(location);
  if (rule.empty_network == EmptyNetwork::kReplacesSegment && authority.empty() && !rest.empty())
    return Use(Text({rest.starts_with('?') ? "." : "", rest}), location);
  if (drops && (authority.empty() || (drops_marks && (authority == ":" || authority == "@"))))
    Use(std::string(rest.substr(end)), location);
}

// "1:b", "ht%01tp:b": no scheme, and a colon before any slash.
bool HasColonInFirst(std::string_view text) {
  const size_t colon = text.find_first_of(":/?#");
  return colon != text.npos && text[colon] == ':' && !IsAbsoluteReference(text);
}

// Whether an authority has a host: ":80" and "user@" have none.
bool HasHost(std::string_view authority) {
  const std::string_view host = authority.substr(authority.rfind('@') + 1);  // npos + 1 is 0.
  return !host.empty() && host.front() != ':';
}

// "http://user@:80/x" -> "http://user@localhost:80/x". TLS needs a name.
void ReadEmptyHost(const http::Url& base, Location& location) {
  std::string text(location.text);
  const size_t colon = text.starts_with("//") ? 0 : text.find(':') + 1;  // npos + 1 is 0.
  const std::string scheme = http::ToLowerAscii(std::string_view(text).substr(0, colon));
  if (!text.substr(colon).starts_with("//") ||
      (scheme.empty() ? base.get_protocol() : scheme) != "http:")
    return;
  const size_t begin = colon + 2;
  const std::string authority =
      text.substr(begin, std::min(text.find_first_of("/?#", begin), text.size()) - begin);
  // "//:80" is a port alone.
  if (HasHost(authority) || (colon == 0 && authority.find('@') == authority.npos)) return;
  text.insert(begin + authority.rfind('@') + 1, "localhost");  // npos + 1 is 0.
  location.empty_host = true;
  Use(std::move(text), location);
}

// "http://:80/x" is http://localhost:80/x with ":80" as Host. An authority without any text is
// none.
void ReadNoHost(Location& location) {
  const std::string_view text = location.text;
  const size_t begin = std::min(text.find("//"), text.size());
  const std::string scheme = http::ToLowerAscii(text.substr(0, begin));
  if (!scheme.empty() && scheme != "http:" && scheme != "https:") return;
  const size_t end = std::min(text.find_first_of("/?#", begin + 2), text.size());
  if (scheme.empty() && end == 2 && !text.starts_with("///"))
    return Use(std::string(text.substr(2)), location);
  if (end < begin + 2) return;
  const std::string_view authority = text.substr(begin + 2, end - begin - 2);
  const size_t host = authority.rfind('@') + 1;  // npos + 1 is 0.
  if (!authority.substr(host).starts_with(':')) return;
  location.host = authority.substr(host);
  Use(Text({text.substr(0, begin + 2 + host), "localhost", text.substr(begin + 2 + host)}),
      location);
}

}  // namespace

void Reinterpret(const http::Url& base, const LocationRule& rule, Location& location) {
  if (rule.web_sockets != WebSockets::kRefused) ReadWebSocket(rule.web_sockets, location);
  if (rule.no_host == NoHost::kLoopbackIfPort) ReadNoHost(location);
  if (rule.path_without_scheme && location.text == "//") return Refuse(location);
  if (rule.path_without_scheme && !IsAbsoluteReference(location.text))
    return Use(PathAlone(location.text), location);
  if (rule.refuses_colon_in_first && HasColonInFirst(location.text)) return Refuse(location);
  if (rule.backslashes_are_file) ReadBackslashes(location);
  if (location.stop != v1::STOP_REASON_UNSPECIFIED) return;
  if (location.text.starts_with("///")) ReinterpretSlashes(rule.empty_authority, location);
  if (location.text.starts_with("//")) ReadEmptyNetwork(rule, location);
  if (rule.no_host == NoHost::kLoopback) ReadEmptyHost(base, location);
  const std::string_view text = location.text;
  if (location.stop != v1::STOP_REASON_UNSPECIFIED || text.starts_with("//")) return;
  if (ReadColon(text, base, rule.colon, location)) return;
  if (!rule.pathless.empty() && IsPathless(text, rule)) {
    location.is_query = text.starts_with('?');
    return Use(Text({rule.pathless, text}), location);
  }
  if (rule.no_authority == NoAuthority::kUrlStandard) return;

  const size_t colon = text.find(':');
  const std::string scheme = http::ToLowerAscii(text.substr(0, std::min(colon, text.size())));
  if (colon == std::string_view::npos || (scheme != "http" && scheme != "https")) return;
  const std::string_view rest = text.substr(colon + 1);
  const std::string_view after = rest.starts_with("//") ? rest.substr(2) : std::string_view();
  if (HasHost(after.substr(0, std::min(after.find_first_of("/?#"), after.size())))) return;
  ReinterpretScheme(base, rule, scheme, rest, location);
  if (location.text.starts_with("//")) ReadEmptyNetwork(rule, location);
}

namespace {

// No name ends with two. The client compares the name with its dot.
void DropLastDot(Location& location, http::Url& next) {
  std::string_view host = next.get_hostname();
  if (!host.ends_with('.')) return;
  if (host.ends_with("..")) return Refuse(location);
  location.compared = next;
  host.remove_suffix(1);
  next.set_hostname(std::string(host));
}

void MergeInPath(const Location& location, Merged merged, http::Url& next) {
  if (merged == Merged::kNone) return;
  const std::string_view text = location.text;
  const bool relative = !text.empty() && std::string_view("/?#").find(text.front()) == text.npos &&
                        !IsAbsoluteReference(text);
  if (merged == Merged::kRelative && !relative) return;
  std::string path(next.get_pathname());
  if (path.find("//") == path.npos) return;
  if (merged == Merged::kBeginning) {
    path.erase(0, std::min(path.find_first_not_of('/'), path.size()) - 1);
    next.set_pathname(path);
    return;
  }
  MergeSlashes(path);
  next.set_pathname(path);
}

// Ends the host where the client ends it. The rest, with the port, begins the path.
void EndHost(const LocationRule& rule, Location& location, http::Url& next) {
  const std::string_view host = next.get_hostname();
  const size_t end = host.find_first_of(rule.host_ends_at);
  if (end == host.npos) return;
  if (end == 0) return Refuse(location);
  const bool has_userinfo = http::HasUserinfo(next);
  const bool has_port = !next.get_port().empty();
  std::string path(host.substr(end));
  location.veiled = location.veiled || (rule.spelling != nullptr && NeedsVeil("/" + path, rule));
  if (location.veiled) path = VeiledPath(path, rule);
  const std::string text =
      Text({next.get_protocol(), "//", next.get_username(), has_userinfo ? ":" : "",
            next.get_password(), has_userinfo ? "@" : "", host.substr(0, end), "/", path,
            has_port ? ":" : "", next.get_port(), http::FromPathOn(next)});
  location.compared = next;
  location.drops_first_slash = rule.host_end_is_target;
  if (!http::ParseUrl(text, nullptr, next)) Refuse(location);
}

}  // namespace

void Rewrite(const LocationRule& rule, Location& location, http::Url& next) {
  if (!rule.host_ends_at.empty()) EndHost(rule, location, next);
  MergeInPath(location, rule.merged, next);
  if (rule.drops_last_dot) DropLastDot(location, next);
}

v1::StopReason WhyNotHttp(const http::Url& next, const LocationRule& rule) {
  if (rule.path_needs_authority && HasPathWithoutAuthority(next))
    return v1::STOP_REASON_INVALID_LOCATION;
  std::string_view scheme = next.get_protocol();
  scheme.remove_suffix(1);  // Its colon.
  const auto known = rule.known_schemes;
  return known.empty() || std::find(known.begin(), known.end(), scheme) != known.end()
             ? v1::STOP_REASON_SCHEME_NOT_ALLOWED
             : v1::STOP_REASON_INVALID_LOCATION;
}

v1::StopReason WhyNotTo(const Location& location, const http::Url& from, const http::Url& to,
                        const Profile& profile) {
  // "http://2130706433": an IPv4 address that Location has not, as it is written in a URL.
  if (profile.location.refuses_number_host && NamesAuthority(location.text) &&
      http::IsIpAddress(to) && !to.get_hostname().starts_with('[') &&
      location.text.find(to.get_hostname()) == location.text.npos)
    return v1::STOP_REASON_INVALID_LOCATION;
  if (http::IsHttps(from) == http::IsHttps(to)) return v1::STOP_REASON_UNSPECIFIED;
  if (http::IsHttps(to))
    return profile.upgrade ? v1::STOP_REASON_UNSPECIFIED : v1::STOP_REASON_SCHEME_NOT_ALLOWED;
  return profile.downgrade ? v1::STOP_REASON_UNSPECIFIED : v1::STOP_REASON_DOWNGRADE;
}

http::Url AtProxy(http::Url url, const http::Url& proxy) {
  url.set_hostname(proxy.get_hostname());
  url.set_port(proxy.get_port());
  return url;
}

}  // namespace fingerpost::follow
