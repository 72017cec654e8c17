// Python: requests, urllib3, httpx, aiohttp, urllib.request.
#include "core/follow/profiles/rows.h"

namespace fingerpost::follow {
namespace {

// --- requests ---

constexpr std::string_view kRequestsContent[] = {"Content-Length", "Content-Type",
                                                 "Transfer-Encoding"};
constexpr std::string_view kRequestsRebuilt[] = {"Cookie"};
constexpr std::string_view kRequestsProxy[] = {"Proxy-Authorization"};
constexpr FieldRule kRequestsFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kRequestsContent},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kAuthorization},
    {kEveryHop, v1::CHANGE_REASON_COOKIE_JAR, kRequestsRebuilt},
    {kEveryHop, v1::CHANGE_REASON_PROXY, kRequestsProxy},
};

constexpr Profile kRequests = {
    .id = v1::PROFILE_REQUESTS,
    .client = "requests 2.34.2",
    .statuses = Statuses({.moved = ToGetWithoutBody(kPost),
                          .found = ToGetWithoutBody(AllBut(kGet | kHead)),
                          .see_other = ToGetWithoutBody(AllBut(kGet | kHead))}),
    .limit = 30,
    .one_shot = OneShot::kLost,
    .location = {.several = Several::kJoined,
                 .octets = Octets::kRefuseInvalidUtf8,
                 .encoded = "\\",
                 .empty_authority = EmptyAuthority::kReadAgain,
                 .no_authority = NoAuthority::kRelative,
                 .tabs = Tabs::kRefusedBetweenSlashes,
                 .merged = Merged::kRelative,
                 .refused_in_host = kOctets,
                 .drops_last_dot = true},
    .request_userinfo = RequestUserinfo::kAuthorization,
    .fragment = Inherit::kIfMissingOrEmpty,
    .crossing = kAllowsUpgrade,
    .fields = kRequestsFields,
    .jar = Jar::kMerged,
};

// --- urllib3 ---

constexpr std::string_view kUrllib3Content[] = {
    "Content-Encoding", "Content-Language", "Content-Location", "Content-Type",
    "Content-Length",   "Digest",           "Last-Modified"};
constexpr FieldRule kUrllib3Fields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kUrllib3Content},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kUsualCredentials},
};

constexpr Profile kUrllib3 = {
    .id = v1::PROFILE_URLLIB3,
    .client = "urllib3 2.8.0, PoolManager",
    .statuses = Statuses({.moved = kKept, .found = kKept, .see_other = ToGet(kEveryMethod)}),
    .limit = 3,
    .one_shot = OneShot::kLost,
    .location = {.several = Several::kJoined,
                 .octets = Octets::kLatin1,
                 .encoded = "\\",
                 .empty_authority = EmptyAuthority::kPath,
                 .no_authority = NoAuthority::kRelative,
                 .merged = Merged::kRelative,
                 .refused_in_host = kOctets,
                 .drops_last_dot = true,
                 .backslash_ends_authority = true},
    .fields = kUrllib3Fields,
};

// --- httpx ---

constexpr std::string_view kHttpxContent[] = {"Content-Length", "Transfer-Encoding"};
constexpr FieldRule kHttpxFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kHttpxContent},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kAuthorization},
    {kEveryHop, v1::CHANGE_REASON_COOKIE_JAR, kCookie},
    {kOriginChanges, v1::CHANGE_REASON_HOST, kHost},
};

constexpr Profile kHttpx = {
    .id = v1::PROFILE_HTTPX,
    .client = "httpx 0.28.1",
    .statuses = Statuses({.found = ToGet(AllBut(kGet | kHead))}),
    .limit = 20,
    .location = {.several = Several::kJoined,
                 .empty_is_missing = false,
                 .octets = Octets::kLatin1UnlessUtf8,
                 .refused = kControls,
                 .encoded = "\\",
                 .empty_authority = EmptyAuthority::kPathOfThree,
                 .no_authority = NoAuthority::kRequestHost,
                 .merged = Merged::kRelative,
                 .refused_in_host = kPercent},
    .request_userinfo = RequestUserinfo::kAuthorization,
    .fragment = Inherit::kIfMissingOrEmpty,
    .crossing = kAllowsUpgrade,
    .fields = kHttpxFields,
    .jar = Jar::kMerged,
};

// --- aiohttp ---

constexpr std::string_view kAiohttpContent[] = {"Content-Length"};
constexpr FieldRule kAiohttpFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kAiohttpContent},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kUsualCredentials},
};

constexpr Profile kAiohttp = {
    .id = v1::PROFILE_AIOHTTP,
    .client = "aiohttp 3.14.5",
    .statuses = Statuses({}),
    .limit = 9,
    .location = {.several = Several::kFirst,
                 .octets = Octets::kDropInvalidUtf8,
                 .encoded = "\\",
                 .empty_authority = EmptyAuthority::kPath,
                 .no_authority = NoAuthority::kRelativeButThree,
                 .refused_in_authority = "\\",
                 .refused_in_host = kPercent,
                 .drops_last_dot = true,
                 .plus_in_query = true,
                 .fallback_field = "URI"},
    .userinfo = Userinfo::kAuthorizeOrStop,
    .request_userinfo = RequestUserinfo::kAuthorization,
    .fields = kAiohttpFields,
    .jar = Jar::kMerged,
};

// --- urllib.request ---

constexpr std::string_view kUrllibContent[] = {"Content-Length", "Content-Type"};
constexpr FieldRule kUrllibFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kUrllibContent}};
// Other methods are an HTTPError.
constexpr StatusRule kUrllibPost = {.followed = kGet | kHead | kPost,
                                    .to_get = kPost,
                                    .drop_body = kEveryMethod,
                                    .drop_content = kEveryMethod};
constexpr StatusRule kUrllibKept = {
    .followed = kGet | kHead, .drop_body = kEveryMethod, .drop_content = kEveryMethod};

constexpr Profile kUrllib = {
    .id = v1::PROFILE_URLLIB,
    .client = "CPython 3.14.10, urllib.request",
    .statuses = Statuses({.moved = kUrllibPost,
                          .found = kUrllibPost,
                          .see_other = kUrllibPost,
                          .kept = kUrllibKept}),
    .limit = 10,
    .visits_per_url = 4,
    .first_is_no_visit = true,
    .handed_back = StopBit(v1::STOP_REASON_FINAL_RESPONSE),
    .location = {.several = Several::kFirst,
                 .empty_is_missing = false,
                 .encoded = "\\",
                 .empty_authority = EmptyAuthority::kPath,
                 .no_authority = NoAuthority::kRelative,
                 .merged = Merged::kRelative,
                 .refuses_empty_userinfo = true,
                 .fallback_field = "URI"},
    .userinfo = Userinfo::kStop,
    .crossing = kNever,
    .fields = kUrllibFields,
};

constexpr std::array kRows = {kRequests, kUrllib3, kHttpx, kAiohttp, kUrllib};

}  // namespace

std::span<const Profile> PythonProfiles() { return kRows; }

}  // namespace fingerpost::follow
