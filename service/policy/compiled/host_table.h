// Numbers for host patterns, so that a few look-ups find the rules of a host.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "policy/compiled/string_map.h"

namespace fingerpost::policy::compiled {

using HostId = uint32_t;
inline constexpr HostId kAnyHost = 0;
using HostIds = absl::InlinedVector<HostId, 4>;

// Immutable once filled.
class HostTable {
 public:
  // The number of "shop.example.com" or ".example.com", in the spelling of ParseHostPattern, or of
  // "*.example.com".
  HostId Add(const std::string& pattern);

  // The numbers of the patterns that match `host` (in the URL parser's spelling), the most specific
  // first: the host itself, its domains from the longest, "*.a.example" before ".a.example", every
  // host.
  void Match(std::string_view host, HostIds& out) const;

  // The number of a pattern that was added; that of "" is kAnyHost.
  [[nodiscard]] std::optional<HostId> Find(std::string_view pattern) const;
  // All patterns by number; the first is "", every host.
  [[nodiscard]] std::vector<std::string_view> Patterns() const;

 private:
  StringMap<HostId> ids_;
  bool has_domains_ = false;
  bool has_below_ = false;  // "*.example.com".
};

// A pattern of Match.hosts in the URL parser's spelling. nullopt: not a host, or with a port.
[[nodiscard]] std::optional<std::string> ParseHostPattern(std::string_view text);

// Whether a host or a pattern is within a pattern: ".example.com" has itself, "example.com" and
// whatever ends with it.
[[nodiscard]] bool IsHostWithin(std::string_view host, std::string_view pattern);

// As ParseHostPattern, or "*.example.com": every subdomain of example.com, of which "*" captures
// what is before ".example.com".
[[nodiscard]] std::optional<std::string> ParseMatchHost(std::string_view text);
[[nodiscard]] inline bool CapturesLabels(std::string_view host) { return host.starts_with("*."); }

}  // namespace fingerpost::policy::compiled
