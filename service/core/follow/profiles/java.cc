// Java: OkHttp, Apache HttpClient 5, java.net.http.
#include "core/follow/profiles/rows.h"

namespace fingerpost::follow {
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
    .client = "OkHttp 5.5.1",
    .statuses = Statuses({.choices = kOkHttpToGet,
                          .moved = kOkHttpToGet,
                          .found = kOkHttpToGet,
                          .see_other = ToGet(AllBut(kGet | kHead | kPropfind))}),
    .limit = 20,
    .handed_back = kResults | StopBit(v1::STOP_REASON_INVALID_LOCATION) |
                   StopBit(v1::STOP_REASON_SCHEME_NOT_ALLOWED) |
                   StopBit(v1::STOP_REASON_BODY_NOT_REPLAYABLE),
    .location = {.several = Several::kLast,
                 .empty_is_missing = false,
                 .octets = Octets::kReplaceInvalidUtf8,
                 .tabs = Tabs::kAfterAuthority},
    .fields = kOkHttpFields,
};

// --- Apache HttpClient 5 ---

// java.net.URI refuses what RFC 2396 refuses.
constexpr std::string_view kNotJavaUri{
    "\0\x01\x02\x03\x04\x05\x06\x07\x08\t\n\v\f\r\x0E\x0F\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19"
    "\x1A\x1B\x1C\x1D\x1E\x1F\x7F \"<>\\^`{|}",
    43};

constexpr LocationRule JavaUri(std::string_view pathless) {
  return {.several = Several::kFirst,
          .empty_is_missing = false,
          .refused = kNotJavaUri,
          .empty_authority = EmptyAuthority::kPath,
          .no_authority = NoAuthority::kRefused,
          .pathless = pathless,
          .refuses_bare_percent = true};
}

// A request with another method starts without fields, so there is nothing to refuse.
constexpr FieldRule kHttpClientFields[] = {
    {.when = kCredentialsStay,
     .reason = v1::CHANGE_REASON_ORIGIN_CHANGED,
     .names = kAuthorizationAndCookie,
     .stops = true,
     .unless = kMethodChanges},
    {kMethodChanges, v1::CHANGE_REASON_CLIENT_HABIT, kEveryField},
};
// A request with an unrepeatable entity is not followed, not even on 303.
constexpr StatusRule HttpClientToGet(Methods methods) {
  StatusRule rule = ToGet(methods);
  rule.one_shot_stops = kEveryMethod;
  return rule;
}

// It writes a path without empty segments.
constexpr LocationRule HttpClientLocation() {
  LocationRule rule = JavaUri("/");
  rule.merged = Merged::kEvery;
  rule.refuses_empty_userinfo = true;
  return rule;
}

constexpr Profile kHttpClient5 = {
    .id = v1::PROFILE_HTTPCLIENT5,
    .client = "Apache HttpClient 5.6.5",
    .statuses = Statuses({.moved = HttpClientToGet(kPost),
                          .found = HttpClientToGet(kPost),
                          .see_other = HttpClientToGet(AllBut(kGet | kHead))}),
    .limit = 50,
    .loop = Loop::kSameUrl,
    .first_is_no_visit = true,
    .handed_back = kResults | StopBit(v1::STOP_REASON_CREDENTIALS_PRESENT) |
                   StopBit(v1::STOP_REASON_BODY_NOT_REPLAYABLE),
    .location = HttpClientLocation(),
    .userinfo = Userinfo::kStop,
    .fields = kHttpClientFields,
    .jar = Jar::kMerged,
};

// --- java.net.http ---

// Its parser of responses reads octets as Latin-1.
constexpr LocationRule JdkLocation() {
  LocationRule rule = JavaUri(".");
  rule.octets = Octets::kLatin1;
  rule.merged = Merged::kRelative;
  rule.refused_in_host = kOctetsAndPercent;
  rule.refuses_second_at = true;
  return rule;
}

constexpr std::string_view kJdkCredentials[] = {"Authorization", "Cookie", "Origin", "Referer",
                                                "Host"};
constexpr FieldRule kJdkFields[] = {
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kJdkCredentials},
};

constexpr Profile kJdk = {
    .id = v1::PROFILE_JDK,
    .client = "OpenJDK 27.0.1, java.net.http, Redirect.NORMAL",
    .statuses = Statuses({.see_other = ToGet(AllBut(kGet))}),
    .limit = 4,
    .handed_back = StopBit(v1::STOP_REASON_FINAL_RESPONSE) |
                   StopBit(v1::STOP_REASON_STATUS_NOT_FOLLOWED) | StopBit(v1::STOP_REASON_LIMIT) |
                   StopBit(v1::STOP_REASON_DOWNGRADE) | StopBit(v1::STOP_REASON_SCHEME_NOT_ALLOWED),
    .location = JdkLocation(),
    .downgrade = false,
    .crossing = kRawAuthority,
    .fields = kJdkFields,
};

constexpr std::array kRows = {kOkHttp, kHttpClient5, kJdk};

}  // namespace

std::span<const Profile> JavaProfiles() { return kRows; }

}  // namespace fingerpost::follow
