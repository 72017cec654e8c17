// The authority of a Location, as clients read it.
#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "core/follow/location_text.h"
#include "core/http/percent_encoding.h"

namespace fingerpost::follow {
namespace {

bool IsSlash(char c) { return c == '/' || c == '\\'; }

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
  const bool is_named =
      at == authority.npos || authority == "@" || (at != 0 && authority.front() != ':');
  if (rule.refuses_empty_userinfo && !is_named) return true;
  if (rule.refuses_second_at && at != authority.npos && authority.find('@') != at) return true;
  if (rule.refuses_escaped_at && at != authority.npos && authority.find("%40") < at) return true;
  const std::string_view host = at == authority.npos ? authority : authority.substr(at + 1);
  return Has(authority, rule.refused_in_authority) || Has(host, rule.refused_in_host);
}

void RefuseAuthority(Location& location) {
  location.bad_authority = true;
  Refuse(location);
}

// "user@x@host" and "user@x%40host" -> "user@host"; "x%40host" -> "host".
void DropBetweenAts(std::string& authority) {
  const size_t userinfo = authority.find('@') + 1;  // npos + 1 is 0.
  const size_t last = authority.rfind('@') + 1;
  const size_t escaped = authority.rfind("%40");
  const size_t host = escaped == authority.npos ? last : std::max(last, escaped + 3);
  authority.erase(userinfo, host - userinfo);
}

// Whether the client reads a port as none.
bool IsNoPort(std::string_view port, BadPort rule) {
  const auto is_digit = [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); };
  if (rule == BadPort::kNone) return !port.empty() && !is_digit(port.front());
  return rule == BadPort::kNegativeIsNone && port.size() > 1 && port.front() == '-' &&
         std::all_of(port.begin() + 1, port.end(), is_digit);
}

// The authority as the client reads it: see escaped_at_counts, first_at_ends_userinfo,
// bad_port and unwraps_brackets.
std::string PlainAuthority(std::string_view authority, const LocationRule& rule) {
  std::string plain(authority);
  const bool has_at = authority.find('@') != authority.npos;
  if (rule.escaped_at_counts && !(rule.refuses_second_at && has_at))
    plain = absl::StrReplaceAll(plain, {{"%40", "@"}});
  if (rule.first_at_ends_userinfo) DropBetweenAts(plain);
  const size_t host = plain.rfind('@') == plain.npos ? 0 : plain.rfind('@') + 1;
  size_t end = plain.find(']', host);
  if (rule.unwraps_brackets && end != plain.npos && plain.find(':', host) > end) {
    plain.erase(end, 1);
    if (plain[host] == '[') plain.erase(host, 1);
    end = plain.npos;
  }
  const size_t colon = plain.find(':', end == plain.npos ? host : end);
  if (colon != plain.npos && IsNoPort(std::string_view(plain).substr(colon + 1), rule.bad_port) &&
      (rule.bad_port == BadPort::kNone || end == plain.npos))
    plain.erase(colon);
  return plain;
}

// Whether URI.pm leaves a character as it is.
bool IsWrittenInHost(char c) {
  constexpr std::string_view kEscaped = " \"<>\\^`{|}";
  return static_cast<uint8_t>(c) > 0x20 && static_cast<uint8_t>(c) < 0x7F &&
         kEscaped.find(c) == kEscaped.npos;
}

// Where an authority's port begins that is no number; npos: it has none.
size_t BadPortAt(std::string_view authority) {
  const size_t host = authority.rfind('@') + 1;  // npos + 1 is 0.
  const size_t bracket = authority.find(']', host);
  const size_t colon = authority.find(':', bracket == authority.npos ? host : bracket);
  const bool is_bad = colon != authority.npos &&
                      authority.find_first_not_of("0123456789", colon + 1) != authority.npos;
  return is_bad ? colon : authority.npos;
}

// Tabs, and form feeds with them, that the client removes only after it has found scheme and
// authority.
void RemoveTabsLate(std::string_view authority, Location& location) {
  const std::string_view host = authority.substr(authority.rfind('@') + 1);  // npos + 1 is 0.
  if (host.find_first_of("\t\f") != host.npos) return Refuse(location);
  const bool absolute = IsAbsoluteReference(location.text) || !authority.empty();
  std::string text(location.text);
  std::erase_if(text, [](char c) { return c == '\t' || c == '\f'; });
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

bool IsRemoved(char c) { return static_cast<uint8_t>(c) <= 0x20; }

// Encodes what the URL parser would remove from the ends.
void KeepEnds(const LocationRule& rule, Location& location) {
  const std::string_view text = location.text;
  const size_t first =
      static_cast<size_t>(std::find_if_not(text.begin(), text.end(), IsRemoved) - text.begin());
  const size_t last =
      static_cast<size_t>(text.rend() - std::find_if_not(text.rbegin(), text.rend(), IsRemoved));
  const bool ends_with_query = text.find('?') != text.npos && text.find('#') == text.npos;
  std::string kept;
  for (size_t i = 0; i < text.size(); ++i) {
    if (rule.refused.find(text[i]) != rule.refused.npos) return Refuse(location);
    if (i >= last && !ends_with_query &&
        rule.refused_outside_query.find(text[i]) != std::string_view::npos)
      return Refuse(location);
    if ((rule.keeps_first_controls && i < first) || (rule.keeps_last_controls && i >= last)) {
      http::AppendEscape(text[i], kept);
    } else {
      kept += text[i];
    }
  }
  if (kept == text) return;
  location.repaired = true;
  Use(std::move(kept), location);
}

}  // namespace

void ReadAuthority(const LocationRule& rule, Location& location) {
  if (rule.keeps_first_controls || rule.keeps_last_controls) KeepEnds(rule, location);
  if (location.stop != v1::STOP_REASON_UNSPECIFIED) return;
  const std::string_view text = location.text;
  const size_t begin = AuthorityAt(text);
  std::string_view authority;
  if (begin != text.npos)
    authority = text.substr(begin, std::min(text.find_first_of("/?#", begin), text.size()) - begin);
  if ((rule.zones != 0 || rule.bracket_tail != BracketTail::kInvalid) &&
      authority.find('[') != authority.npos && DropZone(authority, rule, location))
    return ReadAuthority(rule, location);
  if (begin == text.npos && IsAbsoluteReference(text) &&
      text.substr(0, text.find('?')).find_first_of(rule.refused_without_authority) != text.npos)
    return Refuse(location);
  if (const size_t at = authority.rfind('@');
      rule.fails_on_space_in_userinfo && at != authority.npos && authority.find(' ') < at) {
    location.fails = true;
    return Refuse(location);
  }
  if (rule.tabs == Tabs::kRefusedBetweenSlashes && BecomesAuthority(text)) return Refuse(location);
  if (const size_t end = authority.find('\\'); rule.backslash_ends_authority && end != text.npos) {
    std::string ended(text);
    ended.insert(begin + end, "/");
    return Use(std::move(ended), location);
  }
  if (const size_t port = BadPortAt(authority);
      rule.bad_port == BadPort::kEndsUrl && port != authority.npos)
    return Use(std::string(text.substr(0, begin + port)), location);
  if (rule.escaped_at_counts || rule.first_at_ends_userinfo || rule.bad_port == BadPort::kNone ||
      rule.bad_port == BadPort::kNegativeIsNone || rule.unwraps_brackets) {
    const std::string plain = PlainAuthority(authority, rule);
    if (RefusesAuthority(plain, rule)) return RefuseAuthority(location);
    if (rule.first_at_ends_userinfo && plain != authority) {
      const std::string_view host = authority.substr(authority.find('@') + 1);  // npos + 1 is 0.
      if (host != std::string_view(plain).substr(plain.find('@') + 1)) {
        for (const char c : host) {
          if (IsWrittenInHost(c)) {
            location.host += c;
          } else {
            http::AppendEscape(c, location.host);
          }
        }
      }
      location.other_name = host.substr(host.rfind('@') + 1).find("%40") != host.npos;
    }
    if (plain != authority)
      Use(Text({text.substr(0, begin), plain, text.substr(begin + authority.size())}), location);
    return;
  }
  if (RefusesAuthority(authority, rule)) return RefuseAuthority(location);
  if (rule.tabs == Tabs::kAfterAuthority && text.find_first_of("\t\f") != text.npos)
    RemoveTabsLate(authority, location);
}

}  // namespace fingerpost::follow
