// Perl, and the clients of Ruby and PHP besides Faraday and Guzzle.
#include "core/follow/profiles/rows.h"

namespace fingerpost::follow {
namespace {

// --- Perl LWP::UserAgent ---

constexpr std::string_view kLwpCredentials[] = {"Authorization", "Proxy-Authorization"};
constexpr std::string_view kLwpNever[] = {"Host", "Cookie"};
constexpr FieldRule kLwpFields[] = {
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kLwpCredentials},
    {kEveryHop, v1::CHANGE_REASON_CLIENT_HABIT, kLwpNever},
};
// requests_redirectable.
constexpr StatusRule kOnlyGetAndHead = {.followed = kGet | kHead};

constexpr Profile kLwp = {
    .id = v1::PROFILE_LWP,
    .client = "libwww-perl 6.83",
    .statuses = Statuses({.moved = kOnlyGetAndHead,
                          .found = kOnlyGetAndHead,
                          .see_other = kOnlyGetAndHead,
                          .kept = kOnlyGetAndHead}),
    .limit = 7,
    .handed_back = kResults | StopBit(v1::STOP_REASON_LIMIT) | StopBit(v1::STOP_REASON_DOWNGRADE) |
                   StopBit(v1::STOP_REASON_METHOD_NOT_FOLLOWED),
    .handed_back_scheme = "file",
    .location = {.several = Several::kJoined,
                 .missing_is_empty = true,
                 .empty_is_missing = false,
                 .encoded = "\\\t",
                 .empty_authority = EmptyAuthority::kRefused,
                 .no_authority = NoAuthority::kRelativeButThree,
                 .colon = Colon::kRoot,
                 .unwraps_brackets = true},
    .downgrade = false,
    .userinfo = Userinfo::kAuthorizeIfAbsent,
    .request_userinfo = RequestUserinfo::kInherited,
    .fields = kLwpFields,
};

// --- Ruby: URI's parser is strict, but not about the query ---

constexpr std::string_view kNoUri{
    "\0\x01\x02\x03\x04\x05\x06\x07\x08\t\n\v\f\r\x0E\x0F\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19"
    "\x1A\x1B\x1C\x1D\x1E\x1F\x7F \"<>\\^`{|}",
    43};

// --- Ruby HTTParty ---

// Everything but 307 and 308 becomes GET; HEAD only with 303.
constexpr StatusRule kHttpartyToGet = ToGet(AllBut(kGet | kHead));
constexpr StatusRule kHttpartySeeOther = ToGet(AllBut(kGet));

constexpr Profile kHttparty = {
    .id = v1::PROFILE_HTTPARTY,
    .client = "HTTParty 0.24.3",
    .statuses = {kHttpartyToGet, kHttpartyToGet, kHttpartyToGet, kHttpartySeeOther, kNotFollowed,
                 kHttpartyToGet, kHttpartyToGet, kKept, kKept, kHttpartyToGet},
    .limit = 4,
    .one_shot = OneShot::kLost,
    .location = {.several = Several::kConflict,
                 .empty_is_missing = false,
                 .octets = Octets::kRefuse,
                 .empty_authority = EmptyAuthority::kPath,
                 .no_authority = NoAuthority::kRefused,
                 .refused_in_host = kPercent,
                 .refuses_second_at = true,
                 .pathless = "/",
                 .refused_outside_query = kNoUri,
                 .fragment_is_pathless = true},
    .crossing = kNever,
    .jar = Jar::kMerged,
};

// --- Ruby rest-client ---

constexpr StatusRule kRestClientSeeOther = ToGet(AllBut(kGet));

constexpr Profile kRestClient = {
    .id = v1::PROFILE_REST_CLIENT,
    .client = "rest-client 2.1.0",
    .statuses = {kNotFollowed, kOnlyGetAndHead, kOnlyGetAndHead, kRestClientSeeOther, kNotFollowed,
                 kNotFollowed, kNotFollowed, kOnlyGetAndHead, kNotFollowed, kNotFollowed},
    .limit = 10,
    .handed_back =
        kResults | StopBit(v1::STOP_REASON_LIMIT) | StopBit(v1::STOP_REASON_METHOD_NOT_FOLLOWED),
    .location = {.several = Several::kJoined,
                 .empty_is_missing = false,
                 .octets = Octets::kRefuse,
                 .empty_authority = EmptyAuthority::kPath,
                 .no_authority = NoAuthority::kRefused,
                 .refused_in_host = kPercent,
                 .refuses_second_at = true,
                 .colon = Colon::kOpaqueHost,
                 .refused_outside_query = kNoUri},
    .request_userinfo = RequestUserinfo::kAuthorization,
    .crossing = kNever,
    .method_first = true,
    .jar = Jar::kMerged,
};

// --- Ruby http.rb ---

constexpr std::string_view kContentType[] = {"Content-Type"};
constexpr FieldRule kHttpRbFields[] = {
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kAuthorization},
    {kEveryHop, v1::CHANGE_REASON_HOST, kHost},
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kContentType},
};
// Strict: these methods are an error on 300, 301 and 302.
constexpr StatusRule kHttpRbMoved = {
    .followed = AllBut(kPost | kPut | kDelete), .drop_body = kGet, .drop_content = kGet};
constexpr StatusRule kHttpRbSeeOther = {.followed = kEveryMethod,
                                        .to_get = AllBut(kGet | kHead),
                                        .drop_body = AllBut(kHead),
                                        .drop_content = AllBut(kHead)};
constexpr StatusRule kHttpRbKept = {
    .followed = kEveryMethod, .drop_body = kGet, .drop_content = kGet};

constexpr Profile kHttpRb = {
    .id = v1::PROFILE_HTTP_RB,
    .client = "http.rb 6.0.4",
    .statuses = Statuses({.choices = kHttpRbMoved,
                          .moved = kHttpRbMoved,
                          .found = kHttpRbMoved,
                          .see_other = kHttpRbSeeOther,
                          .kept = kHttpRbKept}),
    .limit = 5,
    .loop = Loop::kAnsweredTwice,
    .handed_back =
        StopBit(v1::STOP_REASON_FINAL_RESPONSE) | StopBit(v1::STOP_REASON_STATUS_NOT_FOLLOWED),
    .location = {.several = Several::kJoined,
                 .joint = "",
                 .empty_is_missing = false,
                 .refused = kControlsButTab,
                 .encoded = "\t",
                 .empty_authority = EmptyAuthority::kPath,
                 .no_authority = NoAuthority::kRefused,
                 .refused_in_host = kOctets,
                 .refuses_second_at = true,
                 .refused_outside_query = "\"<>\\^`{|}"},
    .fields = kHttpRbFields,
    .jar = Jar::kMerged,
};

// --- Symfony HttpClient ---

constexpr std::string_view kSymfonyContent[] = {"Content-Length", "Content-Type",
                                                "Transfer-Encoding"};
constexpr FieldRule kSymfonyFields[] = {
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kAuthorizationAndCookie},
    {kNewAuthority, v1::CHANGE_REASON_HOST, kHost},
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kSymfonyContent},
};
// To curl each request with content is a POST: 301 and 302 take the content of every method, and a
// stream of another one than POST fails there.
constexpr StatusRule kSymfonyMoved = {.followed = kEveryMethod,
                                      .to_get = kPost,
                                      .drop_body = kEveryMethod,
                                      .drop_content = kPost,
                                      .one_shot_stops = AllBut(kPost)};
constexpr StatusRule kSymfonySeeOther = {.followed = kEveryMethod,
                                         .to_get = AllBut(kGet | kHead),
                                         .drop_body = kEveryMethod,
                                         .drop_content = kEveryMethod};

constexpr Profile kSymfony = {
    .id = v1::PROFILE_SYMFONY_HTTP_CLIENT,
    .client = "Symfony HttpClient 7.4.22, CurlHttpClient",
    .statuses = Statuses({.choices = kKept,
                          .moved = kSymfonyMoved,
                          .found = kSymfonyMoved,
                          .see_other = kSymfonySeeOther,
                          .others = kKept}),
    .limit = 20,
    .handed_back =
        kResults | StopBit(v1::STOP_REASON_LIMIT) | StopBit(v1::STOP_REASON_INVALID_LOCATION) |
        StopBit(v1::STOP_REASON_SCHEME_NOT_ALLOWED) | StopBit(v1::STOP_REASON_BODY_NOT_REPLAYABLE),
    .location = {.skips_empty = true,
                 .refused = "\r\n\t\\",
                 .empty_authority = EmptyAuthority::kRefused,
                 .no_authority = NoAuthority::kRefused,
                 .refused_in_host = kOctets,
                 .refuses_second_at = true,
                 .plus_in_query = true},
    .userinfo = Userinfo::kAuthorizeIfAbsent,
    .request_userinfo = RequestUserinfo::kInherited,
    .from_first = true,
    .restores = true,
    .fields = kSymfonyFields,
    .jar = Jar::kMerged,
};

// --- WordPress Requests ---

constexpr StatusRule kRequestsSeeOther = {.followed = kEveryMethod, .to_get = AllBut(kGet)};

constexpr Profile kWordpressRequests = {
    .id = v1::PROFILE_WORDPRESS_REQUESTS,
    .client = "Requests 2.0.17 (PHP), curl transport",
    .statuses = {kKept, kKept, kKept, kRequestsSeeOther, kNotFollowed, kNotFollowed, kNotFollowed,
                 kKept, kKept, kKept},
    .limit = 10,
    .location = {.several = Several::kJoinedIfEqual,
                 .joint = ",",
                 .empty_is_missing = false,
                 .encoded = "\\\t",
                 .empty_authority = EmptyAuthority::kThreeAreTwo,
                 .no_authority = NoAuthority::kThreeSlashes,
                 .refused_in_host = "\\\t",
                 .colon = Colon::kRequest},
    .userinfo = Userinfo::kAuthorizeIfAbsent,
    .request_userinfo = RequestUserinfo::kInherited,
    .crossing = kNever,
    .jar = Jar::kMerged,
};

constexpr std::array kRows = {kLwp, kHttparty, kRestClient, kHttpRb, kSymfony, kWordpressRequests};

}  // namespace

std::span<const Profile> ScriptingProfiles() { return kRows; }

}  // namespace fingerpost::follow
