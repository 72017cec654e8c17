// Go, Rust, Ruby, PHP, .NET.
#include "core/profiles_rows.h"

namespace fingerpost {
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
// Content goes even where GET had some.
constexpr StatusRule kGoToGet = {.followed = kEveryMethod,
                                 .to_get = AllBut(kGet | kHead),
                                 .drop_body = kEveryMethod,
                                 .drop_content = AllBut(kGet | kHead)};

constexpr Profile kGo = {
    .id = v1::PROFILE_GO,
    .client = "Go 1, net/http",
    .statuses = Statuses({.moved = kGoToGet, .found = kGoToGet, .see_other = kGoToGet}),
    .limit = 9,
    .handed_back = kResults | StopBit(v1::STOP_REASON_BODY_NOT_REPLAYABLE),
    .location = {.several = Several::kFirst, .refused = kControls, .encoded = "\\|"},
    .userinfo = Userinfo::kAuthorizeIfAbsent,
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
    {kEveryHop, v1::CHANGE_REASON_HOST, kHost},
};
constexpr StatusRule kReqwestSeeOther = {.followed = kEveryMethod,
                                         .to_get = AllBut(kGet | kHead),
                                         .drop_body = kEveryMethod,
                                         .drop_content = kEveryMethod};

constexpr Profile kReqwest = {
    .id = v1::PROFILE_REQWEST,
    .client = "reqwest 0",
    .statuses = Statuses({.see_other = kReqwestSeeOther}),
    .limit = 10,
    .handed_back = kResults | StopBit(v1::STOP_REASON_INVALID_LOCATION) |
                   StopBit(v1::STOP_REASON_BODY_NOT_REPLAYABLE),
    .location = {.several = Several::kFirst,
                 .empty_is_missing = false,
                 .octets = Octets::kRefuse,
                 .refused = " \t\"<>\\^`{|}"},
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
    .client = "faraday-follow_redirects 0",
    .statuses = Statuses({.moved = kFaradayToGet,
                          .found = kFaradayToGet,
                          .see_other = kFaradayToGet,
                          .kept = {.followed = kFaradayMethods}}),
    .limit = 3,
    .handed_back = kResults | StopBit(v1::STOP_REASON_METHOD_NOT_FOLLOWED),
    .location = {.several = Several::kJoined, .missing_is_empty = true, .empty_is_missing = false},
    .crossing = kSlashIsSame | kRelativeCrosses,
    .fields = kFaradayFields,
};

// --- PHP Guzzle: every 3xx with a Location ---

constexpr std::string_view kReferer[] = {"Referer"};
constexpr FieldRule kGuzzleFields[] = {
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kAuthorizationAndCookie},
    {kEveryHop, v1::CHANGE_REASON_HOST, kHost},
    {kEveryHop, v1::CHANGE_REASON_CLIENT_HABIT, kReferer},
};
constexpr StatusRule kGuzzleToGet = {
    .followed = kEveryMethod, .to_get = AllBut(kGet | kHead | kOptions), .drop_body = kEveryMethod};

constexpr Profile kGuzzle = {
    .id = v1::PROFILE_GUZZLE,
    .client = "Guzzle 7",
    .statuses = Statuses({.choices = kGuzzleToGet,
                          .moved = kGuzzleToGet,
                          .found = kGuzzleToGet,
                          .see_other = kGuzzleToGet,
                          .others = kKept}),
    .limit = 5,
    .location = {.several = Several::kJoined, .empty_is_missing = false},
    .userinfo = Userinfo::kAuthorizeIfAbsent,
    .fields = kGuzzleFields,
};

// --- .NET SocketsHttpHandler ---

constexpr std::string_view kDotnetContent[] = {"Content-*", "Transfer-Encoding"};
constexpr FieldRule kDotnetFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kDotnetContent},
    {kEveryHop, v1::CHANGE_REASON_ORIGIN_CHANGED, kAuthorization},
};

constexpr Profile kDotnet = {
    .id = v1::PROFILE_DOTNET,
    .client = ".NET, SocketsHttpHandler",
    .verified = false,
    .statuses = Statuses({.choices = ToGet(kPost)}),
    .limit = 50,
    .handed_back = kResults | StopBit(v1::STOP_REASON_LIMIT) | StopBit(v1::STOP_REASON_DOWNGRADE) |
                   StopBit(v1::STOP_REASON_SCHEME_NOT_ALLOWED),
    .location = {.several = Several::kFirst},
    .downgrade = false,
    .fragment = Inherit::kIfMissing,
    .fields = kDotnetFields,
    .jar = Jar::kMerged,
};

constexpr std::array kRows = {kGo, kReqwest, kFaraday, kGuzzle, kDotnet};

}  // namespace

std::span<const Profile> OtherProfiles() { return kRows; }

}  // namespace fingerpost
