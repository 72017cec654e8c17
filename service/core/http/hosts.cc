#include "core/http/hosts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <span>

#include "core/http/addresses.h"
#include "core/http/fields.h"
#include "libpsl.h"

namespace fingerpost::http {
namespace {

struct Pattern {
  std::string_view host;  // Without the leading dot.
  std::string_view port;  // Empty: the scheme's default.
  bool subdomains;
};

Pattern Split(std::string_view text) {
  Pattern pattern{text, {}, false};
  // An IPv6 address has colons inside its brackets.
  const size_t colon = text.rfind(':');
  if (colon != std::string_view::npos && text.find(']', colon) == std::string_view::npos) {
    pattern.host = text.substr(0, colon);
    pattern.port = text.substr(colon + 1);
  }
  if (pattern.host.starts_with('.')) {
    pattern.subdomains = true;
    pattern.host.remove_prefix(1);
  }
  return pattern;
}

// The names that RFC 6761, RFC 6762 (with appendix G), RFC 8375, RFC 9476 and IANA keep off the
// public Internet, and those that Linux and Kubernetes invented.
constexpr std::array<std::string_view, 12> kPrivateSuffixes = {
    "localhost", "local", "internal", "lan",     "home.arpa",   "intranet",
    "corp",      "alt",   "home",     "private", "localdomain", "svc"};
// Nobody can register these. Only a private resolver or Tor answers for them (RFC 6761 §6.2 and
// §6.4, RFC 7686).
constexpr std::array<std::string_view, 3> kReservedSuffixes = {"test", "invalid", "onion"};

// A pattern that the URL parser would certainly accept unchanged, so that it need not be parsed:
// lower-case labels, the last one not numeric and so no IPv4 address.
bool IsPlainName(std::string_view pattern) {
  if (pattern.starts_with('.')) pattern.remove_prefix(1);
  bool label_begins = true;
  char first = '\0';
  for (const char c : pattern) {
    const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!alphanumeric && c != '-' && (c != '.' || label_begins)) return false;
    if (label_begins) first = c;
    label_begins = c == '.';
  }
  return !label_begins && first >= 'a' && first <= 'z';
}

bool EndsWithLabels(std::string_view host, std::string_view suffix) {
  if (!host.ends_with(suffix)) return false;
  const size_t rest = host.size() - suffix.size();
  return rest == 0 || host[rest - 1] == '.';
}

uint16_t PortOf(const Pattern& pattern) {
  uint16_t port = 0;
  std::from_chars(pattern.port.data(), pattern.port.data() + pattern.port.size(), port);
  return port;
}

bool EndsWithAny(std::string_view host, std::span<const std::string_view> suffixes) {
  return std::any_of(suffixes.begin(), suffixes.end(),
                     [host](std::string_view suffix) { return EndsWithLabels(host, suffix); });
}

}  // namespace

bool HostMatches(const Url& url, std::string_view text) {
  const Pattern pattern = Split(text);
  const std::string_view host = url.get_hostname();
  if (pattern.port.empty() ? !url.get_port().empty() : EffectivePort(url) != PortOf(pattern))
    return false;
  if (EqualsIgnoreCase(host, pattern.host)) return true;
  if (!pattern.subdomains || IsIpAddress(url) || host.size() <= pattern.host.size()) return false;
  const size_t rest = host.size() - pattern.host.size();
  return host[rest - 1] == '.' && EqualsIgnoreCase(host.substr(rest), pattern.host);
}

bool AnyHostMatches(const Url& url, const HostPatterns& patterns) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&url](const std::string& pattern) { return HostMatches(url, pattern); });
}

void CheckHostPatterns(const HostPatterns& patterns, int limit, const message::Place& at,
                       message::Faults& faults) {
  if (patterns.size() > limit) {
    faults.Error(
        at, "at most " + std::to_string(limit) + " hosts, got " + std::to_string(patterns.size()));
    return;
  }
  for (int i = 0; i < patterns.size(); ++i) {
    if (IsPlainName(patterns[i])) continue;
    const Pattern pattern = Split(patterns[i]);
    const std::string authority = patterns[i].substr(pattern.subdomains ? 1 : 0);
    const auto url = ParseUrl("https://" + authority + "/");
    const bool port_ok = pattern.port.find_first_not_of("0123456789") == std::string_view::npos &&
                         (pattern.port.empty() || (url && EffectivePort(*url) != 0));
    if (pattern.host.empty() || patterns[i].ends_with(':') ||
        pattern.host.find_first_of("/?#@\\*% \t") != std::string_view::npos ||
        HasControl(patterns[i]) || !url || !port_ok) {
      faults.Error(at[i],
                   "expected a host: \"example.com\", \".example.com\" or \"example.com:8443\", "
                   "without scheme, path or wildcard");
    } else if (!EqualsIgnoreCase(url->get_hostname(), pattern.host)) {
      faults.Error(at[i],
                   "write the host as URLs have it: \"" + std::string(url->get_hostname()) + "\"");
    }
  }
}

bool HostDenied(const Url& url, std::string_view text) {
  const Pattern pattern = Split(text);
  if (!pattern.port.empty() && EffectivePort(url) != PortOf(pattern)) return false;
  const std::string_view host = WithoutFinalDots(url.get_hostname());
  const std::string_view denied = WithoutFinalDots(pattern.host);
  if (const auto address = ReadAddress(host)) {
    const auto other = ReadAddress(denied);
    return other && LeadsTo(*address, *other);
  }
  if (EqualsIgnoreCase(host, denied)) return true;
  return pattern.subdomains && host.size() > denied.size() &&
         host[host.size() - denied.size() - 1] == '.' &&
         EqualsIgnoreCase(host.substr(host.size() - denied.size()), denied);
}

bool IsLoopback(const Url& url) {
  const std::string_view host = url.get_hostname();
  if (IsAddress(host)) {
    const auto address = ReadAddress(host);
    // No specification names the IPv4-mapped form.
    const bool mapped = address && IsIpv4(*address) && host.starts_with('[');
    return address && !mapped && IsLoopbackAddress(*address);
  }
  return EndsWithLabels(WithoutFinalDots(host), "localhost");
}

bool IsTrustworthy(const Url& url) { return IsHttps(url) || IsLoopback(url); }

bool IsNotPublic(const Url& url) {
  const std::string_view host = WithoutFinalDots(url.get_hostname());
  if (IsAddress(host)) {
    const auto address = ReadAddress(host);
    return !address || IsPrivateAddress(*address);
  }
  return host.find('.') == std::string_view::npos || EndsWithAny(host, kPrivateSuffixes);
}

bool IsPublicSuffix(std::string_view domain) {
  if (domain.ends_with('.')) domain.remove_suffix(1);
  return psl_is_public_suffix(psl_builtin(), std::string(domain).c_str()) != 0;
}

bool IsReservedName(const Url& url) {
  return EndsWithAny(WithoutFinalDots(url.get_hostname()), kReservedSuffixes);
}

}  // namespace fingerpost::http
