// Go, Rust, Ruby, PHP, .NET.
#include "core/follow/profiles/rows.h"

namespace fingerpost::follow {
namespace {

// --- Go net/http ---

constexpr std::string_view kGoContent[] = {"Content-Encoding", "Content-Language",
                                           "Content-Location", "Content-Type"};
constexpr std::string_view kGoCredentials[] = {
    "Authorization", "Www-Authenticate",    "Cookie",
    "Cookie2",       "Proxy-Authorization", "Proxy-Authenticate"};
constexpr FieldRule kGoFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kGoContent},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kGoCredentials},
    {kAbsoluteLocation, v1::CHANGE_REASON_HOST, kHost},
};
// Even a GET loses its content.
constexpr StatusRule kGoToGet = {.followed = kEveryMethod,
                                 .to_get = AllBut(kGet | kHead),
                                 .drop_body = kEveryMethod,
                                 .drop_content = kEveryMethod};

constexpr Profile kGo = {
    .id = v1::PROFILE_GO,
    .client = "Go 1.27.3, net/http",
    .statuses = Statuses({.moved = kGoToGet, .found = kGoToGet, .see_other = kGoToGet}),
    .limit = 9,
    .handed_back = kResults | StopBit(v1::STOP_REASON_BODY_NOT_REPLAYABLE),
    .location = {.several = Several::kFirst,
                 .refused = kControls,
                 .encoded = "\\|",
                 .empty_authority = EmptyAuthority::kPathAsWritten,
                 .no_authority = NoAuthority::kRefused,
                 .refused_in_authority = "\\ \"<>^`{|}",
                 .refused_in_host = kPercent,
                 .refuses_bare_percent = true},
    .userinfo = Userinfo::kAuthorizeIfAbsent,
    .request_userinfo = RequestUserinfo::kInherited,
    .crossing = kIgnoresPort | kIgnoresScheme | kAllowsSubdomain,
    .from_first = true,
    .fields = kGoFields,
    .referer = {.previous_url = true,
                .caller_wins = true,
                .keeps_fragment = true,
                .not_on_downgrade = true},
};

// --- Rust reqwest ---

constexpr std::string_view kReqwestContent[] = {"Content-Type", "Content-Length",
                                                "Content-Encoding", "Transfer-Encoding"};
constexpr std::string_view kReqwestCredentials[] = {"Authorization", "Cookie", "Cookie2",
                                                    "Proxy-Authorization", "WWW-Authenticate"};
constexpr FieldRule kReqwestFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kReqwestContent},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kReqwestCredentials},
};
constexpr StatusRule kReqwestSeeOther = {.followed = kEveryMethod,
                                         .to_get = AllBut(kGet | kHead),
                                         .drop_body = kEveryMethod,
                                         .drop_content = kEveryMethod};

constexpr Profile kReqwest = {
    .id = v1::PROFILE_REQWEST,
    .client = "reqwest 0.13.5",
    .statuses = Statuses({.see_other = kReqwestSeeOther}),
    .limit = 10,
    .handed_back = kResults | StopBit(v1::STOP_REASON_INVALID_LOCATION) |
                   StopBit(v1::STOP_REASON_BODY_NOT_REPLAYABLE),
    .location = {.several = Several::kFirst,
                 .empty_is_missing = false,
                 .octets = Octets::kRefuseInvalidUtf8,
                 .refused = kControlsButTab,
                 .empty_authority = EmptyAuthority::kRefused},
    .request_userinfo = RequestUserinfo::kAuthorization,
    // It compares with the previous URL but starts from the first request's fields, so fields
    // dropped on the way to another origin return one hop later.
    .restores = true,
    .fields = kReqwestFields,
    .referer = {.previous_url = true, .not_on_downgrade = true},
};

// --- Ruby faraday-follow_redirects ---

constexpr FieldRule kFaradayFields[] = {
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kAuthorization},
};
constexpr Methods kFaradayMethods = kHead | kOptions | kGet | kPost | kPut | kPatch | kDelete;
constexpr StatusRule kFaradayToGet = {.followed = kFaradayMethods,
                                      .to_get = AllBut(kGet | kHead | kOptions),
                                      .drop_body = AllBut(kGet | kHead | kOptions)};

constexpr Profile kFaraday = {
    .id = v1::PROFILE_FARADAY,
    .client = "Faraday 2.15.0, faraday-follow_redirects 0.5.0",
    .statuses = Statuses({.moved = kFaradayToGet,
                          .found = kFaradayToGet,
                          .see_other = kFaradayToGet,
                          .kept = {.followed = kFaradayMethods}}),
    .limit = 3,
    .handed_back = kResults | StopBit(v1::STOP_REASON_METHOD_NOT_FOLLOWED),
    .location = {.several = Several::kJoined,
                 .missing_is_empty = true,
                 .empty_is_missing = false,
                 .encoded = "\\\t",
                 .empty_authority = EmptyAuthority::kPath,
                 .no_authority = NoAuthority::kRefused,
                 .refused_in_host = kOctetsAndPercent,
                 .refuses_second_at = true,
                 .refuses_bare_percent = true},
    .crossing = kSlashIsSame | kRelativeCrosses,
    .fields = kFaradayFields,
};

// --- PHP Guzzle ---

constexpr std::string_view kReferer[] = {"Referer"};
constexpr FieldRule kGuzzleFields[] = {
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kAuthorizationAndCookie},
    {kEveryHop, v1::CHANGE_REASON_HOST, kHost},
    {kEveryHop, v1::CHANGE_REASON_CLIENT_HABIT, kReferer},
};
constexpr StatusRule GuzzleToGet(int kept) {
  return {.followed = kEveryMethod, .to_get = AllBut(kept), .drop_body = AllBut(kQuery & kept)};
}
constexpr StatusRule kGuzzleToGet = GuzzleToGet(kGet | kHead | kOptions | kQuery);

constexpr Profile kGuzzle = {
    .id = v1::PROFILE_GUZZLE,
    .client = "Guzzle 8.3.1",
    .statuses = Statuses({.moved = kGuzzleToGet,
                          .found = kGuzzleToGet,
                          .see_other = GuzzleToGet(kGet | kHead | kOptions)}),
    .limit = 5,
    .location = {.several = Several::kJoined,
                 .empty_is_missing = false,
                 .octets = Octets::kRefuseInvalidUtf8,
                 .refused = kControlsButTab,
                 .encoded = "\\\t",
                 .empty_authority = EmptyAuthority::kRefused,
                 .no_authority = NoAuthority::kRefused,
                 .refused_in_host = kOctetsAndPercent},
    .userinfo = Userinfo::kAuthorizeIfAbsent,
    .request_userinfo = RequestUserinfo::kInherited,
    .fields = kGuzzleFields,
};

// --- .NET SocketsHttpHandler ---

// The fields that belong to HttpContent; the rest of Content-* is the request's.
constexpr std::string_view kDotnetContent[] = {
    "Allow",       "Content-Disposition", "Content-Encoding", "Content-Language",
    "Content-MD5", "Content-Length",      "Content-Location", "Content-Range",
    "Expires",     "Content-Type",        "Last-Modified",    "Transfer-Encoding"};
constexpr FieldRule kDotnetFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kDotnetContent},
    {kEveryHop, v1::CHANGE_REASON_ORIGIN_CHANGED, kAuthorization},
};

// Measured in 3.1.23, the newest runtime that a package registry has. Later ones turn every method
// into GET on 303.
constexpr Profile kDotnet = {
    .id = v1::PROFILE_DOTNET,
    .client = ".NET Core 3.1.23, SocketsHttpHandler",
    .verified = false,
    .statuses = Statuses({.choices = ToGet(kPost), .see_other = ToGet(kPost)}),
    .limit = 50,
    .handed_back = kResults | StopBit(v1::STOP_REASON_LIMIT) | StopBit(v1::STOP_REASON_DOWNGRADE) |
                   StopBit(v1::STOP_REASON_INVALID_LOCATION),
    .location = {.several = Several::kFirst,
                 .octets = Octets::kLatin1UnlessUtf8,
                 .encoded = "\t",
                 .empty_authority = EmptyAuthority::kRefused,
                 .refused_in_authority = "\\",
                 .refuses_second_at = true},
    .downgrade = false,
    .fragment = Inherit::kIfMissing,
    .fields = kDotnetFields,
    .jar = Jar::kMerged,
};

constexpr std::array kRows = {kGo, kReqwest, kFaraday, kGuzzle, kDotnet};

}  // namespace

std::span<const Profile> OtherProfiles() { return kRows; }

}  // namespace fingerpost::follow
