// STRICT, and the Fetch Standard with the browsers that follow it.
#include "core/follow/profiles/rows.h"

namespace fingerpost::follow {
namespace {

// --- STRICT ---

constexpr std::string_view kCredentials[] = {
    "Authorization",      "Cookie", "Cookie2", "WWW-Authenticate", "Proxy-Authenticate",
    "Proxy-Authorization"};
// RFC 9110 §15.4, and RFC 9530 for the digests.
constexpr std::string_view kContent[] = {"Content-*", "Transfer-Encoding", "Trailer",      "Expect",
                                         "Digest",    "Repr-Digest",       "Last-Modified"};
// RFC 9110 §7.6.1, RFC 9113 §8.2.2, RFC 7540 §3.2.1.
constexpr std::string_view kConnection[] = {
    "Connection",        "Keep-Alive", "Proxy-Connection", "TE",
    "Transfer-Encoding", "Upgrade",    "HTTP2-Settings"};
constexpr std::string_view kProxy[] = {"Proxy-*"};
// RFC 9110 §13.1, RFC 4918 §10.4.
constexpr std::string_view kPreconditions[] = {"If-*", "If"};

constexpr FieldRule kStrictFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kContent},
    {kEveryHop, v1::CHANGE_REASON_CONNECTION_SPECIFIC, kConnection},
    {kEveryHop, v1::CHANGE_REASON_PROXY, kProxy},
    {kUrlChanges, v1::CHANGE_REASON_PRECONDITION, kPreconditions},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kCredentials},
    {kOriginChanges, v1::CHANGE_REASON_HOST, kHost},
};

// A proxy answers CONNECT, so a redirect is not the host's (RFC 9110 §9.3.6).
constexpr StatusRules StrictStatuses() {
  StatusRules rules = Statuses({});
  for (StatusRule& rule : rules) rule.followed &= AllBut(kConnect);
  return rules;
}

constexpr Profile kStrict = {
    .id = v1::PROFILE_STRICT,
    .client = "RFC 9110, RFC 6265bis, Fetch",
    .statuses = StrictStatuses(),
    .limit = 20,
    .loop = Loop::kSameRequest,
    .downgrade = false,
    .userinfo = Userinfo::kStop,
    .fragment = Inherit::kIfMissing,
    .fields = kStrictFields,
    .heeds_connection = true,
    .ties_range = true,
    .content_stays_dropped = true,
    .origin = OriginField::kNullWhenTainted,
    .referer = {.by_policy = true},
    .fetch_metadata = FetchMetadata::kComputed,
    .jar = Jar::kMerged,
    .same_site = SameSiteRule::kTopLevel,
};

// --- Fetch ---

// "Request-body-header names", and the fields that the user agent writes itself.
constexpr std::string_view kFetchContent[] = {"Content-Encoding", "Content-Language",
                                              "Content-Location", "Content-Type",
                                              "Content-Length",   "Transfer-Encoding"};

// A body without a source stops the client, even if it would be dropped, except on 303.
constexpr StatusRule FetchToGet(Methods methods) {
  StatusRule rule = ToGet(methods);
  rule.one_shot_stops = kEveryMethod;
  return rule;
}
constexpr StatusRules kFetchStatuses =
    Statuses({.moved = FetchToGet(kPost), .found = FetchToGet(kPost)});

// The user agent writes a new Cookie field: one host's cookies say nothing about the next's.
constexpr FieldRule kFetchFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kFetchContent},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kAuthorizationAndCookie},
    {kOriginChanges, v1::CHANGE_REASON_HOST, kHost},
};

constexpr Profile kFetch = {
    .id = v1::PROFILE_FETCH,
    .client = "Fetch, HTTP-redirect fetch",
    .statuses = kFetchStatuses,
    .limit = 20,
    .location = {.several = Several::kConflict, .empty_is_missing = false},
    .userinfo = Userinfo::kStopAcross,
    .fragment = Inherit::kIfMissing,
    .fields = kFetchFields,
    .origin = OriginField::kComputed,
    .referer = {.by_policy = true},
    .fetch_metadata = FetchMetadata::kPutBack,
    .jar = Jar::kMerged,
    .same_site = SameSiteRule::kSubresource,
    .loopback_is_secure = true,
};

// --- Browsers ---

constexpr size_t kNotModified = 4;  // The index of 304: nothing is stored that it could mean.

// A navigation drops Origin with its content.
constexpr std::string_view kNavigationContent[] = {
    "Origin",           "Content-Length",   "Content-Type",     "Content-Encoding",
    "Content-Language", "Content-Location", "Transfer-Encoding"};
constexpr FieldRule kNavigationFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kNavigationContent},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kAuthorizationAndCookie},
    {kOriginChanges, v1::CHANGE_REASON_HOST, kHost},
};
// Firefox starts each hop from the script's own fields.
constexpr FieldRule kFirefoxFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kFetchContent},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kAuthorization},
    {kCredentialsStay, v1::CHANGE_REASON_COOKIE_JAR, kCookie},
    {kOriginChanges, v1::CHANGE_REASON_HOST, kHost},
};

// fetch() without options: credentials "same-origin".
constexpr Profile ScriptFetch(v1::Profile id, std::string_view client) {
  Profile row = kFetch;
  row.id = id;
  row.client = client;
  row.location.several = Several::kConflictIfDifferent;
  row.location.conflict_breaks_response = true;
  row.mixed_content = MixedContent::kStops;
  row.referer.downgrade_by_scheme = true;
  row.jar = Jar::kSameOrigin;
  return row;
}

// Chromium also encodes "|" in a path.
constexpr Spelling kChromiumSpelling = {.path = {.encoded = kUrlStandardPath | "|"}};

constexpr Profile ChromiumFetch() {
  Profile row = ScriptFetch(v1::PROFILE_CHROMIUM_FETCH, "Chromium 156, fetch()");
  row.location.empty_is_missing = true;
  row.userinfo = Userinfo::kStop;
  row.engine = &kChromiumJar;
  row.location.spelling = &kChromiumSpelling;
  return row;
}

constexpr Profile FirefoxFetch() {
  Profile row = ScriptFetch(v1::PROFILE_FIREFOX_FETCH, "Firefox 159, fetch()");
  row.location.encoded = "\t";
  row.fields = kFirefoxFields;
  row.restores = true;
  row.restores_content = true;
  row.referer.no_relaxing_across_sites = true;
  row.engine = &kFirefoxJar;
  row.site = {.ignores_scheme = true, .needs_domain_for_metadata = true, .of_whole_chain = true};
  return row;
}

// A navigation sends Lax cookies to another site, and userinfo waits for a challenge.
constexpr Profile Navigation(Profile row, v1::Profile id, std::string_view client) {
  row.id = id;
  row.client = client;
  row.userinfo = Userinfo::kStrip;
  row.fields = kNavigationFields;
  row.restores = false;
  row.restores_content = false;
  row.mixed_content = MixedContent::kFollowed;
  row.jar = Jar::kMerged;
  row.same_site = SameSiteRule::kTopLevel;
  row.site.of_page = true;
  row.site.unspecified_crosses = true;
  return row;
}

constexpr Profile ChromiumNavigation() {
  Profile row =
      Navigation(ChromiumFetch(), v1::PROFILE_CHROMIUM_NAVIGATION, "Chromium 156, navigation");
  row.limit = 19;
  row.origin = OriginField::kNullAcross;
  row.statuses[kNotModified].fails = true;
  row.mixed_content = MixedContent::kFormStops;
  return row;
}

constexpr Profile FirefoxNavigation() {
  Profile row =
      Navigation(FirefoxFetch(), v1::PROFILE_FIREFOX_NAVIGATION, "Firefox 159, navigation");
  row.origin = OriginField::kNullWhenTainted;
  row.origin_by_policy = true;
  row.referer.no_relaxing_across_sites = false;
  return row;
}

constexpr std::array kRows = {
    kStrict, kFetch, ChromiumFetch(), ChromiumNavigation(), FirefoxFetch(), FirefoxNavigation(),
};

}  // namespace

std::span<const Profile> BrowserProfiles() { return kRows; }

}  // namespace fingerpost::follow
