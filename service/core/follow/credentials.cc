#include "core/follow/credentials.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "xxhash.h"

namespace fingerpost::follow {
namespace {

// The endings of names in advisories (CVE-2026-40895 X-Api-Key, CVE-2026-50192
// X-Kerberos-Hub-PrivateKey, GHSA-8mxv-9xhp-86h4 X-Amz-Security-Token), and similar ones. "-" also
// matches "_", which some servers treat as the same (RFC 3875 §4.1.18).
constexpr std::array<std::string_view, 18> kSecretEndings = {
    "api-key",       "apikey",     "auth-key",    "access-key", "private-key", "privatekey",
    "functions-key", "token",      "secret",      "password",   "passwd",      "jwt",
    "jwt-assertion", "credential", "credentials", "session-id", "dpop",        "subscription-key"};

// The last two letters, case-insensitive, as one of 64 bits: most names end differently.
constexpr uint64_t LastTwoLetters(std::string_view name) {
  const auto letter = [name](size_t from_end) {
    return static_cast<unsigned>(name[name.size() - from_end]) & 0x1F;
  };
  return uint64_t{1} << ((31 * letter(2) + letter(1)) & 63);
}
constexpr uint64_t kLastLetters = [] {
  uint64_t letters = LastTwoLetters("-authorization");
  for (const std::string_view ending : kSecretEndings) letters |= LastTwoLetters(ending);
  return letters;
}();

bool IsSubdomain(const http::Url& url, const http::Url& parent) {
  const std::string_view host = url.get_hostname();
  const std::string_view suffix = parent.get_hostname();
  if (http::IsIpAddress(url) || http::IsIpAddress(parent) || host.size() <= suffix.size())
    return false;
  const size_t rest = host.size() - suffix.size();
  return host[rest - 1] == '.' && host.substr(rest) == suffix;
}

size_t EndOfAuthority(std::string_view text) {
  constexpr std::string_view kEnds = "/?#";
  return static_cast<size_t>(
      std::find_first_of(text.begin(), text.end(), kEnds.begin(), kEnds.end()) - text.begin());
}

// "http://user@a.test:80/x" -> "user@a.test:80"; empty for a path with "//" in it.
std::string_view RawAuthority(std::string_view text) {
  const size_t slash = EndOfAuthority(text);
  if (slash > 0 && text[slash - 1] != ':') return {};
  text.remove_prefix(slash);
  if (!text.starts_with("//")) return {};
  text.remove_prefix(2);
  return text.substr(0, EndOfAuthority(text));
}

// "HTTP:\\\\user@A.test:80\\x" -> "a.test:80", as url.parse() of Node.js reads it.
std::string WrittenHost(std::string_view text) {
  std::string slashes(text);
  std::replace(slashes.begin(), slashes.end(), '\\', '/');
  const size_t colon = slashes.find("://");
  if (colon == slashes.npos || colon > slashes.find('/') || text.find("http") == text.npos)
    return {};
  std::string_view host = RawAuthority(slashes);
  host.remove_prefix(host.rfind('@') + 1);
  host = host.substr(0, host.find_first_of("\"';`{}"));
  if (host.ends_with(':')) host.remove_suffix(1);
  return http::ToLowerAscii(host);
}

// "user@A.test:80" -> "a.test", with port and capitals if they matter to `rule`.
std::string HostAndPort(Crossing rule, std::string_view authority) {
  authority.remove_prefix(authority.rfind('@') + 1);  // npos + 1 is 0.
  const size_t colon = authority.rfind(':');
  const bool has_port = colon != authority.npos && authority.find(']', colon) == authority.npos;
  std::string_view port = has_port ? authority.substr(colon) : std::string_view();
  authority.remove_suffix(port.size());
  if (!(rule & kWrittenPort) || port == ":") port = {};
  std::string written =
      rule & kWrittenCase ? std::string(authority) : http::ToLowerAscii(authority);
  return written.append(port);
}

bool RelationCrosses(Crossing rule, const http::Url& from, const http::Url& to) {
  const bool other_scheme = from.get_protocol() != to.get_protocol();
  if (other_scheme && !(rule & kIgnoresScheme) &&
      !((rule & kAllowsAnyToHttps) && http::IsHttps(to)))
    return true;
  const bool other_host = from.get_hostname() != to.get_hostname() &&
                          !((rule & kAllowsSubdomain) && IsSubdomain(to, from));
  const bool other_port = http::EffectivePort(from) != http::EffectivePort(to) &&
                          !(rule & kIgnoresPort) &&
                          // A default port changes with the scheme; that does not count as a change
                          // of port.
                          !((rule & kAllowsAnyToHttps) && from.get_port() == to.get_port());
  return other_host || other_port;
}

bool IsDeclared(std::string_view name, const v1::FollowOptions& options) {
  return !options.secret_fields().empty() &&
         std::any_of(
             options.secret_fields().begin(), options.secret_fields().end(),
             [name](const std::string& secret) { return http::EqualsIgnoreCase(secret, name); });
}

// The fields that Connection names (RFC 9110 §7.6.1), if the client heeds it. Read once, so that
// the cost is linear in the list's length.
class ConnectionOptions {
 public:
  ConnectionOptions(const http::Headers& headers, const Profile& profile,
                    const v1::FollowOptions& options) {
    if (!profile.heeds_connection) return;
    for (const v1::Header& header : headers) {
      if (!http::EqualsIgnoreCase(header.name(), "Connection") || IsOpaque(header, options))
        continue;
      std::string_view rest = http::ValueOf(header);
      while (!rest.empty()) {
        const size_t comma = std::min(rest.find(','), rest.size());
        names_.insert(http::ToLowerAscii(http::TrimWhitespace(rest.substr(0, comma))));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
      }
    }
  }
  [[nodiscard]] bool Has(std::string_view name) const {
    return !names_.empty() && names_.contains(http::ToLowerAscii(name));
  }

 private:
  absl::flat_hash_set<std::string> names_;
};

}  // namespace

uint64_t WrittenAuthority(Crossing rule, std::string_view text) {
  if (rule & kWrittenHost) {
    const std::string host = WrittenHost(text);
    return XXH64(host.data(), host.size(), 0) | 1;
  }
  const std::string_view authority = ComparesText(rule) ? RawAuthority(text) : std::string_view();
  if (authority.empty()) return 0;
  if (rule & kWrittenUserinfo) {
    const std::string_view userinfo = authority.substr(0, authority.rfind('@') + 1);  // Or none.
    return XXH64(userinfo.data(), userinfo.size(), 0) | 1;
  }
  const std::string written =
      rule & kRawAuthority ? std::string(authority) : HostAndPort(rule, authority);
  return XXH64(written.data(), written.size(), 0) | 1;  // Never 0.
}

bool Crosses(Crossing rule, const http::Url& from, const http::Url& to, uint64_t written_from,
             std::string_view raw_to) {
  if (rule & kAlways) return true;
  if (rule & kNever) return false;
  if (raw_to.starts_with('/')) {
    if (rule & kSlashIsSame) return false;
  } else if ((rule & kRelativeCrosses) && raw_to.find("://") == std::string_view::npos) {
    return true;
  }
  const uint64_t written_to = WrittenAuthority(rule, raw_to);
  if (rule & kWrittenHost) {
    return written_to != written_from || http::EffectivePort(from) != http::EffectivePort(to);
  }
  if (written_to != 0 && written_to != written_from) return true;
  if ((rule & kAllowsUpgrade) && !http::IsHttps(from) && http::IsHttps(to) &&
      from.get_hostname() == to.get_hostname() && from.get_port().empty() &&
      to.get_port().empty()) {
    return false;
  }
  return RelationCrosses(rule, from, to);
}

bool BothTrusted(const v1::FollowOptions& options, const http::Url& from, const http::Url& to) {
  const auto trusted = [&options](const http::Url& url) {
    return std::any_of(options.trusted_origins().begin(), options.trusted_origins().end(),
                       [&url](const std::string& origin) {
                         const auto parsed = http::ParseUrl(origin);
                         return parsed && http::SameOrigin(*parsed, url);
                       });
  };
  return options.trusted_origins_size() > 0 && trusted(from) && trusted(to);
}

bool IsOpaque(const v1::Header& header, const v1::FollowOptions& options) {
  return http::IsWithheld(header) || IsDeclared(header.name(), options);
}

FieldRules::FieldRules(const Profile& profile, const HopFacts& facts)
    : facts_(facts),
      authorization_or_declared_(facts.authorization_is_derived ||
                                 !facts.options.secret_fields().empty()) {
  for (const FieldRule& rule : profile.fields) {
    if ((rule.when & facts.when) == 0 || (rule.unless & facts.when) != 0) continue;
    (rule.stops ? stopping_ : dropping_).push_back(&rule);
    if (!rule.stops) concerned_.Widen(rule.names);
  }
}

v1::ChangeReason FieldRules::FindReason(std::string_view name) const {
  if (facts_.authorization_is_derived && http::EqualsIgnoreCase(name, "Authorization"))
    return (facts_.when & kNewAuthority) != 0 ? v1::CHANGE_REASON_USERINFO
                                              : v1::CHANGE_REASON_UNSPECIFIED;
  for (const FieldRule* rule : dropping_) {
    if (rule->names.Has(name)) return rule->reason;
  }
  return (facts_.when & kCredentialsStay) && IsDeclared(name, facts_.options)
             ? v1::CHANGE_REASON_DECLARED_SECRET
             : v1::CHANGE_REASON_UNSPECIFIED;
}

bool FieldRules::Stops(std::string_view name) const {
  return !stopping_.empty() &&
         std::any_of(stopping_.begin(), stopping_.end(),
                     [name](const FieldRule* rule) { return rule->names.Has(name); });
}

namespace {

// Conditions of a Range: only a client that has the rest of the named representation can use the
// part (RFC 9110 §13.1.5, §13.1.1, §13.1.4).
constexpr std::string_view kRangeConditions[] = {"If-Range", "If-Match", "If-Unmodified-Since"};

// Without its condition, a Range could join the parts of two representations; If-Range alone means
// nothing.
void TieRange(const http::Headers& headers, Changes& changes) {
  constexpr FieldNames kConditions(kRangeConditions);
  bool condition_gone = false;
  bool range_gone = false;
  for (int i = 0; i < headers.size(); ++i) {
    if (!changes.IsDropped(i)) continue;
    condition_gone = condition_gone || kConditions.Has(headers[i].name());
    range_gone = range_gone || http::EqualsIgnoreCase(headers[i].name(), "Range");
  }
  for (int i = 0; i < headers.size(); ++i) {
    if ((condition_gone && http::EqualsIgnoreCase(headers[i].name(), "Range")) ||
        (range_gone && http::EqualsIgnoreCase(headers[i].name(), "If-Range"))) {
      changes.Drop(i, v1::CHANGE_REASON_PRECONDITION);
    }
  }
}

}  // namespace

bool DropFields(const v1::HttpRequest& request, const Profile& profile, const HopFacts& facts,
                Changes& changes) {
  const FieldRules rules(profile, facts);
  const ConnectionOptions connection(request.headers(), profile, facts.options);
  for (int i = 0; i < request.headers_size(); ++i) {
    const std::string& name = request.headers(i).name();
    // The jar's own Cookie is not the caller's.
    if (rules.Stops(name) && i != facts.jars_cookie) return false;
    const v1::ChangeReason reason = rules.WhyDropped(name);
    if (reason != v1::CHANGE_REASON_UNSPECIFIED) {
      changes.Drop(i, reason);
    } else if (connection.Has(name)) {
      changes.Drop(i, v1::CHANGE_REASON_CONNECTION_SPECIFIC);
    }
  }
  if (profile.ties_range) TieRange(request.headers(), changes);
  return true;
}

bool StopsAcross(const http::Headers& headers, const Profile& profile,
                 const v1::FollowOptions& options) {
  const HopFacts facts{kCredentialsStay, options};
  const FieldRules rules(profile, facts);
  return std::any_of(headers.begin(), headers.end(),
                     [&rules](const v1::Header& header) { return rules.Stops(header.name()); });
}

bool IsLeftBehind(v1::ChangeReason reason) {
  return reason == v1::CHANGE_REASON_ORIGIN_CHANGED ||
         reason == v1::CHANGE_REASON_DECLARED_SECRET || reason == v1::CHANGE_REASON_HOST;
}

bool NamesAuthority(std::string_view text) { return !RawAuthority(text).empty(); }

bool LooksLikeSecret(std::string_view field_name) {
  if (field_name.size() < 2 || (kLastLetters & LastTwoLetters(field_name)) == 0) return false;
  const auto ends_with = [field_name](std::string_view ending) {
    return field_name.size() >= ending.size() &&
           std::equal(ending.rbegin(), ending.rend(), field_name.rbegin(), [](char a, char b) {
             return absl::ascii_tolower(static_cast<unsigned char>(b)) == a ||
                    (a == '-' && b == '_');
           });
  };
  // Authorization itself needs no declaration, but its copies do.
  return std::any_of(kSecretEndings.begin(), kSecretEndings.end(), ends_with) ||
         (ends_with("-authorization") &&
          !http::EqualsIgnoreCase(field_name, "Proxy-Authorization"));
}

}  // namespace fingerpost::follow
