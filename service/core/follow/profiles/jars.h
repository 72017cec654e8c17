// The cookie engines of the clients, as rules; rows of profiles point to them.
#pragma once

#include <array>

#include "core/follow/profiles/jar_rule.h"

namespace fingerpost::follow {

// Characters of a value, and every octet above 0x7F.
template <size_t N>
[[nodiscard]] constexpr std::array<char, N + 127> AndNotAscii(const char (&characters)[N]) {
  std::array<char, N + 127> all{};
  for (size_t i = 0; i + 1 < N; ++i) all[i] = characters[i];
  for (size_t i = 0; i < 128; ++i) all[N - 1 + i] = static_cast<char>(0x80 + i);
  return all;
}
inline constexpr auto kQuotedByPython = AndNotAscii("\t \"(),/;<=>?@[\\]{}");
inline constexpr auto kTabAndNotAscii = AndNotAscii("\t");
inline constexpr auto kRefusedByGo = AndNotAscii("\t\"\\");

// Python's http.cookiejar: requests, httpx, and HTTPCookieProcessor of urllib.request.
inline constexpr JarRule kHttpCookiejar = {
    .named = true,
    .first_attribute = true,
    .ages = kPlusAge,
    .bad_age = BadAge::kRefuses,
    .unread_dates = kAsctime,
    .public_suffixes = false,
    .inner_dot = true,
    .empty_domain = EmptyDomain::kRefused,
    .host_only_reaches_subdomains = true,
    .relative_path = RelativePath::kRefused,
    .secure_over_http = true,
    .secure_stays = false,
    .prefixes = false,
    .order = CookieOrder::kLongestPathGrouped,
    .old_cookies = OldCookies::kRefused,
    .hand_set = HandSet::kWins,
};

// The same as requests wraps it.
inline constexpr JarRule kRequestsJar = [] {
  JarRule rule = kHttpCookiejar;
  rule.quotes = Quotes::kKeptUnescaped;
  return rule;
}();

// aiohttp.CookieJar.
inline constexpr JarRule kAiohttpJar = {
    .without_equals = WithoutEquals::kRefused,
    .named = true,
    .refused_in_name = " ",
    .refused_in_value = "\t",
    .quoted_with = {kQuotedByPython.data(), kQuotedByPython.size()},
    .escapes = Escapes::kAsPython,
    .unquotes_attributes = true,
    .unread_dates = kNoWeekday | kNoZone | kLowerCase | kTheEpoch,
    .per_response = 50,
    .public_suffixes = false,
    .domain_case_matters = true,
    .domain_dots = DomainDots::kLastMeansNone,
    .secure_over_http = true,
    .secure_stays = false,
    .prefixes = false,
    .order = CookieOrder::kByName,
    .host_only_is_another = false,
    .hand_set = HandSet::kSorted,
};

// net/http/cookiejar of Go, with a list of public suffixes.
inline constexpr JarRule kGoJar = {
    .without_equals = WithoutEquals::kRefused,
    .token_names = true,
    .quotes = Quotes::kKeptAround,
    .refused_in_value = {kRefusedByGo.data(), kRefusedByGo.size()},
    .quoted_with = " ,",
    .ignored_with = {kRefusedByGo.data(), kRefusedByGo.size()},
    .exact_attribute_names = true,
    .unread_dates = kAsctime | kNoWeekday | kNoZone | kLowerCase | kShortYear,
    .empty_domain = EmptyDomain::kDotRefused,
    .loopback_is_secure = true,
    .secure_over_http = true,
    .secure_stays = false,
    .prefixes = false,
    .order = CookieOrder::kGreatestPath,
    .host_only_is_another = false,
    .hand_set = HandSet::kUntouched,
};

// libcurl's cookie engine.
inline constexpr JarRule kCurlJar = {
    .without_equals = WithoutEquals::kRefused,
    .named = true,
    .refused_in_name = "\t",
    .refused_in_value = "\t",
    .ages = kQuotedAge | kDecimalAge,
    .bad_age = BadAge::kExpires,
    .unread_dates = kLowerCase,
    .per_response = 50,
    .public_suffixes = false,
    .inner_dot = true,
    .checks_every_domain = true,
    .empty_domain = EmptyDomain::kDotRefused,
    .relative_path = RelativePath::kRoot,
    .last_slash_is_optional = true,
    .loopback_is_secure = true,
    .order = CookieOrder::kMostSpecific,
    .hand_set = HandSet::kBeside,
};

// GuzzleHttp\Cookie\CookieJar.
inline constexpr JarRule kGuzzleJar = {
    .without_equals = WithoutEquals::kRefused,
    .named = true,
    .refused_in_name = "\t \"(),/:;<=>?@\\{}",
    .more_dates = kIsoDate | kNumber,
    .per_response = 50,
    .public_suffixes = false,
    .empty_domain = EmptyDomain::kDotRefused,
    .domain_dots = DomainDots::kLastMeansNone,
    .default_path = DefaultPath::kRoot,
    .order = CookieOrder::kStored,
    .replaced = Replaced::kIsNewestIfChanged,
    .hand_set = HandSet::kReplaced,
};

// java.net.CookieManager, as java.net.http uses it.
inline constexpr JarRule kJdkJar = {
    .without_equals = WithoutEquals::kRefused,
    .named = true,
    .no_dollar = true,
    .names_ignore_case = true,
    .refused_in_name = " \t,",
    .quotes = Quotes::kStrippedAround,
    .first_attribute = true,
    .unquotes_attributes = true,
    .ages = kPlusAge | kNegativeIsNone,
    .refuses_bad_date = true,
    .public_suffixes = false,
    .inner_dot = true,
    .parent_needs_dot = true,
    .empty_domain = EmptyDomain::kWrittenRefused,
    .suffix_hosts = SuffixHosts::kAlways,
    .host_only_reaches_subdomains = true,
    .default_path = DefaultPath::kDirectoryWithSlash,
    .relative_path = RelativePath::kRefused,
    .empty_path_is_root = true,
    .path_is_prefix = true,
    .secure_over_http = true,
    .secure_stays = false,
    .prefixes = false,
    .host_only_is_another = false,
    .replaced = Replaced::kIsNewest,
    .old_cookies = OldCookies::kGuessed,
    .hand_set = HandSet::kAfter,
};

// The same behind OkHttp's JavaNetCookieJar, which reads Set-Cookie first.
inline constexpr JarRule kOkHttpJar = [] {
  JarRule rule = kJdkJar;
  rule.refused_in_value = {kTabAndNotAscii.data(), kTabAndNotAscii.size()};
  rule.ages = 0;
  rule.first_attribute = false;
  rule.unquotes_attributes = false;
  rule.refuses_bad_date = false;
  rule.public_suffixes = true;
  rule.parent_needs_dot = false;
  rule.empty_domain = EmptyDomain::kNone;
  rule.domain_dots = DomainDots::kOddMeanNone;
  rule.ignored_in_domain = ":";
  rule.suffix_hosts = SuffixHosts::kWithoutDomain;
  rule.host_only_is_another = true;
  rule.default_path = DefaultPath::kDirectory;
  rule.relative_path = RelativePath::kDefault;
  rule.empty_path_is_root = false;
  // Its Set-Cookie is written anew, with Expires.
  rule.old_cookies = OldCookies::kNone;
  rule.hand_set = HandSet::kReplaced;
  return rule;
}();

// Apache HttpClient 4: a cookie without a version is Netscape's.
inline constexpr JarRule kHttpClient4Jar = {
    .without_equals = WithoutEquals::kName,
    .named = true,
    .joins_spaces = true,
    .first_attribute = true,
    .reads_max_age = false,
    .unread_dates = kAsctime | kNoWeekday | kNoZone | kNoDashes,
    .refuses_bad_date = true,
    .empty_domain = EmptyDomain::kEmptyRefused,
    .domain_dots = DomainDots::kLastMeansHost,
    .relative_path = RelativePath::kRefused,
    .empty_path_is_root = true,
    .last_slash_is_optional = true,
    .secure_over_http = true,
    .secure_stays = false,
    .prefixes = false,
    .order = CookieOrder::kSortedByName,
    .host_only_is_another = false,
    .replaced = Replaced::kIsNewest,
    .old_cookies = OldCookies::kOwnFields,
    .hand_set = HandSet::kFieldFirst,
};

// Jetty's HttpCookieStore.
inline constexpr JarRule kJettyJar = {
    .without_equals = WithoutEquals::kRefused,
    .named = true,
    .quotes = Quotes::kStrippedEach,
    .unquotes_attributes = true,
    .refuses_secure_value = true,
    .ages = kPlusAge | kHugeIsPast | kNegativeIsNone,
    .bad_age = BadAge::kRefuses,
    .refuses_bad_date = true,
    .past_date_wins = true,
    .empty_domain = EmptyDomain::kRefused,
    .domain_dots = DomainDots::kFirstRefused,
    .secure_over_http = true,
    .secure_stays = false,
    .prefixes_need_https = true,
    .order = CookieOrder::kStored,
    .host_only_is_another = false,
    .replaced = Replaced::kIsNewest,
    .hand_set = HandSet::kBefore,
};

// Apache HttpClient 5, CookieSpec "relaxed".
inline constexpr JarRule kHttpClientJar = {
    .without_equals = WithoutEquals::kRefused,
    .named = true,
    .quotes = Quotes::kStripped,
    .joins_spaces = true,
    .quoted_with = " \",;\\",
    .escapes = Escapes::kBackslashes,
    .ages = kPlusAge | kHugeIsPast,
    .bad_age = BadAge::kRefuses,
    .refuses_bad_date = true,
    .empty_domain = EmptyDomain::kEmptyRefused,
    .domain_dots = DomainDots::kLastMeansHost,
    .relative_path = RelativePath::kRefused,
    .empty_path_is_root = true,
    .last_slash_is_optional = true,
    .secure_over_http = true,
    .secure_stays = false,
    .prefixes = false,
    .host_only_is_another = false,
    .replaced = Replaced::kIsNewest,
    .hand_set = HandSet::kWins,
};

// The crate cookie_store, in reqwest: not measured, and not held against its source. It sends
// cookies in the order of a hash table.
inline constexpr JarRule kReqwestJar = {
    .without_equals = WithoutEquals::kRefused,
    .named = true,
    .public_suffixes = false,
    .secure_over_http = true,
    .secure_stays = false,
    .prefixes = false,
    .host_only_is_another = false,
    .hand_set = HandSet::kWins,
};

// GNU wget.
inline constexpr JarRule kWgetJar = {
    .without_equals = WithoutEquals::kRefused,
    .named = true,
    .refused_in_name = " ",
    .quotes = Quotes::kKeptToSecond,
    .unquotes_attributes = true,
    .refuses_empty_attributes = true,
    .ages = kPlusAge | kDecimalAge | kHugeIsPast,
    .bad_age = BadAge::kRefuses,
    .unread_dates = kNoWeekday | kLowerCase,
    .past_date_wins = true,
    .empty_domain = EmptyDomain::kRefused,
    .default_path = DefaultPath::kDirectoryWithSlash,
    .relative_path = RelativePath::kRefused,
    .path_is_prefix = true,
    .path_must_match = true,
    .secure_over_http = true,
    .secure_stays = false,
    .prefixes = false,
    .order = CookieOrder::kDomainFirst,
    .host_only_is_another = false,
    .hand_set = HandSet::kWins,
};

// System.Net.CookieContainer.
inline constexpr JarRule kDotnetJar = {
    .without_equals = WithoutEquals::kName,
    .named = true,
    .no_dollar = true,
    .names_ignore_case = true,
    .splits_at_commas = true,
    .quotes = Quotes::kKeptIfBoth,
    .first_attribute = true,
    .unquotes_attributes = true,
    .secure_has_no_value = true,
    .ages = kPlusAge | kHugeIsPast,
    .bad_age = BadAge::kRefuses,
    .refuses_bad_date = true,
    .first_expiry = true,
    .per_domain = 20,
    .empty_domain = EmptyDomain::kWrittenRefused,
    .relative_path = RelativePath::kRefused,
    .empty_path_is_root = true,
    .secure_over_http = true,
    .secure_stays = false,
    .prefixes = false,
    .order = CookieOrder::kHostFirst,
    .old_cookies = OldCookies::kAttribute,
    .hand_set = HandSet::kBefore,
};

// The gem http-cookie, in rest-client.
inline constexpr JarRule kHttpCookieGem = {
    .without_equals = WithoutEquals::kRefused,
    .named = true,
    .splits_before_names = true,
    .refused_in_name = " \t\"\\",
    .quotes = Quotes::kRead,
    .refused_in_value = "\t",
    .quoted_with = " \",;\\",
    .escapes = Escapes::kQuotes,
    .unquotes_attributes = true,
    .domain_dots = DomainDots::kOneAtEachEnd,
    .domain_may_have_port = true,
    .default_path = DefaultPath::kDirectoryWithSlash,
    .secure_over_http = true,
    .secure_stays = false,
    .prefixes = false,
    .order = CookieOrder::kByNameThenPath,
    .host_only_is_another = false,
    .replaced = Replaced::kIsNewest,
    .hand_set = HandSet::kReplaced,
};

// The same in http.rb, which sends what is in it to every host.
inline constexpr JarRule kHttpRbJar = [] {
  JarRule rule = kHttpCookieGem;
  rule.quoted_with = {};
  rule.escapes = Escapes::kNothing;
  rule.empty_value_deletes = true;
  rule.sent_everywhere = true;
  rule.order = CookieOrder::kStoredGrouped;
  rule.replaced = Replaced::kKeepsPlace;
  rule.hand_set = HandSet::kStored;
  return rule;
}();

// HTTParty::CookieHash.
inline constexpr JarRule kHttpartyJar = {
    .without_equals = WithoutEquals::kName,
    .parts_are_cookies = true,
    .public_suffixes = false,
    .sent_everywhere = true,
    .secure_over_http = true,
    .secure_stays = false,
    .prefixes = false,
    .order = CookieOrder::kStored,
    .hand_set = HandSet::kInPlace,
};

// The browsers': RFC 6265bis, and what came later.
inline constexpr JarRule kNewerBrowserJar = {
    .last_attribute_counts = true,
    .empty_domain = EmptyDomain::kDotRefused,
    .http_prefixes = true,
    .partitioned_is_secure = true,
};
inline constexpr JarRule kChromiumJar = [] {
  JarRule rule = kNewerBrowserJar;
  rule.refused_in_name = "\t";
  rule.refused_in_value = "\t";
  rule.ages = kPlusAge;
  rule.replaced = Replaced::kIsNewestWithValue;
  return rule;
}();
inline constexpr JarRule kFirefoxJar = [] {
  JarRule rule = kNewerBrowserJar;
  rule.without_equals = WithoutEquals::kName;
  rule.named = true;
  rule.replaces_invalid_utf8 = true;
  return rule;
}();

}  // namespace fingerpost::follow
