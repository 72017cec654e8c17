// STRICT, and the Fetch Standard with the browsers that follow it.
#include "core/profiles_rows.h"

namespace fingerpost {
namespace {

// --- STRICT ---

constexpr std::string_view kCredentials[] = {
    "Authorization",      "Cookie", "Cookie2", "WWW-Authenticate", "Proxy-Authenticate",
    "Proxy-Authorization"};
// RFC 9110 §15.4, and RFC 9530 for the digests.
constexpr std::string_view kContent[] = {"Content-*", "Transfer-Encoding", "Trailer",      "Expect",
                                         "Digest",    "Repr-Digest",       "Last-Modified"};
// RFC 9110 §7.6.1, RFC 9113 §8.2.2, RFC 7540 §3.2.1.
constexpr std::string_view kConnection[] = {"Connection",        "Keep-Alive", "TE",
                                            "Transfer-Encoding", "Upgrade",    "HTTP2-Settings"};
constexpr std::string_view kProxy[] = {"Proxy-*"};
// RFC 9110 §13.1, RFC 4918 §10.4.
constexpr std::string_view kPreconditions[] = {"If-*", "If"};

constexpr FieldRule kStrictFields[] = {
    {kEveryHop, v1::CHANGE_REASON_PROXY, kProxy},
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kContent},
    {kEveryHop, v1::CHANGE_REASON_CONNECTION_SPECIFIC, kConnection},
    {kUrlChanges, v1::CHANGE_REASON_PRECONDITION, kPreconditions},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kCredentials},
    {kOriginChanges, v1::CHANGE_REASON_HOST, kHost},
};

constexpr Profile kStrict = {
    .id = v1::PROFILE_STRICT,
    .client = "RFC 9110, RFC 6265bis, Fetch",
    .statuses = Statuses({}),
    .limit = 20,
    .loop = Loop::kSameRequest,
    .downgrade = false,
    .userinfo = Userinfo::kStop,
    .fragment = Inherit::kIfMissing,
    .fields = kStrictFields,
    .heeds_connection = true,
    .content_stays_dropped = true,
    .origin = OriginField::kNullWhenTainted,
    .referer = {.by_policy = true},
    .jar = Jar::kMerged,
    .same_site = SameSiteRule::kTopLevel,
};

// --- Fetch ---

// "Request-body-header names", and what the user agent writes itself.
constexpr std::string_view kFetchContent[] = {"Content-Encoding", "Content-Language",
                                              "Content-Location", "Content-Type",
                                              "Content-Length",   "Transfer-Encoding"};

// A body without a source stops even where it would be dropped, but for 303.
constexpr StatusRule FetchToGet(Methods methods) {
  StatusRule rule = ToGet(methods);
  rule.one_shot_stops = kEveryMethod;
  return rule;
}
constexpr StatusRules kFetchStatuses =
    Statuses({.moved = FetchToGet(kPost), .found = FetchToGet(kPost)});

// The Cookie field is the user agent's own: what was sent to one host says nothing about the next.
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
    .origin = OriginField::kNullWhenTainted,
    .referer = {.by_policy = true},
    .jar = Jar::kMerged,
    .same_site = SameSiteRule::kSubresource,
};

// --- Browsers ---

constexpr std::string_view kChromiumContent[] = {
    "Origin",           "Content-Length",   "Content-Type",     "Content-Encoding",
    "Content-Language", "Content-Location", "Transfer-Encoding"};
constexpr FieldRule kChromiumFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kChromiumContent},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kAuthorizationAndCookie},
    {kOriginChanges, v1::CHANGE_REASON_HOST, kHost},
};

constexpr Profile ChromiumFetch() {
  Profile row = kFetch;
  row.id = v1::PROFILE_CHROMIUM_FETCH;
  row.client = "Chromium, fetch()";
  row.location.several = Several::kFirstNonEmpty;
  row.location.empty_is_missing = true;
  row.fields = kChromiumFields;
  row.origin = OriginField::kNullAcross;
  return row;
}

constexpr Profile FirefoxFetch() {
  Profile row = kFetch;
  row.id = v1::PROFILE_FIREFOX_FETCH;
  row.client = "Firefox, fetch()";
  row.location.several = Several::kConflictIfDifferent;
  return row;
}

// A navigation sends Lax cookies to another site, and userinfo waits for a challenge.
constexpr Profile Navigation(Profile row, v1::Profile id, std::string_view client) {
  row.id = id;
  row.client = client;
  row.userinfo = Userinfo::kStrip;
  row.same_site = SameSiteRule::kTopLevel;
  return row;
}

constexpr std::array kRows = {
    kStrict,
    kFetch,
    ChromiumFetch(),
    Navigation(ChromiumFetch(), v1::PROFILE_CHROMIUM_NAVIGATION, "Chromium, navigation"),
    FirefoxFetch(),
    Navigation(FirefoxFetch(), v1::PROFILE_FIREFOX_NAVIGATION, "Firefox, navigation"),
};

}  // namespace

std::span<const Profile> BrowserProfiles() { return kRows; }

}  // namespace fingerpost
