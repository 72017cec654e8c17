// curl, wget and wget2.
#include "core/follow/profiles/rows.h"

namespace fingerpost::follow {
namespace {

// --- curl: every 3xx with a Location ---

// libcurl's own framing; a Content-Type that the user set by hand is sent again.
constexpr std::string_view kCurlContent[] = {"Content-Length", "Transfer-Encoding", "Expect"};
constexpr std::string_view kCurlCredentials[] = {"Authorization", "Cookie", "Host"};
constexpr FieldRule kCurlFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kCurlContent},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kCurlCredentials},
};

constexpr StatusRules kCurlStatuses = Statuses({.choices = kKept, .others = kKept});

// -X replaces the method's name on every hop; the content follows the rules of POST. An upload (-T)
// is not a POST: 301 and 302 keep it.
constexpr StatusRule kBodyGone = {
    .followed = kEveryMethod, .drop_body = kEveryMethod, .drop_content = kEveryMethod};
constexpr StatusRule kPostedBodyGone = {.followed = kEveryMethod,
                                        .drop_body = kEveryMethod,
                                        .drop_content = kEveryMethod,
                                        .one_shot_stops = kEveryMethod};
constexpr StatusRules kCurlXStatuses = Statuses({.choices = kKept,
                                                 .moved = kPostedBodyGone,
                                                 .found = kPostedBodyGone,
                                                 .see_other = kBodyGone,
                                                 .others = kKept});

// --follow obeys the code. For curl, a request with content (-d) is a POST, whatever its method,
// and one without is a GET.
constexpr StatusRule kPostedToGet = {.followed = kEveryMethod,
                                     .to_get = kEveryMethod,
                                     .drop_body = kEveryMethod,
                                     .drop_content = kEveryMethod,
                                     .one_shot_stops = kEveryMethod,
                                     .only_with_content = true};
constexpr StatusRules kCurlFollowStatuses =
    Statuses({.choices = kKept,
              .moved = kPostedToGet,
              .found = kPostedToGet,
              .see_other = ToGetWithoutBody(AllBut(kGet | kHead)),
              .others = kKept});

constexpr Profile Curl(v1::Profile id, std::string_view client, const StatusRules& statuses) {
  return {
      .id = id,
      .client = client,
      .statuses = statuses,
      .limit = 50,
      .location = {.skips_empty = true,
                   .breaks_response = kNul,
                   .conflict_breaks_response = true,
                   .keeps_first_controls = true,
                   .keeps_last_controls = true,
                   .encoded = "\\\t",
                   .empty_authority = EmptyAuthority::kThreeAreTwo,
                   .no_authority = NoAuthority::kUpToThreeSlashes,
                   .refused_in_authority = kSpaceAndControls,
                   .refused_in_host = kOctets,
                   .refuses_second_at = true,
                   .plus_in_query = true,
                   .spelling = &kCurlSpelling,
                   .zones = kBareZone | kZone | kEscapedZone | kZoneIsNoName},
      .userinfo = Userinfo::kAuthorizeUnlessGiven,
      .request_userinfo = RequestUserinfo::kInherited,
      .from_first = true,
      .restores = true,
      .fields = kCurlFields,
      .engine = &kCurlJar,
  };
}

// --- wget 1 ---

// The Content-Type of --header is sent again.
constexpr std::string_view kWgetContent[] = {"Content-Length"};
constexpr FieldRule kWgetFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kWgetContent}};

// It decodes what is not reserved, and encodes what is unsafe.
constexpr PartSpelling kWgetPart = {.encoded = " \"<>\\^`{|}",
                                    .decoded = kUnreserved | "!'()*",
                                    .upper_escapes = true,
                                    .kept = "#$&+,/:;=?@[]"};
constexpr Spelling kWgetSpelling = {
    .path = kWgetPart, .query = kWgetPart, .bare_percent = BarePercent::kEncoded};

constexpr Profile kWget = {
    .id = v1::PROFILE_WGET,
    .client = "GNU wget 1.25.0",
    .statuses = Statuses({.choices = ToGet(AllBut(kGet | kHead)),
                          .see_other = ToGetWithoutBody(AllBut(kGet | kHead))}),
    .limit = 20,
    .handed_back =
        StopBit(v1::STOP_REASON_FINAL_RESPONSE) | StopBit(v1::STOP_REASON_STATUS_NOT_FOLLOWED),
    .location = {.several = Several::kFirst,
                 .empty_is_missing = false,
                 .keeps_first_controls = true,
                 .keeps_last_controls = true,
                 .trimmed = "\v\f",
                 .ends_at_nul = true,
                 .encoded = "\\\t",
                 .empty_authority = EmptyAuthority::kRefused,
                 .no_authority = NoAuthority::kRefused,
                 .refused_in_host = kOctets,
                 .refuses_empty_userinfo = true,
                 .refuses_second_at = true,
                 .spelling = &kWgetSpelling,
                 .written_in_host = kNumberInHost},
    .crossing = kNever,
    .fields = kWgetFields,
    .jar = Jar::kMerged,
    .engine = &kWgetJar,
};

// --- Wget2 ---

// libwget's cookies: they are RFC 6265's, nearly.
constexpr JarRule kWget2Jar = {
    .without_equals = WithoutEquals::kRefused,
    .named = true,
    .ends_at_tab = true,
    .ages = kPlusAge | kDecimalAge | kPastIsNone,
    .unread_dates = kTheEpoch,
    .domain_dots = DomainDots::kAllFirst,
    .own_domain_is_none = true,
    .suffix_has_none = true,
    .path_is_prefix = true,
    .path_of_directory = true,
    .secure_over_http = true,
    .secure_stays = false,
    .no_host_prefix = true,
    .prefixes_need_https = true,
    .host_only_is_another = false,
    .keeps_expired = true,
    .hand_set = HandSet::kBeside,
};

// libwget decodes a path, and encodes it anew; a query stays.
constexpr Spelling kWget2Spelling = {
    .path = {.encoded = " \"#<>?[\\]^`{|}",
             .decoded = kUnreserved | "!$&'()*+,;=/:@",
             .upper_escapes = true},
    .query = {.encoded = {}, .raw_octets = true, .raw_controls = true},
    .bare_percent = BarePercent::kEncodedInPath,
    .decodes_first = true};

// Only POST becomes GET, and the content is sent with every request, even that GET.
constexpr StatusRule kWget2ToGet = {.followed = kEveryMethod, .to_get = kPost};

constexpr Profile kWget2 = {
    .id = v1::PROFILE_WGET2,
    .client = "GNU Wget2 2.2.0",
    .statuses = {kKept, kWget2ToGet, kWget2ToGet, kWget2ToGet, kKept, kKept, kKept, kKept, kKept,
                 kKept},
    .limit = 20,
    .loop = Loop::kSameUrl,
    .handed_back = kResults | StopBit(v1::STOP_REASON_LIMIT) | StopBit(v1::STOP_REASON_LOOP),
    .location = {.several = Several::kFirst,
                 .empty_is_missing = false,
                 .keeps_first_controls = true,
                 .keeps_last_controls = true,
                 .encoded = "\\\t",
                 .no_authority = NoAuthority::kAnySlashes,
                 .merged = Merged::kEvery,
                 .refused_in_host = " ",
                 .refuses_second_at = true,
                 .pathless = "./",
                 .plus_in_query = true,
                 .spelling = &kWget2Spelling,
                 .colon = Colon::kHost,
                 .fragment_is_pathless = true,
                 .escaped_at_counts = true,
                 .bad_port = BadPort::kNone,
                 .unwraps_brackets = true,
                 .empty_network = EmptyNetwork::kRefused,
                 .refuses_escaped_at = true,
                 .written_in_host = kNumberInHost},
    .crossing = kNever,
    .jar = Jar::kMerged,
    .engine = &kWget2Jar,
};

constexpr std::array kRows = {
    Curl(v1::PROFILE_CURL, "curl 8.23.0 -L", kCurlStatuses),
    Curl(v1::PROFILE_CURL_X, "curl 8.23.0 -L -X", kCurlXStatuses),
    Curl(v1::PROFILE_CURL_FOLLOW, "curl 8.23.0 --follow -X", kCurlFollowStatuses),
    kWget,
    kWget2,
};

}  // namespace

std::span<const Profile> ShellProfiles() { return kRows; }

}  // namespace fingerpost::follow
