// A profile's cookie jar in words.
#include "setting_words.h"

namespace fingerpost::cli {
namespace {

using follow::JarRule;

// Each with what is said of it where it is true.
constexpr std::pair<bool JarRule::*, const char*> kHabits[] = {
    {&JarRule::no_dollar, "a name with $ first is refused"},
    {&JarRule::names_ignore_case, "names in other case are one"},
    {&JarRule::splits_at_commas, "a comma begins another cookie"},
    {&JarRule::named, "an empty name is refused"},
    {&JarRule::token_names, "a name that is no token is refused"},
    {&JarRule::replaces_invalid_utf8, "invalid UTF-8 becomes U+FFFD"},
    {&JarRule::last_attribute_counts, "an unreadable last attribute counts"},
    {&JarRule::secure_has_no_value, "Secure=1 is not Secure"},
    {&JarRule::refuses_secure_value, "Secure=1 is refused"},
    {&JarRule::joins_spaces, "white space in a value is one space"},
    {&JarRule::prefixes_need_https, "prefixes promise https"},
    {&JarRule::refuses_bad_date, "a bad Expires is refused"},
    {&JarRule::first_expiry, "the first of Expires and Max-Age counts"},
    {&JarRule::first_attribute, "the first of equal attributes counts"},
    {&JarRule::exact_attribute_names, "an attribute's name has no space behind it"},
    {&JarRule::unquotes_attributes, "attributes lose their quotes"},
    {&JarRule::refuses_empty_attributes, "an empty Path or Expires is refused"},
    {&JarRule::past_date_wins, "a past Expires deletes, whatever Max-Age says"},
    {&JarRule::inner_dot, "a Domain without an inner dot is refused"},
    {&JarRule::checks_every_domain, "every Domain counts"},
    {&JarRule::domain_case_matters, "capitals make another Domain"},
    {&JarRule::parent_needs_dot, "a Domain without a first dot is the host"},
    {&JarRule::host_only_reaches_subdomains, "a cookie without Domain reaches subdomains"},
    {&JarRule::last_slash_is_optional, "/dir/ is a path of /dir"},
    {&JarRule::empty_path_is_root, "an empty Path is /"},
    {&JarRule::path_is_prefix, "/dir is a path of /directory"},
    {&JarRule::path_must_match, "a Path that is not the request's is refused"},
    {&JarRule::loopback_is_secure, "Secure goes to loopback over http"},
    {&JarRule::secure_over_http, "Secure is taken over http"},
    {&JarRule::http_prefixes, "__Http- is a prefix"},
    {&JarRule::partitioned_is_secure, "Partitioned asks for Secure"},
    {&JarRule::splits_before_names, "a comma before a name begins another cookie"},
    {&JarRule::parts_are_cookies, "unknown attributes are cookies, and nothing expires"},
    {&JarRule::empty_value_deletes, "an empty value deletes"},
    {&JarRule::domain_may_have_port, "a port in Domain is ignored"},
    {&JarRule::sent_everywhere, "every cookie goes everywhere"},
    {&JarRule::own_domain_is_none, "a Domain that is the host is none"},
    {&JarRule::suffix_has_none, "a public suffix has no cookies"},
    {&JarRule::path_of_directory, "a path is compared with the directory"},
    {&JarRule::no_host_prefix, "__Host- is refused"},
    {&JarRule::one_of_each_name, "a name is one cookie, whatever its domain"},
    {&JarRule::keeps_equals, "a cookie without a name keeps its ="},
    {&JarRule::keeps_expired, "an expired cookie keeps its place"},
    {&JarRule::ends_at_tab, "a tab ends a value"},
};
// Where it is false.
constexpr std::pair<bool JarRule::*, const char*> kLacks[] = {
    {&JarRule::reads_max_age, "Max-Age is unknown"},
    {&JarRule::reads_secure, "Secure is unknown"},
    {&JarRule::reads_path, "Path is unknown"},
    {&JarRule::public_suffixes, "public suffixes are no limit"},
    {&JarRule::secure_stays, "http replaces Secure cookies"},
    {&JarRule::prefixes, "prefixes promise nothing"},
    {&JarRule::host_only_is_another, "Domain makes no other cookie"},
};

const char* Text(follow::Escapes escapes) {
  using enum follow::Escapes;
  switch (escapes) {
    case kNothing:
      return "";
    case kBackslashes:
      return "backslashes in quotes are doubled";
    case kQuotes:
      return "quotes and backslashes in quoted values are escaped";
    case kAsPython:
      return "quoted values are escaped";
  }
  return "";
}

// What Max-Age may be besides a number, and what becomes of others.
void AddAges(const JarRule& rule, Words& habits) {
  constexpr std::pair<follow::AgeForms, const char*> kForms[] = {
      {follow::kPlusAge, "Max-Age=+60 is a number"},
      {follow::kQuotedAge, "Max-Age=\"60\" is a number"},
      {follow::kDecimalAge, "Max-Age=60.5 is a number"},
      {follow::kHugeIsPast, "a huge Max-Age has expired"},
      {follow::kPastIsNone, "Max-Age=0 is none"},
      {follow::kNegativeIsNone, "Max-Age=-1 is none"},
  };
  for (const auto& [form, text] : kForms) {
    if ((rule.ages & form) != 0) habits.emplace_back(text);
  }
  if (rule.bad_age == follow::BadAge::kRefuses) habits.emplace_back("a bad Max-Age is refused");
  if (rule.bad_age == follow::BadAge::kExpires) habits.emplace_back("a bad Max-Age has expired");
}

const char* Text(follow::EmptyDomain domain) {
  using enum follow::EmptyDomain;
  switch (domain) {
    case kNone:
      return "";
    case kDotRefused:
      return "Domain=. is refused";
    case kEmptyRefused:
      return "Domain= is refused";
    case kRefused:
      return "Domain, Domain= and Domain=. are refused";
    case kWrittenRefused:
      return "Domain= and Domain=. are refused";
    case kBareRefused:
      return "Domain without = is refused";
  }
  return "";
}

const char* Text(follow::DomainDots dots) {
  using enum follow::DomainDots;
  switch (dots) {
    case kFirst:
      return "";
    case kLastMeansNone:
      return "a Domain with a last dot is none";
    case kOddMeanNone:
      return "a Domain with a last dot, or two first ones, is none";
    case kAll:
      return "dots around a Domain are removed";
    case kAllFirst:
      return "dots before a Domain are removed";
    case kOneAtEachEnd:
      return "a dot at each end of a Domain is removed";
    case kLastMeansHost:
      return "a Domain with a last dot is the host";
    case kFirstRefused:
      return "a Domain with a first dot is refused";
  }
  return "";
}

const char* Text(follow::OldCookies cookies) {
  using enum follow::OldCookies;
  switch (cookies) {
    case kNone:
      return "";
    case kGuessed:
      return "Version=, or Max-Age without Expires, makes a cookie of RFC 2965";
    case kOwnFields:
      return "Version without Expires makes a cookie of RFC 2109, in a field of its own";
    case kAttribute:
      return "Version makes a cookie of RFC 2109";
    case kRefused:
      return "a Version but 0 and 1 is refused";
  }
  return "";
}

std::string Text(follow::CookieOrder order) {
  using enum follow::CookieOrder;
  switch (order) {
    case kLongestPath:
      return "the longest path first";
    case kLongestPathGrouped:
      return "the longest path first, grouped";
    case kGreatestPath:
      return "the greatest path first";
    case kMostSpecific:
      return "the longest path, domain and name first";
    case kDomainFirst:
      return "the longest domain first";
    case kHostFirst:
      return "the host's own first";
    case kSortedByName:
      return "by name";
    case kStored:
      return "as stored";
    case kByName:
      return "by name, one of each";
    case kByNameThenPath:
      return "by name, then the longest path";
    case kStoredGrouped:
      return "as stored, by domain and path";
  }
  return {};
}

std::string Text(follow::HandSet hand_set) {
  using enum follow::HandSet;
  switch (hand_set) {
    case kJarWins:
      return "the jar's win by name";
    case kBefore:
      return "before the jar's";
    case kAfter:
      return "after the jar's";
    case kUntouched:
      return "before the jar's, without those that a response touched";
    case kSorted:
      return "sorted with the jar's, which win by name";
    case kWins:
      return "instead of the jar's";
    case kReplaced:
      return "not sent while the jar has any";
    case kBeside:
      return "a second field";
    case kFieldFirst:
      return "a second field, before the jar's";
    case kInPlace:
      return "in their places, with the jar's values";
    case kStored:
      return "put into the jar";
    case kDropped:
      return "not sent any more once the jar has any";
  }
  return {};
}

std::string JarText(const follow::Profile& profile) {
  std::string rules = profile.engine == nullptr ? "a browser's (RFC 6265bis)" : "its own";
  switch (profile.jar) {
    case follow::Jar::kNone:
      return profile.engine == nullptr ? "none" : "none, unless asked for";
    case follow::Jar::kMerged:
      return rules;
    case follow::Jar::kSameOrigin:
      return rules + ", while the chain has one origin";
  }
  return {};
}

}  // namespace

void AddJar(const follow::Profile& profile, std::vector<ProfileSetting>& settings) {
  const JarRule& rule = follow::JarOf(profile);
  Words habits = WordsOf(rule, kHabits);
  for (const auto& [member, text] : kLacks) {
    if (!(rule.*member)) habits.emplace_back(text);
  }
  AddAges(rule, habits);
  if (rule.empty_domain != follow::EmptyDomain::kNone) habits.emplace_back(Text(rule.empty_domain));
  if (rule.domain_dots != follow::DomainDots::kFirst) habits.emplace_back(Text(rule.domain_dots));
  if (rule.escapes != follow::Escapes::kNothing) habits.emplace_back(Text(rule.escapes));
  if (rule.old_cookies != follow::OldCookies::kNone) habits.emplace_back(Text(rule.old_cookies));
  const std::vector<ProfileSetting> more = {
      {"cookie jar", JarText(profile)},
      {"cookies set by hand", follow::HasEngine(profile) ? Text(rule.hand_set) : "as they are"},
      {"order of cookies", Text(rule.order)},
      {"habits of the jar", Listed(habits, "RFC 6265bis")},
  };
  settings.insert(settings.end(), more.begin(), more.end());
}

}  // namespace fingerpost::cli
