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

// URI.pm escapes what is not of RFC 2396, and joins only a relative path.
constexpr PartSpelling kLwpPart = {.encoded = " \"<>[\\]^`{|}"};
constexpr Spelling kLwpSpelling = {
    .path = kLwpPart, .query = kLwpPart, .dots = Dots::kStayUnlessJoined};

constexpr Profile kLwp = {
    .id = v1::PROFILE_LWP,
    .client = "libwww-perl 6.83",
    .statuses = Statuses({.moved = kOnlyGetAndHead,
                          .found = kOnlyGetAndHead,
                          .see_other = kOnlyGetAndHead,
                          .kept = kOnlyGetAndHead}),
    .limit = 7,
    .one_shot = OneShot::kLost,
    .handed_back = kResults | StopBit(v1::STOP_REASON_LIMIT) | StopBit(v1::STOP_REASON_DOWNGRADE) |
                   StopBit(v1::STOP_REASON_METHOD_NOT_FOLLOWED),
    .handed_back_scheme = "file",
    .location = {.several = Several::kJoined,
                 .missing_is_empty = true,
                 .empty_is_missing = false,
                 .longest_field = 8189,
                 .keeps_first_controls = true,
                 .keeps_last_controls = true,
                 .trimmed = "\v\f",
                 .trims_joined = true,
                 .refused = kLineBreaks,
                 .encoded = "\\\t",
                 .empty_authority = EmptyAuthority::kRefused,
                 .no_authority = NoAuthority::kRelativeButThree,
                 .spelling = &kLwpSpelling,
                 .colon = Colon::kRoot,
                 .first_at_ends_userinfo = true,
                 .unwraps_brackets = true,
                 .empty_network = EmptyNetwork::kRefused,
                 .written_in_host = kNumberInHost | kZerosInHost | kEscapesInHost},
    .downgrade = false,
    .userinfo = Userinfo::kAuthorizeIfAbsent,
    .request_userinfo = RequestUserinfo::kInherited,
    .basic = {.of_empty_pair = true},
    .method_before_invalid = true,
    .fields = kLwpFields,
};

// --- Ruby: URI's parser is strict, but not about the query ---

constexpr std::string_view kNoUri{
    "\0\x01\x02\x03\x04\x05\x06\x07\x08\t\n\v\f\r\x0E\x0F\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19"
    "\x1A\x1B\x1C\x1D\x1E\x1F\x7F \"<>\\^`{|}",
    43};

constexpr std::string_view kNoFragment = "#[]";
constexpr PartSpelling kUriQuery = {.encoded = " \"'<>`"};

// --- Ruby HTTParty ---

// Everything but 307 and 308 becomes GET; HEAD only with 303. No GET keeps its content.
constexpr StatusRule HttpartyToGet(int kept) {
  return {.followed = kEveryMethod, .to_get = AllBut(kGet | kept), .drop_body = AllBut(kept)};
}
constexpr StatusRule kHttpartyToGet = HttpartyToGet(kHead);
constexpr StatusRule kHttpartySeeOther = HttpartyToGet(kNoMethod);
constexpr StatusRule kHttpartyKept = {.followed = kEveryMethod, .drop_body = kGet};

// It joins texts.
constexpr Spelling kHttpartySpelling = {
    .path = {.encoded = " "}, .query = kUriQuery, .dots = Dots::kNeverRemoved};

constexpr Profile kHttparty = {
    .id = v1::PROFILE_HTTPARTY,
    .client = "HTTParty 0.24.3",
    .statuses = {kHttpartyToGet, kHttpartyToGet, kHttpartyToGet, kHttpartySeeOther, kNotFollowed,
                 kHttpartyToGet, kHttpartyToGet, kHttpartyKept, kHttpartyKept, kHttpartyToGet},
    .limit = 4,
    .one_shot = OneShot::kLost,
    .location = {.several = Several::kConflict,
                 .empty_is_missing = false,
                 .octets = Octets::kRefuse,
                 .keeps_last_controls = true,
                 .trimmed = "\v\f",
                 .refuses_colon_in_first = true,
                 .refused = kLineBreaks,
                 .empty_authority = EmptyAuthority::kPath,
                 .no_authority = NoAuthority::kRefused,
                 .refused_in_host = kPercent,
                 .refused_in_path = "[]",
                 .refuses_second_at = true,
                 .pathless = "/",
                 .bare_percent_refused = BarePercentRefused::kUnlessHalfInQuery,
                 .spelling = &kHttpartySpelling,
                 .refused_outside_query = kNoUri,
                 .fragment_is_pathless = true,
                 .trims_last_nul = true,
                 .refused_in_fragment = kNoFragment,
                 .empty_network = EmptyNetwork::kNone,
                 .no_host = NoHost::kLoopback,
                 .written_in_host = kNumberInHost},
    .crossing = kNever,
    .jar = Jar::kMerged,
    .engine = &kHttpartyJar,
};

// --- Ruby rest-client ---

constexpr StatusRule kRestClientSeeOther = ToGetWithoutBody(AllBut(kGet));

// An absolute URL is parsed; another reference is merged by Ruby's URI.
constexpr Spelling kRestClientSpelling = {.path = {.encoded = " "},
                                          .query = kUriQuery,
                                          .dots = Dots::kStay,
                                          .base_keeps_single_dots = true,
                                          .joins_without_root = true};

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
                 .keeps_last_controls = true,
                 .trimmed = "\v\f",
                 .refuses_colon_in_first = true,
                 .refused = kLineBreaks,
                 .empty_authority = EmptyAuthority::kPath,
                 .no_authority = NoAuthority::kRefused,
                 .refused_in_host = kPercent,
                 .refused_in_path = "[]",
                 .refuses_second_at = true,
                 .bare_percent_refused = BarePercentRefused::kUnlessHalfInQuery,
                 .spelling = &kRestClientSpelling,
                 .colon = Colon::kOpaqueHost,
                 .refused_outside_query = kNoUri,
                 .trims_last_nul = true,
                 .refused_in_fragment = kNoFragment,
                 .empty_network = EmptyNetwork::kNone,
                 .refused_at_ends = " ",
                 .written_in_host = kNumberInHost},
    .request_userinfo = RequestUserinfo::kAuthorization,
    .crossing = kNever,
    .method_first = true,
    .jar = Jar::kMerged,
    .engine = &kHttpCookieGem,
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

constexpr Spelling kHttpRbSpelling = {
    .path = {.encoded = " "}, .query = kUriQuery, .dots = Dots::kEscapedStay};

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
                 .breaks_response = kControlsButTab,
                 .keeps_last_controls = true,
                 .kept_at_end = " \t",
                 .refuses_colon_in_first = true,
                 .web_sockets = WebSockets::kPlain,
                 .refused = kControlsButTab,
                 .encoded = "\t",
                 .empty_authority = EmptyAuthority::kPath,
                 .no_authority = NoAuthority::kRefused,
                 .refused_in_host = kOctets,
                 .refused_in_path = "[]",
                 .refuses_second_at = true,
                 .drops_last_dot = true,
                 .bare_percent_refused = BarePercentRefused::kUnlessHalfInQuery,
                 .spelling = &kHttpRbSpelling,
                 .refused_outside_query = "\"<>\\^`{|}",
                 .refused_in_fragment = kNoFragment,
                 .empty_network = EmptyNetwork::kNone,
                 .no_host = NoHost::kLoopback,
                 .written_in_host = kNumberInHost},
    .fields = kHttpRbFields,
    .jar = Jar::kMerged,
    .engine = &kHttpRbJar,
};

// --- Symfony HttpClient ---

constexpr std::string_view kSymfonyContent[] = {"Content-Length", "Content-Type",
                                                "Transfer-Encoding"};
constexpr FieldRule kSymfonyFields[] = {
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kAuthorizationAndCookie},
    // It never comes back.
    {kNewAuthority, v1::CHANGE_REASON_CLIENT_HABIT, kHost},
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kSymfonyContent},
};
// Curl sends no content with a second HEAD.
constexpr StatusRule kSymfonyKept = {
    .followed = kEveryMethod, .drop_body = kHead, .one_shot_stops = kHead};
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

// Symfony decides whether curl follows, and curl reads Location again.
constexpr std::string_view kSymfonyBad{
    "\0\x01\x02\x03\x04\x05\x06\x07\x08\t\n\v\f\r\x0E\x0F\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19"
    "\x1A\x1B\x1C\x1D\x1E\x1F\x7F\\",
    34};

// What trim() of PHP leaves.
constexpr std::string_view kSymfonyBadEnds =
    "\x01\x02\x03\x04\x05\x06\x07\x08\f\x0E\x0F\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1A\x1B\x1C"
    "\x1D"
    "\x1E\x1F";
// It writes the first URL itself.
constexpr PartSpelling kSymfonyFirst = {.encoded = " \"<>?\\^`|", .decoded = kUnreserved};
constexpr Spelling kSymfonySpelling = {
    .path = kCurlSpelling.path, .query = kCurlSpelling.query, .first = &kSymfonyFirst};

constexpr Profile kSymfony = {
    .id = v1::PROFILE_SYMFONY_HTTP_CLIENT,
    .client = "Symfony HttpClient 7.4.22, CurlHttpClient",
    .statuses = Statuses({.choices = kSymfonyKept,
                          .moved = kSymfonyMoved,
                          .found = kSymfonyMoved,
                          .see_other = kSymfonySeeOther,
                          .kept = kSymfonyKept,
                          .others = kSymfonyKept}),
    .limit = 20,
    .handed_back =
        kResults | StopBit(v1::STOP_REASON_LIMIT) | StopBit(v1::STOP_REASON_INVALID_LOCATION) |
        StopBit(v1::STOP_REASON_SCHEME_NOT_ALLOWED) | StopBit(v1::STOP_REASON_BODY_NOT_REPLAYABLE),
    .location = {.skips_empty = true,
                 .breaks_response = kNul,
                 .conflict_breaks_response = true,
                 .keeps_first_controls = true,
                 .keeps_last_controls = true,
                 .refused = "\r\n\t",
                 .encoded = "\\",
                 .empty_authority = EmptyAuthority::kRefused,
                 .no_authority = NoAuthority::kRefused,
                 .refused_in_authority = kSymfonyBad,
                 .refused_in_host = kOctets,
                 .refused_in_path = "\\",
                 .refuses_second_at = true,
                 .plus_in_query = true,
                 .spelling = &kSymfonySpelling,
                 .fails_on_space_in_userinfo = true,
                 .refused_at_ends = kSymfonyBadEnds,
                 .zones = kBareZone | kZone | kEscapedZone},
    .userinfo = Userinfo::kAuthorizeIfAbsent,
    .request_userinfo = RequestUserinfo::kInherited,
    .crossing = kWrittenUserinfo,
    .from_first = true,
    .restores = true,
    .fields = kSymfonyFields,
    .jar = Jar::kMerged,
    .engine = &kCurlJar,
};

// --- WordPress Requests ---

// Curl sends no content with a second HEAD.
constexpr StatusRule kRequestsKept = {.followed = kEveryMethod, .drop_body = kHead};
constexpr StatusRule kRequestsSeeOther = {.followed = kEveryMethod, .to_get = AllBut(kGet)};

// WpOrg\Requests\Cookie\Jar: a dictionary by name.
constexpr JarRule kWordpressJar = {
    .keeps_equals = true,
    .reads_secure = false,
    .reads_path = false,
    .more_dates = kIsoDate,
    .public_suffixes = false,
    .empty_domain = EmptyDomain::kBareRefused,
    .domain_case_matters = true,
    .secure_stays = false,
    .prefixes = false,
    .order = CookieOrder::kStored,
    .host_only_is_another = false,
    .one_of_each_name = true,
    .keeps_expired = true,
    .hand_set = HandSet::kDropped,
};

// WpOrg\Requests\Iri.
constexpr PartSpelling kWordpressPart = {
    .encoded = " \"<>[\\]^`{|}",
    .decoded = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.~",
    .upper_escapes = true};
constexpr Spelling kWordpressSpelling = {
    .path = kWordpressPart, .query = kWordpressPart, .bare_percent = BarePercent::kEncoded};

constexpr Profile kWordpressRequests = {
    .id = v1::PROFILE_WORDPRESS_REQUESTS,
    .client = "Requests 2.0.17 (PHP), curl transport",
    .statuses = {kRequestsKept, kRequestsKept, kRequestsKept, kRequestsSeeOther, kNotFollowed,
                 kNotFollowed, kNotFollowed, kRequestsKept, kRequestsKept, kRequestsKept},
    .limit = 10,
    .location = {.several = Several::kJoinedIfEqual,
                 .joint = ",",
                 .empty_is_missing = false,
                 .conflict_breaks_response = true,
                 .keeps_first_controls = true,
                 .keeps_last_controls = true,
                 .trimmed = "\v\f",
                 .encoded = "\\\t",
                 .empty_authority = EmptyAuthority::kThreeAreTwo,
                 .no_authority = NoAuthority::kThreeSlashes,
                 .refused_in_host = "\\\t",
                 .spelling = &kWordpressSpelling,
                 .colon = Colon::kRequest,
                 .bad_port = BadPort::kEndsUrl},
    .userinfo = Userinfo::kAuthorizeIfAbsent,
    .request_userinfo = RequestUserinfo::kInherited,
    .crossing = kNever,
    .jar = Jar::kMerged,
    .engine = &kWordpressJar,
};

constexpr std::array kRows = {kLwp, kHttparty, kRestClient, kHttpRb, kSymfony, kWordpressRequests};

}  // namespace

std::span<const Profile> ScriptingProfiles() { return kRows; }

}  // namespace fingerpost::follow
