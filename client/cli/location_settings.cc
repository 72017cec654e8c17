// How a profile's client reads Location, in words.
#include <absl/strings/str_cat.h>

#include <cstdint>

#include "setting_words.h"

namespace fingerpost::cli {
namespace {

// --- Location ---

std::string Text(follow::Several several, std::string_view joint) {
  using enum follow::Several;
  switch (several) {
    case kConflictIfDifferent:
      return "an error if they differ";
    case kConflict:
      return "an error";
    case kFirst:
      return "the first";
    case kLast:
      return "the last";
    case kJoinedIfEqual:
      return "an error if they differ and are not empty; otherwise joined";
    case kJoined:
      return absl::StrCat("joined by \"", std::string(joint), "\"");
  }
  return {};
}

std::string EmptyText(const follow::LocationRule& rule) {
  if (rule.missing_is_empty) return "the same URL; so is a missing one";
  return rule.empty_is_missing ? "as a missing one" : "the same URL";
}

std::string Text(follow::Octets octets) {
  using enum follow::Octets;
  switch (octets) {
    case kKeep:
      return "percent-encoded";
    case kLatin1:
      return "read as Latin-1";
    case kLatin1UnlessUtf8:
      return "read as Latin-1, if they are not UTF-8";
    case kLatin1InQuery:
      return "read as Latin-1 in the query; in the path U+FFFD, if they are not UTF-8";
    case kReplaceInvalidUtf8:
      return "U+FFFD, if they are not UTF-8";
    case kDropInvalidUtf8:
      return "dropped, if they are not UTF-8";
    case kRefuseInvalidUtf8:
      return "an error, if they are not UTF-8";
    case kRefuse:
      return "an error";
  }
  return {};
}

std::string Text(follow::EmptyAuthority reading) {
  using enum follow::EmptyAuthority;
  switch (reading) {
    case kUrlStandard:
      return "the host b.test, as in the URL Standard";
    case kThreeAreTwo:
      return "the host b.test; with more slashes an error";
    case kPath:
      return "the path /b.test/x";
    case kPathOfThree:
      return "the path /b.test/x; with more slashes an error";
    case kReadAgain:
      return "the path /b.test/x; with four slashes the host b.test";
    case kPathOfFour:
      return "an error; with four slashes the path ////b.test/x";
    case kPathAsWritten:
      return "the path ///b.test/x";
    case kRefused:
      return "an error";
  }
  return {};
}

std::string Text(follow::NoAuthority reading) {
  using enum follow::NoAuthority;
  switch (reading) {
    case kUrlStandard:
      return "as in the URL Standard";
    case kRefused:
      return "an error";
    case kRelative:
      return "relative, if the scheme is the request's";
    case kUpToThreeSlashes:
      return "a host, after one slash or three";
    case kRequestHost:
      return "a path of the request's host";
    case kStandardButThree:
      return "as in the URL Standard; with three slashes an error";
    case kThreeSlashes:
      return "a host, after three slashes";
    case kAnySlashes:
      return "a host, after any number of slashes";
    case kRelativeButThree:
      return "relative, if the scheme is the request's; with three slashes an error";
  }
  return {};
}

std::string Text(follow::Tabs tabs) {
  using enum follow::Tabs;
  switch (tabs) {
    case kFirst:
      return "removed first";
    case kAfterAuthority:
      return "removed after the host was read";
    case kSpaces:
      return "spaces";
    case kRefusedBetweenSlashes:
      return "removed first; between slashes an error";
  }
  return {};
}

std::string Text(follow::Merged merged) {
  using enum follow::Merged;
  switch (merged) {
    case kNone:
      return "kept";
    case kRelative:
      return "become / in a relative Location";
    case kBeginning:
      return "become / at the beginning";
    case kEvery:
      return "become /";
    case kEveryFirst:
      return "become /, before dots are removed";
  }
  return {};
}

std::string Octet(uint8_t octet) {
  if (octet > 0x20 && octet < 0x7F) return std::string(1, static_cast<char>(octet));
  return absl::StrCat("x", absl::Hex(octet, absl::kZeroPad2));
}

// --- Habits ---

using follow::LocationRule;

constexpr std::pair<bool LocationRule::*, const char*> kHabits[] = {
    {&LocationRule::keeps_first_controls, "controls at the beginning are encoded"},
    {&LocationRule::keeps_last_controls, "controls at the end are encoded"},
    {&LocationRule::backslashes_are_file, "two backslashes begin a file"},
    {&LocationRule::invalid_relative_fails, "an invalid relative reference is an error"},
    {&LocationRule::ends_at_nul, "NUL ends a value"},
    {&LocationRule::refuses_outer_space, "white space at the end is an error"},
    {&LocationRule::refuses_colon_in_first, "a colon in the first segment is an error"},
    {&LocationRule::path_needs_authority, "another scheme needs an authority"},
    {&LocationRule::refuses_empty_userinfo, "http://@b.test is an error"},
    {&LocationRule::refuses_second_at, "http://a@b@c.test is an error"},
    {&LocationRule::drops_last_dot, "http://b.test. loses its dot"},
    {&LocationRule::backslash_ends_authority, "http://b.test\\@a.test is b.test"},
    {&LocationRule::scheme_anywhere, "the text before the first :// is the scheme"},
    {&LocationRule::refuses_number_host, "http://2130706433 is an error"},
    {&LocationRule::path_without_scheme, "without a scheme only path and query count"},
    {&LocationRule::fragment_is_pathless, "a fragment alone has no path"},
    {&LocationRule::escaped_at_counts, "%40 ends userinfo"},
    {&LocationRule::first_at_ends_userinfo, "the first @ ends userinfo"},
    {&LocationRule::refuses_escaped_at, "http://a%40b@c.test is an error"},
    {&LocationRule::unwraps_brackets, "[b.test] is b.test"},
    {&LocationRule::host_end_is_target, "what follows such a host is sent without a slash"},
    {&LocationRule::plus_in_query, "a space in a query is +"},
    {&LocationRule::trims_last_nul, "NUL at the end is white space"},
    {&LocationRule::scheme_first, "the scheme is looked at first"},
    {&LocationRule::trims_joined, "joined ones are trimmed"},
    {&LocationRule::zone_in_host, "Host has an address's zone"},
    {&LocationRule::fails_on_space_in_userinfo, "a space in userinfo is an error"},
};

const char* WhereText(follow::BarePercentRefused refused) {
  using enum follow::BarePercentRefused;
  switch (refused) {
    case kNowhere:
      return "nowhere";
    case kOutsideQuery:
      return "outside the query";
    case kUnlessHalfInQuery:
      return "unless half an escape in the query";
    case kAnywhere:
      return "anywhere";
  }
  return "";
}

// "b.test:80/x", without a scheme.
const char* Text(follow::Colon colon) {
  using enum follow::Colon;
  switch (colon) {
    case kPath:
      return "a:b is a path";
    case kRoot:
      return "a:b is a path below /";
    case kRequest:
      return "a:b is the request's URL";
    case kHost:
      return "b.test:80/x is at b.test";
    case kOpaqueHost:
      return "mailto:a@b.test is at b.test";
  }
  return "";
}

const char* Text(follow::BadPort reading) {
  using enum follow::BadPort;
  switch (reading) {
    case kInvalid:
      return "";
    case kNone:
      return "a bad port is none";
    case kNegativeIsNone:
      return "a negative port is none";
    case kEndsUrl:
      return "a bad port ends the URL";
  }
  return "";
}

const char* Text(follow::EmptyNetwork reading) {
  using enum follow::EmptyNetwork;
  switch (reading) {
    case kByPathless:
      return "";
    case kNone:
      return "// alone has no authority";
    case kRefused:
      return "// needs a host";
    case kReplacesSegment:
      return "//?q replaces the last segment";
  }
  return "";
}

const char* Text(follow::NoHost reading) {
  using enum follow::NoHost;
  switch (reading) {
    case kInvalid:
      return "";
    case kLoopback:
      return "http:///x is localhost's";
    case kLoopbackIfPort:
      return "http://:80 is at the loopback address";
  }
  return "";
}

std::string WrittenText(follow::WrittenInHost written) {
  constexpr std::pair<follow::WrittenInHost, const char*> kForms[] = {
      {follow::kNumberInHost, "2130706433"},
      {follow::kZerosInHost, "b.test:0080"},
      {follow::kEscapesInHost, "%62.test"},
  };
  std::string text;
  for (const auto& [form, example] : kForms) {
    if ((written & form) != 0) absl::StrAppend(&text, text.empty() ? "" : ", ", example);
  }
  return absl::StrCat("Host has ", text, " as it was written");
}

std::string ZonesText(follow::Zones zones) {
  constexpr std::pair<follow::Zones, const char*> kForms[] = {
      {follow::kBareZone, "[::1%lo]"},
      {follow::kNumberZone, "[::1%25]"},
      {follow::kZone, "[::1%25lo]"},
      {follow::kEscapedZone, "[::1%25l%6f]"},
  };
  std::string text;
  for (const auto& [form, example] : kForms) {
    if ((zones & form) != 0) absl::StrAppend(&text, text.empty() ? "" : " ", example);
  }
  return absl::StrCat(text, " at [::1]");
}

std::string HabitsText(const LocationRule& rule) {
  Words habits = WordsOf(rule, kHabits);
  if (!rule.host_ends_at.empty())
    habits.push_back(absl::StrCat("a host ends at ", CharactersText(rule.host_ends_at)));
  if (!rule.pathless.empty())
    habits.push_back(absl::StrCat("?q is ", std::string(rule.pathless), "?q",
                                  rule.keeps_empty ? ", an empty one the same URL" : ""));
  if (rule.web_sockets != follow::WebSockets::kRefused)
    habits.emplace_back(rule.web_sockets == follow::WebSockets::kPlain
                            ? "ws: is http:"
                            : "ws: and wss: are http: and https:");
  if (rule.bare_percent_refused != follow::BarePercentRefused::kNowhere)
    habits.push_back(absl::StrCat("a bare % is an error ", WhereText(rule.bare_percent_refused)));
  if (rule.colon != follow::Colon::kPath) habits.emplace_back(Text(rule.colon));
  if (rule.bad_port != follow::BadPort::kInvalid) habits.emplace_back(Text(rule.bad_port));
  if (rule.empty_network != follow::EmptyNetwork::kByPathless)
    habits.emplace_back(Text(rule.empty_network));
  if (rule.no_host != follow::NoHost::kInvalid) habits.emplace_back(Text(rule.no_host));
  if (!rule.refused_at_ends.empty())
    habits.push_back(absl::StrCat(CharactersText(rule.refused_at_ends), " at an end is an error"));
  if (!rule.refused_in_path.empty())
    habits.push_back(absl::StrCat(CharactersText(rule.refused_in_path), " in a path is an error"));
  if (!rule.refused_outside_query.empty())
    habits.push_back(
        absl::StrCat(CharactersText(rule.refused_outside_query), " outside the query is an error"));
  if (!rule.refused_in_fragment.empty())
    habits.push_back(
        absl::StrCat(CharactersText(rule.refused_in_fragment), " in a fragment is an error"));
  if (!rule.quoted.empty())
    habits.push_back(absl::StrCat("a Location with a bad character is quoted",
                                  rule.quoted_in_path.empty() ? "" : ", in a path also with ",
                                  std::string(rule.quoted_in_path)));
  if (!rule.refused_without_authority.empty())
    habits.push_back(
        absl::StrCat("http:", CharactersText(rule.refused_without_authority), " is an error"));
  if (!rule.kept_at_end.empty())
    habits.push_back(absl::StrCat(CharactersText(rule.kept_at_end), " at the end stays"));
  if (!rule.trimmed.empty())
    habits.push_back(absl::StrCat(CharactersText(rule.trimmed), " at the ends removed"));
  if (rule.bracket_tail != follow::BracketTail::kInvalid)
    habits.emplace_back(rule.bracket_tail == follow::BracketTail::kDropped
                            ? "[::1]x/y is [::1]'s /y"
                            : "[::1]x/y is [::1]'s /x/y");
  if (rule.written_in_host != 0) habits.push_back(WrittenText(rule.written_in_host));
  if (rule.zones != 0) habits.push_back(ZonesText(rule.zones));
  if (!rule.known_schemes.empty()) habits.emplace_back("unknown schemes are invalid");
  if (!rule.fallback_field.empty())
    habits.push_back(
        absl::StrCat(std::string(rule.fallback_field), " counts where Location lacks"));
  return Listed(habits, "none");
}

std::string LengthText(const LocationRule& rule) {
  if (rule.longest_field != 0) return absl::StrCat(rule.longest_field, " octets a field");
  if (rule.longest_fields != 0) return absl::StrCat(rule.longest_fields, " octets in all fields");
  return absl::StrCat(rule.longest_location, " octets");
}

}  // namespace

std::string CharactersText(std::string_view characters) {
  const auto has = [characters](int octet) {
    return octet < 0x80 && characters.find(static_cast<char>(octet)) != std::string_view::npos;
  };
  std::string text;
  for (int first = 0; first < 0x80; ++first) {
    if (!has(first)) continue;
    int last = first;
    while (has(last + 1)) ++last;
    absl::StrAppend(&text, text.empty() ? "" : " ", Octet(static_cast<uint8_t>(first)));
    if (last > first)
      absl::StrAppend(&text, last > first + 1 ? "-" : " ", Octet(static_cast<uint8_t>(last)));
    first = last;
  }
  if (characters.find(LocationRule::kAnyOctet) != std::string_view::npos)
    absl::StrAppend(&text, text.empty() ? "" : " ", "beyond ASCII");
  return text.empty() ? "none" : text;
}

void AddLocation(const LocationRule& rule, std::vector<ProfileSetting>& settings) {
  const std::vector<ProfileSetting> more = {
      {"several Locations",
       absl::StrCat(Text(rule.several, rule.joint),
                    rule.skips_empty ? "; empty ones do not count" : "",
                    rule.conflict_breaks_response ? "; whatever the status" : "")},
      {"an empty Location", EmptyText(rule)},
      {"octets beyond ASCII", Text(rule.octets)},
      {"longest Location", LengthText(rule)},
      {"refused in Location", CharactersText(rule.refused)},
      {"refused in any response", CharactersText(rule.breaks_response)},
      {"refused in an authority", CharactersText(rule.refused_in_authority)},
      {"refused in a host", CharactersText(rule.refused_in_host)},
      {"encoded first", CharactersText(rule.encoded)},
      {"///b.test/x", Text(rule.empty_authority)},
      {"http:x", Text(rule.no_authority)},
      {"tabs", Text(rule.tabs)},
      {"// in a path", Text(rule.merged)},
      {"other habits", HabitsText(rule)},
      {"spelling", SpellingText(rule.spelling)},
  };
  settings.insert(settings.end(), more.begin(), more.end());
}

}  // namespace fingerpost::cli
