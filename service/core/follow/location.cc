#include "core/follow/location.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "core/follow/spelling.h"
#include "core/http/percent_encoding.h"
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

// Percent-encodes octets above 0x7F and those of `rule.encoded` one by one. The URL parser accepts
// only UTF-8, and would encode it in the same way.
std::string Encode(std::string_view text, const LocationRule& rule) {
  const bool all_latin1 = rule.octets == Octets::kLatin1 ||
                          (rule.octets == Octets::kLatin1UnlessUtf8 && !message::IsUtf8(text));
  const bool replaces =
      rule.octets == Octets::kReplaceInvalidUtf8 || rule.octets == Octets::kLatin1InQuery;
  std::string encoded;
  encoded.reserve(text.size() + 64);
  bool in_query = false;
  // With a spelling of its own, the client decides about what is behind the authority later.
  const size_t rest = rule.spelling == nullptr ? 0 : text.size() - PathAt(text, rule);
  const bool octets_later = rule.octets == Octets::kKeep;
  const bool raw = rule.spelling != nullptr && rule.spelling->path.raw_octets;
  bool dropped = false;
  while (!text.empty()) {
    const char c = text.front();
    size_t length = 1;
    in_query |= c == '?';
    if (c == ' ' && in_query && rule.plus_in_query) {
      encoded += '+';
    } else if (c == '\t' && rule.tabs == Tabs::kSpaces) {
      encoded += ' ';
    } else if (IsAscii(c)) {
      if (text.size() <= rest || rule.encoded.find(c) == std::string_view::npos) {
        encoded += c;
      } else {
        http::AppendEscape(c, encoded);
      }
    } else if (octets_later && text.size() <= rest) {
      encoded += c;
    } else if (all_latin1 || (in_query && rule.octets == Octets::kLatin1InQuery)) {
      for (const int octet : {0xC0 | static_cast<uint8_t>(c) >> 6, 0x80 | (c & 0x3F)}) {
        if (raw && text.size() <= rest) {
          encoded += static_cast<char>(octet);
        } else {
          http::AppendEscape(static_cast<char>(octet), encoded);
        }
      }
    } else if (rule.octets == Octets::kDropInvalidUtf8 && message::Utf8Length(text) == 0) {
      dropped = true;
    } else if (replaces && message::Utf8Length(text) == 0) {
      encoded += "%EF%BF%BD";
    } else {
      length = std::max<size_t>(1, message::Utf8Length(text));
      for (const char octet : text.substr(0, length)) http::AppendEscape(octet, encoded);
    }
    text.remove_prefix(length);
  }
  // A query of which nothing is left goes with its mark.
  if (dropped && encoded.ends_with('?')) encoded.pop_back();
  return encoded;
}

bool RefusesPercent(std::string_view text, BarePercentRefused refused) {
  if (refused == BarePercentRefused::kNowhere) return false;
  if (refused == BarePercentRefused::kAnywhere) return http::HasBarePercent(text);
  const std::string_view reference = text.substr(0, text.find('#'));
  if (refused == BarePercentRefused::kUnlessHalfInQuery) {
    const auto hex = [](char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); };
    for (size_t at = std::min(reference.find('?'), reference.size()); at + 2 < reference.size();
         ++at) {
      if (reference[at] == '%' && !hex(reference[at + 1]) && !hex(reference[at + 2])) return true;
    }
  }
  return http::HasBarePercent(reference.substr(0, reference.find('?'))) ||
         http::HasBarePercent(text.substr(reference.size()));
}

bool RefusesPath(std::string_view text, const LocationRule& rule) {
  if (rule.refused_in_path.empty()) return false;
  const std::string_view rest = text.substr(PathAt(text, rule));
  return rest.substr(0, rest.find_first_of("?#")).find_first_of(rule.refused_in_path) != rest.npos;
}

bool RefusesOutsideQuery(std::string_view text, const LocationRule& rule) {
  if (rule.refused_outside_query.empty()) return false;
  const size_t fragment = std::min(text.find('#'), text.size());
  for (const std::string_view part :
       {text.substr(0, std::min(text.find('?'), fragment)), text.substr(fragment)}) {
    if (part.find_first_of(rule.refused_outside_query) != part.npos || http::HasBarePercent(part))
      return true;
  }
  return text.find_first_of(rule.refused_in_fragment, fragment + 1) != text.npos;
}

// The text with everything encoded that the client quotes after the authority. Empty: it fails.
std::string Quote(std::string_view text, const LocationRule& rule) {
  const size_t colon = text.find_first_of(":/?#");
  const bool has_scheme = colon != text.npos && text[colon] == ':';
  const std::string_view rest = has_scheme ? text.substr(colon + 1) : text;
  if (has_scheme && (!rest.starts_with("//") || !IsAbsoluteReference(text))) return {};
  const size_t begin =
      rest.starts_with("//") ? std::min(rest.find_first_of("/?#", 2), rest.size()) : size_t{0};
  std::string quoted(text.substr(0, text.size() - rest.size() + begin));
  bool in_query = false;
  bool in_path = true;
  for (const char c : rest.substr(begin)) {
    in_path = in_path && c != '?' && c != '#';
    if (c == '%' || rule.quoted.find(c) != std::string_view::npos ||
        (in_path && rule.quoted_in_path.find(c) != std::string_view::npos)) {
      if (!IsAscii(c)) quoted += "%C2";  // A control of Latin-1, in UTF-8.
      http::AppendEscape(c, quoted);
    } else {
      quoted += c;
    }
    if (c == '?' && !in_query) quoted += '?';
    in_query |= c == '?';
  }
  return quoted;
}

bool NeedsQuotes(std::string_view text, const LocationRule& rule) {
  if (rule.quoted.empty()) return false;
  const std::string_view path = text.substr(PathAt(text, rule));
  return text.find_first_of(rule.quoted) != text.npos || http::HasBarePercent(text) ||
         path.substr(0, path.find_first_of("?#")).find_first_of(rule.quoted_in_path) != path.npos;
}

// Whether a text in UTF-8 has one of `rule.refused`, which are characters of Latin-1.
bool RefusesLatin1(std::string_view text, const LocationRule& rule) {
  for (size_t i = 0; i < text.size(); ++i) {
    const bool latin1 = text[i] == '\xC2' && i + 1 < text.size();
    if ((IsAscii(text[i]) || latin1) && rule.refused.find(text[i + latin1]) != rule.refused.npos)
      return true;
  }
  return false;
}

bool RefusesOctets(std::string_view text, Octets octets) {
  if (octets == Octets::kRefuse) return !std::all_of(text.begin(), text.end(), IsAscii);
  return octets == Octets::kRefuseInvalidUtf8 && !message::IsUtf8(text);
}

// Whether each part of `joined` is `value` or empty.
bool Repeats(std::string_view joined, std::string_view value, std::string_view joint) {
  while (joined.starts_with(joint)) joined.remove_prefix(joint.size());
  return joined.empty() ||
         (joined.starts_with(value) &&
          (joined.size() == value.size() || joined.substr(value.size()).starts_with(joint)));
}

// Considers one Location line. False: the remaining lines do not matter.
bool Take(std::string_view value, const LocationRule& rule, bool& found, Location& location) {
  if (!found) {
    found = true;
    location.text = value;
    return rule.several != Several::kFirst;
  }
  switch (rule.several) {
    case Several::kConflictIfDifferent:
      if (value == location.text) return true;
      [[fallthrough]];
    case Several::kConflict:
      location.stop = v1::STOP_REASON_CONFLICTING_LOCATIONS;
      return false;
    case Several::kJoinedIfEqual:
      if (!value.empty() && !Repeats(location.text, value, rule.joint)) {
        location.stop = v1::STOP_REASON_CONFLICTING_LOCATIONS;
        return false;
      }
      [[fallthrough]];
    case Several::kJoined:
      if (location.buffer.empty()) location.buffer = location.text;
      location.buffer += rule.joint;
      location.buffer += value;
      location.text = location.buffer;
      return true;
    default:
      location.text = value;
      return true;
  }
}

std::string_view Trim(std::string_view value, const LocationRule& rule) {
  if (rule.ends_at_nul) value = value.substr(0, value.find('\0'));
  while (rule.trims_last_nul && value.ends_with('\0')) value.remove_suffix(1);
  if (!rule.kept_at_end.empty()) {
    while (value.ends_with(' ') || value.ends_with('\t')) {
      if (rule.kept_at_end.find(value.back()) != std::string_view::npos) break;
      value.remove_suffix(1);
    }
    return value.substr(std::min(value.find_first_not_of(" \t"), value.size()));
  }
  if (rule.trimmed.empty()) return http::TrimWhitespace(value);
  const auto is_kept = [&rule](char c) {
    return c != ' ' && c != '\t' && rule.trimmed.find(c) == std::string_view::npos;
  };
  const auto* const first = std::find_if(value.begin(), value.end(), is_kept);
  const auto last = std::find_if(value.rbegin(), std::make_reverse_iterator(first), is_kept);
  return value.substr(static_cast<size_t>(first - value.begin()),
                      static_cast<size_t>(last.base() - first));
}

bool Collect(const http::Headers& headers, std::string_view name, const LocationRule& rule,
             Location& location) {
  bool found = false;
  for (const v1::Header& header : headers) {
    if (!http::EqualsIgnoreCase(header.name(), name)) continue;
    const std::string_view value = Trim(http::ValueOf(header), rule);
    if (rule.refuses_outer_space && !value.empty() && !http::ValueOf(header).ends_with(value))
      location.stop = v1::STOP_REASON_INVALID_LOCATION;
    if (found && rule.skips_empty && (value.empty() || location.text.empty())) {
      if (location.text.empty()) location.text = value;
    } else if (!Take(value, rule, found, location)) {
      break;
    }
  }
  if (rule.trims_joined) location.text = Trim(location.text, rule);
  return found;
}

// Whether the text before the first "://" is neither empty nor http nor https.
bool NamesOtherScheme(std::string_view text) {
  const size_t end = text.find("://");
  if (end == text.npos || end == 0) return false;
  const std::string_view scheme = text.substr(0, end);
  return !http::EqualsIgnoreCase(scheme, "http") && !http::EqualsIgnoreCase(scheme, "https");
}

}  // namespace

v1::StopReason WhyUnreadable(const http::Headers& headers, const LocationRule& rule) {
  if (rule.breaks_response.empty() && !rule.conflict_breaks_response && rule.longest_field == 0 &&
      rule.longest_fields == 0)
    return v1::STOP_REASON_UNSPECIFIED;
  size_t all = 0;
  std::optional<std::string_view> first;
  for (const v1::Header& header : headers) {
    const std::string_view value = Trim(http::ValueOf(header), rule);
    const size_t size = header.name().size() + value.size();
    all += size;
    if ((rule.longest_field != 0 && size > rule.longest_field) ||
        (rule.longest_fields != 0 && all > rule.longest_fields))
      return v1::STOP_REASON_LOCATION_TOO_LONG;
    if (!http::EqualsIgnoreCase(header.name(), "Location")) continue;
    if (value.find_first_of(rule.breaks_response) != value.npos)
      return v1::STOP_REASON_INVALID_LOCATION;
    if (value.empty() && (rule.skips_empty || rule.several != Several::kConflictIfDifferent))
      continue;
    if (rule.conflict_breaks_response && first.value_or(value) != value)
      return v1::STOP_REASON_CONFLICTING_LOCATIONS;
    if (!first) first = value;
  }
  return v1::STOP_REASON_UNSPECIFIED;
}

void ReadLocation(const http::Headers& headers, const LocationRule& rule, Location& location) {
  bool found = Collect(headers, "Location", rule, location);
  if (!found && !rule.fallback_field.empty())
    found = Collect(headers, rule.fallback_field, rule, location);
  if (rule.refuses_outer_space && http::TrimWhitespace(location.text) != location.text)
    location.stop = v1::STOP_REASON_INVALID_LOCATION;
  if (!rule.refused_at_ends.empty() && !location.text.empty() &&
      (rule.refused_at_ends.find(location.text.front()) != std::string_view::npos ||
       rule.refused_at_ends.find(location.text.back()) != std::string_view::npos))
    location.stop = v1::STOP_REASON_INVALID_LOCATION;
  if (location.stop != v1::STOP_REASON_UNSPECIFIED) return;
  ReadAuthority(rule, location);
  if (location.stop != v1::STOP_REASON_UNSPECIFIED) return;
  if (NeedsQuotes(location.text, rule)) {
    location.buffer = Quote(location.text, rule);
    location.text = location.buffer;
    location.repaired = true;
    if (location.text.empty()) location.stop = v1::STOP_REASON_INVALID_LOCATION;
    if (location.text.empty()) return;
  }
  const std::string_view text = location.text;
  if (RefusesPercent(text, rule.bare_percent_refused) || RefusesPath(text, rule)) {
    location.stop = v1::STOP_REASON_INVALID_LOCATION;
    return;
  }
  if (rule.scheme_anywhere && NamesOtherScheme(text)) {
    location.stop = v1::STOP_REASON_SCHEME_NOT_ALLOWED;
    return;
  }
  if ((!found && !rule.missing_is_empty) || (text.empty() && rule.empty_is_missing)) {
    location.stop = v1::STOP_REASON_NO_LOCATION;
  } else if (text.size() > rule.longest_location) {
    location.stop = v1::STOP_REASON_LOCATION_TOO_LONG;
  } else if (RefusesOutsideQuery(text, rule)) {
    location.stop = v1::STOP_REASON_INVALID_LOCATION;
  } else if (std::all_of(text.begin(), text.end(),
                         [](char c) { return kUri[static_cast<uint8_t>(c)]; })) {
    VeilLocation(rule, location);
  } else if (text.find_first_of(rule.refused) != std::string_view::npos ||
             RefusesOctets(text, rule.octets)) {
    location.stop = v1::STOP_REASON_INVALID_LOCATION;
  } else {
    location.repaired = true;
    location.buffer = Encode(text, rule);
    location.text = location.buffer;
    VeilLocation(rule, location);
  }
}

bool RefusesBase(std::string_view url, const LocationRule& rule) {
  return rule.refuses_base && (RefusesPercent(url, rule.bare_percent_refused) ||
                               RefusesPath(url, rule) || RefusesLatin1(url, rule));
}

std::optional<http::Url> UrlOfHostField(const http::Headers& headers, const http::Url& url) {
  const v1::Header* host = http::FindField(headers, "Host");
  if (host == nullptr || http::IsWithheld(*host)) return std::nullopt;
  std::optional<http::Url> named = url;
  return named->set_host(http::ValueOf(*host)) ? named : std::nullopt;
}

bool HasPathWithoutAuthority(const http::Url& url) {
  const std::string_view rest = url.get_href().substr(url.get_protocol().size());
  return rest.starts_with("///") || (!rest.starts_with("//") && rest.find('/') != rest.npos);
}

bool IsAbsoluteReference(std::string_view text) {
  if (text.empty() || !absl::ascii_isalpha(static_cast<unsigned char>(text.front()))) return false;
  const auto* end = std::find_if_not(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '+' || c == '-' || c == '.';
  });
  return end != text.end() && *end == ':';
}

}  // namespace fingerpost::follow
