// JavaScript's other fetch()es: node-fetch, make-fetch-happen, Deno, Bun.
#include "core/follow/profiles/rows.h"

namespace fingerpost::follow {
namespace {

constexpr std::string_view kContentLength[] = {"Content-Length"};

// Even HEAD becomes GET.
constexpr StatusRule kFetchSeeOther = ToGet(AllBut(kGet));

// Here a stream is an error even if it would be dropped.
constexpr StatusRule StreamStops(StatusRule rule) {
  rule.one_shot_stops = kEveryMethod;
  return rule;
}

// --- node-fetch 2 ---

constexpr std::string_view kNodeFetchCredentials[] = {"Authorization", "WWW-Authenticate", "Cookie",
                                                      "Cookie2"};
constexpr FieldRule kNodeFetchFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kContentLength},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kNodeFetchCredentials},
};

constexpr Profile kNodeFetch = {
    .id = v1::PROFILE_NODE_FETCH,
    .client = "node-fetch 2.7.0",
    .statuses = Statuses({.moved = StreamStops(ToGet(kPost)),
                          .found = StreamStops(ToGet(kPost)),
                          .see_other = kFetchSeeOther}),
    .limit = 20,
    .location = {.several = Several::kFirst,
                 .empty_is_missing = false,
                 .octets = Octets::kLatin1,
                 .breaks_response = kControlsButTab,
                 .longest_fields = kNodeFields,
                 .refused = kControlsButTab,
                 .host_ends_at = kLegacyHostEnds,
                 .spelling = &kLegacySpelling},
    .userinfo = Userinfo::kAuthorizeIfAbsent,
    .request_userinfo = RequestUserinfo::kInherited,
    .basic = {.drops_last_colon = true},
    .crossing = kIgnoresPort | kAllowsSubdomain,
    .fields = kNodeFetchFields,
};

// --- make-fetch-happen ---

constexpr FieldRule kMakeFetchHappenFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kContentLength},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kAuthorizationAndCookie},
};

constexpr Profile kMakeFetchHappen = {
    .id = v1::PROFILE_MAKE_FETCH_HAPPEN,
    .client = "make-fetch-happen 16.0.1",
    .statuses = Statuses({.see_other = kFetchSeeOther}),
    .limit = 20,
    .one_shot = OneShot::kLost,
    .handed_back = kResults & ~StopBit(v1::STOP_REASON_NO_LOCATION),
    .location = {.several = Several::kFirst,
                 .empty_is_missing = false,
                 .octets = Octets::kLatin1,
                 .breaks_response = kControlsButTab,
                 .longest_fields = kNodeFields,
                 .refused = kControlsButTab},
    .userinfo = Userinfo::kAuthorizeIfAbsent,
    .request_userinfo = RequestUserinfo::kInherited,
    .basic = {.keeps_escapes = true},
    .crossing = kIgnoresPort | kIgnoresScheme,
    .fields = kMakeFetchHappenFields,
};

// --- Deno ---

constexpr std::string_view kFetchContent[] = {"Content-Encoding", "Content-Language",
                                              "Content-Location", "Content-Type"};
constexpr FieldRule kDenoFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kFetchContent},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kUsualCredentials},
};
// An earlier URL Standard: "^" stays.
constexpr Spelling kDenoSpelling = {.path = {.encoded = " \"<>`{}"}};

constexpr Profile kDeno = {
    .id = v1::PROFILE_DENO,
    .client = "Deno 2.9.6, fetch()",
    .statuses = Statuses({.moved = StreamStops(ToGet(kPost)), .found = StreamStops(ToGet(kPost))}),
    .limit = 20,
    .location = {.several = Several::kFirst,
                 .empty_is_missing = false,
                 .octets = Octets::kLatin1,
                 .breaks_response = kControlsButTab,
                 .refused = kControlsButTab,
                 .empty_authority = EmptyAuthority::kRefused,
                 .spelling = &kDenoSpelling},
    .userinfo = Userinfo::kAuthorizeBeside,
    .request_userinfo = RequestUserinfo::kInherited,
    .fragment = Inherit::kIfMissingOrEmpty,
    .fields = kDenoFields,
};

// --- Bun ---

constexpr std::string_view kBunCredentials[] = {"Authorization", "Cookie", "Proxy-Authorization",
                                                "Host"};
constexpr FieldRule kBunFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kFetchContent},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kBunCredentials},
};

constexpr Profile kBun = {
    .id = v1::PROFILE_BUN,
    .client = "Bun 1.4.5, fetch()",
    .statuses = Statuses({.moved = StreamStops(ToGet(kPost)), .found = StreamStops(ToGet(kPost))}),
    // Its own is 127, but a chain has no more.
    .limit = 100,
    .location = {.several = Several::kLast,
                 .octets = Octets::kReplaceInvalidUtf8,
                 .breaks_response = kControlsButTab,
                 .scheme_anywhere = true,
                 .refused = kControlsButTab,
                 .merged = Merged::kBeginning},
    .request_userinfo = RequestUserinfo::kAuthorization,
    .fragment = Inherit::kIfMissing,
    .fields = kBunFields,
};

constexpr std::array kRows = {kNodeFetch, kMakeFetchHappen, kDeno, kBun};

}  // namespace

std::span<const Profile> JavaScriptFetchProfiles() { return kRows; }

}  // namespace fingerpost::follow
