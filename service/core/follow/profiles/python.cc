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

// urllib3's characters, after quote(unquote_unreserved(url)).
constexpr PartSpelling kRequestsPart = {
    .encoded = " \"<>[\\]^`{|}", .decoded = kUnreserved, .upper_escapes = true};
constexpr Spelling kRequestsSpelling = {.path = kRequestsPart,
                                        .query = kRequestsPart,
                                        .bare_percent = BarePercent::kEncodesUrl,
                                        .dots = Dots::kStay,
                                        .first_without_dots = true};

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
                 .keeps_last_controls = true,
                 .kept_at_end = " ",
                 .refused = kLineBreaks,
                 .encoded = "\\",
                 .empty_authority = EmptyAuthority::kReadAgain,
                 .no_authority = NoAuthority::kRelative,
                 .tabs = Tabs::kRefusedBetweenSlashes,
                 .merged = Merged::kRelative,
                 .refused_in_host = kOctets,
                 .drops_last_dot = true,
                 .spelling = &kRequestsSpelling,
                 .written_in_host = kNumberInHost,
                 .zones = kNumberZone,
                 .bracket_tail = BracketTail::kDropped},
    .request_userinfo = RequestUserinfo::kAuthorization,
    .basic = {.latin1 = true, .needs_password = true},
    .fragment = Inherit::kIfMissingOrEmpty,
    .crossing = kAllowsUpgrade,
    .fields = kRequestsFields,
    .jar = Jar::kMerged,
    .engine = &kRequestsJar,
};

// --- urllib3 ---

constexpr std::string_view kUrllib3Content[] = {
    "Content-Encoding", "Content-Language", "Content-Location", "Content-Type",
    "Content-Length",   "Digest",           "Last-Modified"};
constexpr FieldRule kUrllib3Fields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kUrllib3Content},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kUsualCredentials},
};

// _encode_invalid_chars. It joins the next Location with this one before its dots are removed.
constexpr PartSpelling kUrllib3Part = {.encoded = " \"<>[\\]^`{|}", .upper_escapes = true};
constexpr Spelling kUrllib3Spelling = {.path = kUrllib3Part,
                                       .query = kUrllib3Part,
                                       .bare_percent = BarePercent::kEncodesPart,
                                       .dots = Dots::kEscapedStay};

constexpr Profile kUrllib3 = {
    .id = v1::PROFILE_URLLIB3,
    .client = "urllib3 2.8.0, PoolManager",
    .statuses = Statuses({.moved = kKept, .found = kKept, .see_other = ToGet(kEveryMethod)}),
    .limit = 3,
    .one_shot = OneShot::kLost,
    .location = {.several = Several::kJoined,
                 .octets = Octets::kLatin1,
                 .keeps_last_controls = true,
                 .kept_at_end = " ",
                 .refused = kLineBreaks,
                 .encoded = "\\",
                 .empty_authority = EmptyAuthority::kPath,
                 .no_authority = NoAuthority::kRelative,
                 .merged = Merged::kRelative,
                 .refused_in_host = kOctets,
                 .drops_last_dot = true,
                 .backslash_ends_authority = true,
                 .spelling = &kUrllib3Spelling,
                 .written_in_host = kNumberInHost,
                 .zones = kNumberZone},
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

constexpr Spelling kHttpxSpelling = {
    .path = {.encoded = " \"<>`{}"}, .query = {.encoded = " \"<>"}, .dots = Dots::kShort};

constexpr Profile kHttpx = {
    .id = v1::PROFILE_HTTPX,
    .client = "httpx 0.28.1",
    .statuses = Statuses({.found = ToGet(AllBut(kGet | kHead))}),
    .limit = 20,
    .location = {.several = Several::kJoined,
                 .empty_is_missing = false,
                 .octets = Octets::kLatin1UnlessUtf8,
                 .keeps_last_controls = true,
                 .web_sockets = WebSockets::kBoth,
                 .refused = kControls,
                 .encoded = "\\",
                 .empty_authority = EmptyAuthority::kPathOfThree,
                 .no_authority = NoAuthority::kRequestHost,
                 .merged = Merged::kRelative,
                 .refused_in_host = kPercent,
                 .spelling = &kHttpxSpelling,
                 .written_in_host = kNumberInHost,
                 .zones = kNumberZone,
                 .zone_in_host = true},
    .request_userinfo = RequestUserinfo::kAuthorization,
    .fragment = Inherit::kIfMissingOrEmpty,
    .crossing = kAllowsUpgrade,
    .fields = kHttpxFields,
    .jar = Jar::kMerged,
    .engine = &kHttpCookiejar,
};

// --- aiohttp ---

constexpr std::string_view kAiohttpContent[] = {"Content-Length"};
constexpr FieldRule kAiohttpFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kAiohttpContent},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kUsualCredentials},
};

// yarl decodes and encodes each part anew, but leaves the escapes that mean something else.
constexpr Spelling kAiohttpSpelling = {.path = {.encoded = " \"<>[\\]^`{|}",
                                                .decoded = kUnreserved | "!$&'()*,:;=@",
                                                .upper_escapes = true},
                                       .query = {.encoded = " \"<>[\\]^`{|}",
                                                 .decoded = kUnreserved | "!$'()*,/:?@",
                                                 .upper_escapes = true},
                                       .bare_percent = BarePercent::kEncoded,
                                       .joins_decoded = true};

constexpr Profile kAiohttp = {
    .id = v1::PROFILE_AIOHTTP,
    .client = "aiohttp 3.14.5",
    .statuses = Statuses({.see_other = {.followed = kEveryMethod,
                                        .to_get = AllBut(kGet | kHead),
                                        .drop_body = AllBut(kHead),
                                        .drop_content = AllBut(kHead)}}),
    .limit = 9,
    .location = {.several = Several::kFirst,
                 .octets = Octets::kDropInvalidUtf8,
                 .breaks_response = kNul,
                 .longest_field = 8190,
                 .keeps_last_controls = true,
                 .encoded = "\\",
                 .empty_authority = EmptyAuthority::kPath,
                 .no_authority = NoAuthority::kRelativeButThree,
                 .refused_in_authority = "\\",
                 .refused_in_host = kPercent,
                 .refuses_number_host = true,
                 .drops_last_dot = true,
                 .plus_in_query = true,
                 .fallback_field = "URI",
                 .spelling = &kAiohttpSpelling,
                 .refused_without_authority = "\\",
                 .zones = kNumberZone,
                 .zone_in_host = true},
    .userinfo = Userinfo::kAuthorizeOrStop,
    .request_userinfo = RequestUserinfo::kAuthorization,
    .basic = {.of_empty_pair = true, .latin1 = true},
    .crossing = kWrittenPort,
    .fields = kAiohttpFields,
    .jar = Jar::kMerged,
    .engine = &kAiohttpJar,
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

// quote() with every punctuation character safe.
constexpr Spelling kUrllibSpelling = {
    .path = {.encoded = " "}, .query = {.encoded = " "}, .dots = Dots::kStay};

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
                 .keeps_last_controls = true,
                 .kept_at_end = " ",
                 .refused = kLineBreaks,
                 .encoded = "\\",
                 .empty_authority = EmptyAuthority::kPath,
                 .no_authority = NoAuthority::kRelative,
                 .merged = Merged::kRelative,
                 .refuses_empty_userinfo = true,
                 .fallback_field = "URI",
                 .spelling = &kUrllibSpelling,
                 .written_in_host = kNumberInHost | kZerosInHost},
    .userinfo = Userinfo::kStop,
    .crossing = kNever,
    .fields = kUrllibFields,
    .engine = &kHttpCookiejar,
};

constexpr std::array kRows = {kRequests, kUrllib3, kHttpx, kAiohttp, kUrllib};

}  // namespace

std::span<const Profile> PythonProfiles() { return kRows; }

}  // namespace fingerpost::follow
