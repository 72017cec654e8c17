// The zone of an IPv6 address in a Location.
#include <algorithm>

#include "absl/strings/ascii.h"
#include "core/follow/location_text.h"

namespace fingerpost::follow {
namespace {

bool AreDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
}

// The kinds of zone that `text`, behind its "%", can be.
Zones KindsOf(std::string_view text) {
  if (text.empty()) return 0;
  const std::string_view name = text.starts_with("25") ? text.substr(2) : std::string_view();
  if (name.empty())
    return AreDigits(text) ? kNumberZone : text.find('%') == text.npos ? kBareZone : Zones{0};
  if (name.find('%') != name.npos) return kEscapedZone;
  return AreDigits(name) ? kZone | kNumberZone : kZone;
}

// fe80::/10 (RFC 4291 §2.5.6): it is another address in each zone.
bool IsLinkLocal(std::string_view address) {
  return address.size() > 3 && http::EqualsIgnoreCase(address.substr(0, 2), "fe") &&
         std::string_view("89abAB").find(address[2]) != std::string_view::npos;
}

}  // namespace

void DropZone(std::string_view authority, const LocationRule& rule, Location& location) {
  const size_t open = authority.rfind('@') + 1;  // npos + 1 is 0.
  const size_t close = authority.find(']', open);
  if (close == authority.npos || authority[open] != '[') return;
  const size_t zone = std::min(authority.find('%', open), close);
  const std::string_view address = authority.substr(open + 1, zone - open - 1);
  const bool drops = zone < close && !IsLinkLocal(address) &&
                     (KindsOf(authority.substr(zone + 1, close - zone - 1)) & rule.zones) != 0;
  const size_t port = std::min(authority.find(':', close), authority.size());
  const bool has_tail = rule.bracket_tail != BracketTail::kInvalid && port != close + 1;
  if (!drops && !has_tail) return;
  if (drops && rule.zone_in_host) location.host = authority.substr(open);
  const size_t begin = static_cast<size_t>(authority.data() - location.text.data());
  const size_t tail = has_tail && rule.bracket_tail == BracketTail::kDropped ? port : close + 1;
  Use(Text({location.text.substr(0, begin), authority.substr(0, drops ? zone : close), "]",
            has_tail && rule.bracket_tail == BracketTail::kBeginsPath ? "/" : "",
            authority.substr(tail), location.text.substr(begin + authority.size())}),
      location);
}

}  // namespace fingerpost::follow
