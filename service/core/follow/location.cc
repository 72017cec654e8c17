#include "core/follow/location.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "core/message/utf8.h"

namespace fingerpost::follow {
namespace {

// The characters of a URI reference (RFC 3986 §2 and appendix A).
constexpr std::array<bool, 256> UriTable() {
  std::array<bool, 256> table{};
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<size_t>(c)] = true;
  for (int c = '0'; c <= '9'; ++c) table[static_cast<size_t>(c)] = true;
  for (const char c : std::string_view("-._~:/?#[]@!$&'()*+,;=%"))
    table[static_cast<uint8_t>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> kUri = UriTable();

bool IsAscii(char c) { return static_cast<uint8_t>(c) < 0x80; }

void AppendPercent(char c, std::string& out) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  const auto octet = static_cast<uint8_t>(c);
  out += '%';
  out += kHex[octet >> 4];
  out += kHex[octet & 15];
}

// Percent-encodes octets above 0x7F and those of `rule.encoded` one by one. The URL parser accepts
// only UTF-8, and would encode it in the same way.
std::string Encode(std::string_view text, const LocationRule& rule) {
  const bool latin1 = rule.octets == Octets::kLatin1 ||
                      (rule.octets == Octets::kLatin1UnlessUtf8 && !message::IsUtf8(text));
  std::string encoded;
  encoded.reserve(text.size() + 64);
  bool in_query = false;
  while (!text.empty()) {
    const char c = text.front();
    size_t length = 1;
    in_query |= c == '?';
    if (c == ' ' && in_query && rule.plus_in_query) {
      encoded += '+';
    } else if (IsAscii(c)) {
      if (rule.encoded.find(c) == std::string_view::npos) {
        encoded += c;
      } else {
        AppendPercent(c, encoded);
      }
    } else if (latin1) {
      AppendPercent(static_cast<char>(0xC0 | static_cast<uint8_t>(c) >> 6), encoded);
      AppendPercent(static_cast<char>(0x80 | (static_cast<uint8_t>(c) & 0x3F)), encoded);
    } else if (rule.octets == Octets::kDropInvalidUtf8 && message::Utf8Length(text) == 0) {
      // Drops the octet.
    } else if (rule.octets == Octets::kReplaceInvalidUtf8 && message::Utf8Length(text) == 0) {
      encoded += "%EF%BF%BD";
    } else {
      length = std::max<size_t>(1, message::Utf8Length(text));
      for (const char octet : text.substr(0, length)) AppendPercent(octet, encoded);
    }
    text.remove_prefix(length);
  }
  return encoded;
}

bool HasBarePercent(std::string_view text) {
  for (size_t at = text.find('%'); at != text.npos; at = text.find('%', at + 1)) {
    if (at + 2 >= text.size() || !absl::ascii_isxdigit(static_cast<unsigned char>(text[at + 1])) ||
        !absl::ascii_isxdigit(static_cast<unsigned char>(text[at + 2]))) {
      return true;
    }
  }
  return false;
}

bool RefusesOctets(std::string_view text, Octets octets) {
  if (octets == Octets::kRefuse) return !std::all_of(text.begin(), text.end(), IsAscii);
  return octets == Octets::kRefuseInvalidUtf8 && !message::IsUtf8(text);
}

// Considers one Location line. False: the remaining lines do not matter.
bool Take(std::string_view value, const LocationRule& rule, bool& found, Location& location) {
  if (!found) {
    found = true;
    location.text = value;
    return rule.several != Several::kFirst &&
           (rule.several != Several::kFirstNonEmpty || value.empty());
  }
  switch (rule.several) {
    case Several::kConflictIfDifferent:
      if (value == location.text) return true;
      [[fallthrough]];
    case Several::kConflict:
      location.stop = v1::STOP_REASON_CONFLICTING_LOCATIONS;
      return false;
    case Several::kJoined:
      if (location.buffer.empty()) location.buffer = location.text;
      location.buffer += rule.joint;
      location.buffer += value;
      location.text = location.buffer;
      return true;
    case Several::kFirstNonEmpty:
      location.text = value;
      return value.empty();
    default:
      location.text = value;
      return true;
  }
}

bool Collect(const http::Headers& headers, std::string_view name, const LocationRule& rule,
             Location& location) {
  bool found = false;
  for (const v1::Header& header : headers) {
    if (!http::EqualsIgnoreCase(header.name(), name)) continue;
    const std::string_view value = http::TrimWhitespace(http::ValueOf(header));
    if (found && rule.skips_empty && (value.empty() || location.text.empty())) {
      if (location.text.empty()) location.text = value;
    } else if (!Take(value, rule, found, location)) {
      break;
    }
  }
  return found;
}

}  // namespace

void ReadLocation(const http::Headers& headers, const LocationRule& rule, Location& location) {
  bool found = Collect(headers, "Location", rule, location);
  if (!found && !rule.fallback_field.empty())
    found = Collect(headers, rule.fallback_field, rule, location);
  if (location.stop != v1::STOP_REASON_UNSPECIFIED) return;
  ReadAuthority(rule, location);
  if (location.stop != v1::STOP_REASON_UNSPECIFIED) return;
  const std::string_view text = location.text;
  if (rule.refuses_bare_percent && HasBarePercent(text)) {
    location.stop = v1::STOP_REASON_INVALID_LOCATION;
    return;
  }
  if ((!found && !rule.missing_is_empty) || (text.empty() && rule.empty_is_missing)) {
    location.stop = v1::STOP_REASON_NO_LOCATION;
  } else if (text.size() > http::kMaxUrl) {
    location.stop = v1::STOP_REASON_LOCATION_TOO_LONG;
  } else if (std::all_of(text.begin(), text.end(),
                         [](char c) { return kUri[static_cast<uint8_t>(c)]; })) {
    return;
  } else if (text.find_first_of(rule.refused) != std::string_view::npos ||
             RefusesOctets(text, rule.octets)) {
    location.stop = v1::STOP_REASON_INVALID_LOCATION;
  } else {
    location.repaired = true;
    location.buffer = Encode(text, rule);
    location.text = location.buffer;
  }
}

bool IsAbsoluteReference(std::string_view text) {
  if (text.empty() || !absl::ascii_isalpha(static_cast<unsigned char>(text.front()))) return false;
  const auto* end = std::find_if_not(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '+' || c == '-' || c == '.';
  });
  return end != text.end() && *end == ':';
}

}  // namespace fingerpost::follow
