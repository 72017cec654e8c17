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

// (*URL).EscapedPath and RawQuery.
constexpr Spelling kGoSpelling = {
    .path = {.encoded = " \"<>\\^`{|}", .anew = " !\"#%'()*<>?[\\]^`{|}"},
    .query = {.encoded = {}, .raw_octets = true},
    .dots = Dots::kEscapedStay};

constexpr Profile kGo = {
    .id = v1::PROFILE_GO,
    .client = "Go 1.27.3, net/http",
    .statuses = Statuses({.moved = kGoToGet, .found = kGoToGet, .see_other = kGoToGet}),
    .limit = 9,
    .one_shot = OneShot::kStopsEver,
    .handed_back = kResults | StopBit(v1::STOP_REASON_BODY_NOT_REPLAYABLE),
    .location = {.several = Several::kFirst,
                 .breaks_response = kControlsButTab,
                 .refuses_colon_in_first = true,
                 .refused = kControls,
                 .encoded = "\\|",
                 .empty_authority = EmptyAuthority::kPathAsWritten,
                 .no_authority = NoAuthority::kRefused,
                 .refused_in_authority = "\\ \"<>^`{|}",
                 .refused_in_host = kPercent,
                 .refuses_number_host = true,
                 .bare_percent_refused = BarePercentRefused::kOutsideQuery,
                 .spelling = &kGoSpelling,
                 .no_host = NoHost::kLoopbackIfPort,
                 .written_in_host = kZerosInHost,
                 .zones = kZone | kEscapedZone},
    .userinfo = Userinfo::kAuthorizeIfAbsent,
    .request_userinfo = RequestUserinfo::kInherited,
    .basic = {.of_empty = true, .of_empty_pair = true},
    .crossing = kIgnoresPort | kIgnoresScheme | kAllowsSubdomain,
    .from_first = true,
    .fields = kGoFields,
    .referer = {.previous_url = true,
                .caller_wins = true,
                .keeps_fragment = true,
                .not_on_downgrade = true,
                .authority = RefererAuthority::kAsWritten},
    .engine = &kGoJar,
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

// The URL Standard before it encoded "^" in a path.
constexpr Spelling kReqwestSpelling = {.path = {.encoded = " \"<>`{}"}};

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
                 .breaks_response = kControlsButTab,
                 .path_needs_authority = true,
                 .refused = kControlsButTab,
                 .empty_authority = EmptyAuthority::kRefused,
                 .spelling = &kReqwestSpelling},
    .request_userinfo = RequestUserinfo::kAuthorization,
    // It compares with the previous URL but starts from the first request's fields, so fields
    // dropped on the way to another origin return one hop later.
    .restores = true,
    .fields = kReqwestFields,
    .referer = {.previous_url = true, .not_on_downgrade = true},
    .engine = &kReqwestJar,
};

// --- Ruby faraday-follow_redirects ---

constexpr FieldRule kFaradayFields[] = {
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kAuthorization},
};
constexpr Methods kFaradayMethods = kHead | kOptions | kGet | kPost | kPut | kPatch | kDelete;
constexpr StatusRule kFaradayToGet = {.followed = kFaradayMethods,
                                      .to_get = AllBut(kGet | kHead | kOptions),
                                      .drop_body = AllBut(kHead | kOptions)};

constexpr Spelling kFaradaySpelling = {.path = {.encoded = " \"<>\\^`{|}"},
                                       .query = {.encoded = " \"'<>\\^`{|}"},
                                       .dots = Dots::kStay,
                                       .base_keeps_single_dots = true};

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
                 .keeps_first_controls = true,
                 .keeps_last_controls = true,
                 .trimmed = "\v\f",
                 .refuses_colon_in_first = true,
                 .web_sockets = WebSockets::kPlain,
                 .refused = kLineBreaks,
                 .encoded = "\\\t",
                 .empty_authority = EmptyAuthority::kPath,
                 .no_authority = NoAuthority::kRefused,
                 .refused_in_host = kOctetsAndPercent,
                 .refused_in_path = "[]",
                 .refuses_second_at = true,
                 .bare_percent_refused = BarePercentRefused::kUnlessHalfInQuery,
                 .spelling = &kFaradaySpelling,
                 .trims_last_nul = true,
                 .empty_network = EmptyNetwork::kNone,
                 .no_host = NoHost::kLoopback,
                 .written_in_host = kNumberInHost},
    .crossing = kSlashIsSame | kRelativeCrosses | kWrittenCase,
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

// Its normalizer writes the digits of escapes in capitals, in the path only.
constexpr Spelling kGuzzleSpelling = {.path = {.encoded = " \"<>[\\]^`{|}", .upper_escapes = true},
                                      .query = {.encoded = " \"<>[\\]^`{|}"},
                                      .bare_percent = BarePercent::kEncoded};

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
                 .breaks_response = kControlsButTab,
                 .conflict_breaks_response = true,
                 .keeps_last_controls = true,
                 .trimmed = "\v",
                 .refused = kControlsButTab,
                 .encoded = "\\\t",
                 .empty_authority = EmptyAuthority::kRefused,
                 .no_authority = NoAuthority::kRefused,
                 .refused_in_host = kOctetsAndPercent,
                 .spelling = &kGuzzleSpelling,
                 .written_in_host = kNumberInHost},
    .userinfo = Userinfo::kAuthorizeIfAbsent,
    .request_userinfo = RequestUserinfo::kInherited,
    .fields = kGuzzleFields,
    .engine = &kGuzzleJar,
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

// System.Uri.
constexpr PartSpelling kDotnetPart = {
    .encoded = " \"<>\\^`{|}", .decoded = kUnreserved, .upper_utf8 = true};
constexpr Spelling kDotnetSpelling = {
    .path = kDotnetPart, .query = kDotnetPart, .bare_percent = BarePercent::kEncoded};

constexpr Profile kDotnet = {
    .id = v1::PROFILE_DOTNET,
    .client = ".NET 9.0.7, SocketsHttpHandler",
    .statuses = Statuses({.choices = ToGet(kPost)}),
    .limit = 50,
    .handed_back = kResults | StopBit(v1::STOP_REASON_LIMIT) | StopBit(v1::STOP_REASON_DOWNGRADE) |
                   StopBit(v1::STOP_REASON_INVALID_LOCATION),
    .location = {.several = Several::kFirst,
                 .octets = Octets::kLatin1UnlessUtf8,
                 .keeps_first_controls = true,
                 .keeps_last_controls = true,
                 .web_sockets = WebSockets::kBoth,
                 .backslashes_are_file = true,
                 .invalid_relative_fails = true,
                 .refused = kLineBreaks,
                 .encoded = "\t",
                 .empty_authority = EmptyAuthority::kRefused,
                 .no_authority = NoAuthority::kStandardButThree,
                 .refused_in_authority = "\\",
                 .refused_in_host = kPercent,
                 .refuses_second_at = true,
                 .spelling = &kDotnetSpelling,
                 .zones = kBareZone | kNumberZone | kZone | kEscapedZone,
                 .bracket_tail = BracketTail::kBeginsPath},
    .downgrade = false,
    .fragment = Inherit::kIfMissing,
    .fields = kDotnetFields,
    .jar = Jar::kMerged,
    .engine = &kDotnetJar,
};

constexpr std::array kRows = {kGo, kReqwest, kFaraday, kGuzzle, kDotnet};

}  // namespace

std::span<const Profile> OtherProfiles() { return kRows; }

}  // namespace fingerpost::follow
