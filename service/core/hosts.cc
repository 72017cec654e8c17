#include "core/hosts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "core/fields.h"

namespace fingerpost {
namespace {

struct Pattern {
  std::string_view host;  // Without the leading dot.
  std::string_view port;  // Empty: the scheme's default.
  bool subdomains;
};

Pattern Split(std::string_view text) {
  Pattern pattern{text, {}, false};
  // An IPv6 address has colons of its own, inside brackets.
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

// The names that RFC 6761, RFC 6762 (appendix G, too), RFC 8375, RFC 9476 and IANA keep off the
// public Internet, and those that Linux and Kubernetes made up for themselves.
constexpr std::array<std::string_view, 12> kPrivateSuffixes = {
    "localhost", "local", "internal", "lan",     "home.arpa",   "intranet",
    "corp",      "alt",   "home",     "private", "localdomain", "svc"};

bool IsPrivateIpv4(uint32_t address) {
  struct Block {
    uint32_t network;
    int bits;
  };
  // RFC 6890 and its registry: everything that is not globally reachable.
  static constexpr std::array<Block, 15> kBlocks = {{{0x00000000, 8},
                                                     {0x0A000000, 8},
                                                     {0x64400000, 10},
                                                     {0x7F000000, 8},
                                                     {0xA9FE0000, 16},
                                                     {0xAC100000, 12},
                                                     {0xC0000000, 24},
                                                     {0xC0000200, 24},
                                                     {0xC0586300, 24},
                                                     {0xC0A80000, 16},
                                                     {0xC6120000, 15},
                                                     {0xC6336400, 24},
                                                     {0xCB007100, 24},
                                                     {0xE0000000, 4},
                                                     {0xF0000000, 4}}};
  for (const Block& block : kBlocks) {
    if (((address ^ block.network) >> (32 - block.bits)) == 0) return true;
  }
  return false;
}

// `host` is ada's canonical dotted form.
uint32_t ParseIpv4(std::string_view host) {
  uint32_t address = 0;
  while (!host.empty()) {
    const size_t dot = std::min(host.find('.'), host.size());
    uint32_t part = 0;
    std::from_chars(host.data(), host.data() + dot, part);
    address = address << 8 | part;
    host.remove_prefix(std::min(dot + 1, host.size()));
  }
  return address;
}

using Ipv6 = std::array<uint16_t, 8>;

// `host` is ada's canonical form (RFC 5952), in brackets.
Ipv6 ParseIpv6(std::string_view host) {
  host = host.substr(1, host.size() - 2);
  Ipv6 pieces{};
  const size_t gap = host.find("::");
  const auto read = [&pieces](std::string_view text, size_t at) {
    size_t count = 0;
    while (!text.empty() && at + count < pieces.size()) {
      const size_t colon = std::min(text.find(':'), text.size());
      std::from_chars(text.data(), text.data() + colon, pieces[at + count], 16);
      ++count;
      text.remove_prefix(std::min(colon + 1, text.size()));
    }
    return count;
  };
  if (gap == std::string_view::npos) {
    read(host, 0);
    return pieces;
  }
  read(host.substr(0, gap), 0);
  const std::string_view tail = host.substr(gap + 2);
  const auto colons = static_cast<size_t>(std::count(tail.begin(), tail.end(), ':'));
  if (!tail.empty()) read(tail, pieces.size() - colons - 1);
  return pieces;
}

// ::ffff:0:0/96, IPv4-mapped addresses (RFC 4291 §2.5.5.2).
bool IsIpv4Mapped(const Ipv6& p) {
  return (p[0] | p[1] | p[2] | p[3] | p[4]) == 0 && p[5] == 0xFFFF;
}

bool IsPrivateIpv6(const Ipv6& p) {
  const uint32_t last = static_cast<uint32_t>(p[6]) << 16 | p[7];
  const bool middle_is_zero = (p[2] | p[3] | p[4]) == 0;
  // IPv4-mapped addresses, NAT64 (RFC 6052 §2.1) and 6to4 (RFC 3056) carry an IPv4 address.
  if (IsIpv4Mapped(p)) return IsPrivateIpv4(last);
  if (p[0] == 0x64 && p[1] == 0xFF9B && middle_is_zero && p[5] == 0) return IsPrivateIpv4(last);
  if (p[0] == 0x2002) return IsPrivateIpv4(static_cast<uint32_t>(p[1]) << 16 | p[2]);
  // Global unicast is 2000::/3 only; 2001:db8::/32 and 2001::/23 are special (RFC 6890), and
  // 3fff::/20 is documentation (RFC 9637).
  if ((p[0] & 0xE000) != 0x2000 || (p[0] == 0x3FFF && p[1] < 0x1000)) return true;
  return p[0] == 0x2001 && (p[1] == 0x0DB8 || p[1] < 0x0200);
}

// A pattern that the URL parser would surely accept as it stands, which need not be asked then:
// lower-case labels, the last one not numeric, so no IPv4 address.
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

std::string_view WithoutFinalDots(std::string_view host) {
  while (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

}  // namespace

bool HostMatches(const Url& url, std::string_view text) {
  const Pattern pattern = Split(text);
  const std::string_view host = url.get_hostname();
  if (pattern.port.empty()) {
    if (!url.get_port().empty()) return false;
  } else {
    uint16_t port = 0;
    std::from_chars(pattern.port.data(), pattern.port.data() + pattern.port.size(), port);
    if (EffectivePort(url) != port) return false;
  }
  if (EqualsIgnoreCase(host, pattern.host)) return true;
  if (!pattern.subdomains || IsIpAddress(url) || host.size() <= pattern.host.size()) return false;
  const size_t rest = host.size() - pattern.host.size();
  return host[rest - 1] == '.' && EqualsIgnoreCase(host.substr(rest), pattern.host);
}

bool AnyHostMatches(const Url& url, const HostPatterns& patterns) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&url](const std::string& pattern) { return HostMatches(url, pattern); });
}

void CheckHostPatterns(const HostPatterns& patterns, int limit, std::string_view path,
                       Violations& violations) {
  if (patterns.size() > limit) {
    violations.Add(path, "at most " + std::to_string(limit) + " hosts, got " +
                             std::to_string(patterns.size()));
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
      violations.Add(FieldPath(path, i),
                     "expected a host: \"example.com\", \".example.com\" or \"example.com:8443\", "
                     "without scheme, path or wildcard");
    } else if (!EqualsIgnoreCase(url->get_hostname(), pattern.host)) {
      violations.Add(FieldPath(path, i), "write the host as URLs have it: \"" +
                                             std::string(url->get_hostname()) + "\"");
    }
  }
}

std::string CanonicalHost(const Url& url) {
  if (url.host_type != ada::url_host_type::IPV6)
    return std::string(WithoutFinalDots(url.get_hostname()));
  const Ipv6 p = ParseIpv6(url.get_hostname());
  if (!IsIpv4Mapped(p)) return std::string(url.get_hostname());
  return std::to_string(p[6] >> 8) + '.' + std::to_string(p[6] & 255) + '.' +
         std::to_string(p[7] >> 8) + '.' + std::to_string(p[7] & 255);
}

bool IsLoopback(const Url& url) {
  const std::string_view host = WithoutFinalDots(url.get_hostname());
  if (url.host_type == ada::url_host_type::IPV4) return host.starts_with("127.");
  if (url.host_type == ada::url_host_type::IPV6) return host == "[::1]";
  return EndsWithLabels(host, "localhost");
}

bool IsNotPublic(const Url& url) {
  if (url.host_type == ada::url_host_type::IPV4) {
    return IsPrivateIpv4(ParseIpv4(WithoutFinalDots(url.get_hostname())));
  }
  if (url.host_type == ada::url_host_type::IPV6)
    return IsPrivateIpv6(ParseIpv6(url.get_hostname()));
  const std::string_view host = WithoutFinalDots(url.get_hostname());
  if (host.find('.') == std::string_view::npos) return true;
  return std::any_of(kPrivateSuffixes.begin(), kPrivateSuffixes.end(),
                     [host](std::string_view suffix) { return EndsWithLabels(host, suffix); });
}

}  // namespace fingerpost
