// Java: OkHttp, Apache HttpClient 5, java.net.http.
#include "core/profiles_rows.h"

namespace fingerpost {
namespace {

// --- OkHttp ---

constexpr std::string_view kOkHttpContent[] = {"Transfer-Encoding", "Content-Length",
                                               "Content-Type"};
constexpr FieldRule kOkHttpFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kOkHttpContent},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kAuthorization},
};
constexpr StatusRule kOkHttpToGet = ToGet(AllBut(kGet | kHead | kPropfind | kQuery));

constexpr Profile kOkHttp = {
    .id = v1::PROFILE_OKHTTP,
    .client = "OkHttp 5",
    .statuses = Statuses({.choices = kOkHttpToGet,
                          .moved = kOkHttpToGet,
                          .found = kOkHttpToGet,
                          .see_other = ToGet(AllBut(kGet | kHead | kPropfind))}),
    .limit = 20,
    .handed_back = kResults | StopBit(v1::STOP_REASON_INVALID_LOCATION) |
                   StopBit(v1::STOP_REASON_SCHEME_NOT_ALLOWED) |
                   StopBit(v1::STOP_REASON_BODY_NOT_REPLAYABLE),
    .location = {.several = Several::kLast, .empty_is_missing = false},
    .fields = kOkHttpFields,
};

// --- Apache HttpClient 5 ---

// java.net.URI refuses what RFC 2396 does.
constexpr std::string_view kNotJavaUri{
    "\0\x01\x02\x03\x04\x05\x06\x07\x08\t\n\v\f\r\x0E\x0F\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19"
    "\x1A\x1B\x1C\x1D\x1E\x1F\x7F \"<>\\^`{|}",
    43};

constexpr FieldRule kHttpClientFields[] = {
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kAuthorizationAndCookie, true},
    {kMethodChanges, v1::CHANGE_REASON_CLIENT_HABIT, kEveryField},
    {kEveryHop, v1::CHANGE_REASON_HOST, kHost},
};
// An entity that cannot be repeated is not followed, 303 or not.
constexpr StatusRule HttpClientToGet(Methods methods) {
  StatusRule rule = ToGet(methods);
  rule.one_shot_stops = kEveryMethod;
  return rule;
}

constexpr Profile kHttpClient5 = {
    .id = v1::PROFILE_HTTPCLIENT5,
    .client = "Apache HttpClient 5",
    .statuses = Statuses({.moved = HttpClientToGet(kPost),
                          .found = HttpClientToGet(kPost),
                          .see_other = HttpClientToGet(AllBut(kGet | kHead))}),
    .limit = 50,
    .loop = Loop::kSameUrl,
    .handed_back = kResults | StopBit(v1::STOP_REASON_CREDENTIALS_PRESENT) |
                   StopBit(v1::STOP_REASON_BODY_NOT_REPLAYABLE),
    .location = {.several = Several::kFirst, .empty_is_missing = false, .refused = kNotJavaUri},
    .fields = kHttpClientFields,
};

// --- java.net.http ---

constexpr std::string_view kJdkCredentials[] = {"Authorization", "Cookie", "Origin", "Referer",
                                                "Host"};
constexpr FieldRule kJdkFields[] = {
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kJdkCredentials},
};

constexpr Profile kJdk = {
    .id = v1::PROFILE_JDK,
    .client = "OpenJDK, java.net.http, Redirect.NORMAL",
    .statuses = Statuses({.see_other = ToGet(AllBut(kGet))}),
    .limit = 4,
    .handed_back = StopBit(v1::STOP_REASON_FINAL_RESPONSE) |
                   StopBit(v1::STOP_REASON_STATUS_NOT_FOLLOWED) | StopBit(v1::STOP_REASON_LIMIT) |
                   StopBit(v1::STOP_REASON_DOWNGRADE),
    .location = {.several = Several::kFirst, .empty_is_missing = false, .refused = kNotJavaUri},
    .downgrade = false,
    .crossing = kRawAuthority,
    .fields = kJdkFields,
};

constexpr std::array kRows = {kOkHttp, kHttpClient5, kJdk};

}  // namespace

std::span<const Profile> JavaProfiles() { return kRows; }

}  // namespace fingerpost
