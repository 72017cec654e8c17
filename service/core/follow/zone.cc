// The zone of an IPv6 address in a Location, and what follows its bracket.
#include <algorithm>

#include "absl/strings/ascii.h"
#include "core/follow/location_text.h"
#include "core/http/percent_encoding.h"

namespace fingerpost::follow {
namespace {

constexpr size_t kLongestName = 15;  // Octets of an interface's name (IFNAMSIZ of Linux, less NUL).

bool AreDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
}

// An interface's name. As it is, it has the characters that every client takes.
bool IsName(std::string_view text, bool escaped) {
  if (http::HasBarePercent(text)) return false;
  const std::string name = http::Decode(text);
  return !name.empty() && name.size() <= kLongestName && escaped == (name != text) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_';
         });
}

// Whether a client reads the zone that `text`, behind its "%", is.
bool ReadsZone(std::string_view text, Zones zones) {
  if (text.empty()) return false;
  const auto reads = [zones](Zones kinds) { return (zones & kinds) == kinds; };
  if (AreDigits(text) && reads(kNumberZone)) return true;
  const bool encoded = text.starts_with("25");
  const std::string_view name = text.substr(encoded ? 2 : 0);
  const Zones bare = encoded ? Zones{0} : kBareZone;
  return (IsName(name, false) && reads(encoded ? kZone : bare)) ||
         (IsName(name, true) && reads(bare | kEscapedZone));
}

// fe80::/10 (RFC 4291 §2.5.6): it is another address in each zone.
bool IsLinkLocal(std::string_view address) {
  return address.find(':') == 4 && http::EqualsIgnoreCase(address.substr(0, 2), "fe") &&
         std::string_view("89abAB").find(address[2]) != std::string_view::npos;
}

}  // namespace

bool DropZone(std::string_view authority, const LocationRule& rule, Location& location) {
  const size_t open = authority.rfind('@') + 1;  // npos + 1 is 0.
  const size_t close = authority.find(']', open);
  if (close == authority.npos || authority[open] != '[') return false;
  const size_t zone = std::min(authority.find('%', open), close);
  const std::string_view address = authority.substr(open + 1, zone - open - 1);
  const bool drops = zone < close && !IsLinkLocal(address) &&
                     ReadsZone(authority.substr(zone + 1, close - zone - 1), rule.zones);
  const size_t colon = std::min(authority.find(':', close), authority.size());
  const bool has_tail = rule.bracket_tail != BracketTail::kInvalid && colon != close + 1;
  if (!drops && !has_tail) return false;
  const bool begins_path = has_tail && rule.bracket_tail == BracketTail::kBeginsPath;
  const std::string_view rest = authority.substr(has_tail && !begins_path ? colon : close + 1);
  if (drops) location.other_name = (rule.zones & kZoneIsNoName) == 0;
  if (drops) {
    const std::string_view text = authority.substr(zone + 1, close - zone - 1);
    location.zone = http::Decode(text.substr(text.starts_with("25") && text.size() > 2 ? 2 : 0));
  }
  if (drops && rule.zone_in_host) location.host = authority.substr(open, close + 1 - open);
  const auto begin = static_cast<size_t>(authority.data() - location.text.data());
  Use(Text({location.text.substr(0, begin), authority.substr(0, drops ? zone : close), "]",
            begins_path ? "/" : "", rest, location.text.substr(begin + authority.size())}),
      location);
  return true;
}

}  // namespace fingerpost::follow
