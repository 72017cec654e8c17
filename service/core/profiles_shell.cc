// curl and wget.
#include "core/profiles_rows.h"

namespace fingerpost {
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

// -X replaces the method's name on every hop; what it is sent with follows the rules of POST.
constexpr StatusRule kBodyGone = {
    .followed = kEveryMethod, .drop_body = kEveryMethod, .drop_content = kEveryMethod};
constexpr StatusRules kCurlXStatuses = Statuses({.choices = kKept,
                                                 .moved = kBodyGone,
                                                 .found = kBodyGone,
                                                 .see_other = kBodyGone,
                                                 .others = kKept});

// --follow obeys the code: 303 makes a GET of everything.
constexpr StatusRules kCurlFollowStatuses = Statuses({.choices = kKept, .others = kKept});

constexpr Profile Curl(v1::Profile id, std::string_view client, const StatusRules& statuses) {
  return {
      .id = id,
      .client = client,
      .statuses = statuses,
      .limit = 50,
      .location = {.refused = kControls, .encoded = "\\"},
      .userinfo = Userinfo::kAuthorizeIfAbsent,
      .from_first = true,
      .restores = true,
      .fields = kCurlFields,
  };
}

// --- wget 1 ---

constexpr std::string_view kWgetContent[] = {"Content-Length", "Content-Type"};
constexpr FieldRule kWgetFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kWgetContent}};

constexpr Profile kWget = {
    .id = v1::PROFILE_WGET,
    .client = "GNU wget 1",
    .statuses = Statuses({.choices = ToGet(AllBut(kGet)), .see_other = ToGet(AllBut(kGet))}),
    .limit = 20,
    .handed_back =
        StopBit(v1::STOP_REASON_FINAL_RESPONSE) | StopBit(v1::STOP_REASON_STATUS_NOT_FOLLOWED),
    .location = {.several = Several::kFirst, .empty_is_missing = false},
    .crossing = kNever,
    .fields = kWgetFields,
    .jar = Jar::kMerged,
};

constexpr std::array kRows = {
    Curl(v1::PROFILE_CURL, "curl -L", kCurlStatuses),
    Curl(v1::PROFILE_CURL_X, "curl -L -X", kCurlXStatuses),
    Curl(v1::PROFILE_CURL_FOLLOW, "curl --follow -X", kCurlFollowStatuses),
    kWget,
};

}  // namespace

std::span<const Profile> ShellProfiles() { return kRows; }

}  // namespace fingerpost
