// Node.js: undici twice, follow-redirects, axios.
#include "core/follow/profiles/rows.h"

namespace fingerpost::follow {
namespace {

// --- undici fetch ---

constexpr std::string_view kUndiciContent[] = {
    "Content-Encoding", "Content-Language", "Content-Location", "Content-Type", "Content-Length"};
constexpr std::string_view kUndiciCredentials[] = {"Authorization", "Proxy-Authorization", "Cookie",
                                                   "Host"};
constexpr FieldRule kUndiciFetchFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kUndiciContent},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kUndiciCredentials},
};

constexpr StatusRule UndiciToGet(Methods methods) {
  StatusRule rule = ToGet(methods);
  rule.one_shot_stops = kEveryMethod;
  return rule;
}

constexpr Profile kUndiciFetch = {
    .id = v1::PROFILE_UNDICI_FETCH,
    .client = "undici 8.12.4, fetch()",
    .statuses = Statuses({.moved = UndiciToGet(kPost), .found = UndiciToGet(kPost)}),
    .limit = 20,
    .location = {.several = Several::kJoined,
                 .empty_is_missing = false,
                 .octets = Octets::kReplaceInvalidUtf8,
                 .refused = kControlsButTab},
    .userinfo = Userinfo::kStop,
    .fragment = Inherit::kIfMissing,
    .fields = kUndiciFetchFields,
};

// --- undici interceptors.redirect ---

constexpr FieldRule kUndiciRedirectFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kEveryContentField},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kUsualCredentials},
    {kEveryHop, v1::CHANGE_REASON_HOST, kHost},
};
constexpr StatusRule kUndiciSeeOther = {.followed = kEveryMethod,
                                        .to_get = AllBut(kGet | kHead),
                                        .drop_body = AllBut(kGet | kHead),
                                        .drop_content = kEveryMethod};

constexpr Profile kUndiciRedirect = {
    .id = v1::PROFILE_UNDICI_REDIRECT,
    .client = "undici 8.12.4, interceptors.redirect",
    .statuses = Statuses({.choices = kKept, .see_other = kUndiciSeeOther}),
    // It has no default: maxRedirections must be set.
    .limit = 100,
    .loop = Loop::kSameUrl,
    .handed_back =
        kResults | StopBit(v1::STOP_REASON_LIMIT) | StopBit(v1::STOP_REASON_BODY_NOT_REPLAYABLE),
    .location = {.several = Several::kJoined,
                 .joint = ",",
                 .octets = Octets::kLatin1,
                 .refused = kControlsButTab},
    .fields = kUndiciRedirectFields,
};

// --- follow-redirects: every 3xx with a Location ---

constexpr FieldRule kFollowRedirectsFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kEveryContentField},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kUsualCredentials},
    {kEveryHop, v1::CHANGE_REASON_HOST, kHost},
};
// axios drops more fields, before each redirect.
constexpr std::string_view kProxyAuthorization[] = {"Proxy-Authorization"};
constexpr FieldRule kAxiosFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kEveryContentField},
    {kEveryHop, v1::CHANGE_REASON_PROXY, kProxyAuthorization},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kAuthorizationAndCookie},
    {kEveryHop, v1::CHANGE_REASON_HOST, kHost},
};

constexpr Profile FollowRedirects(v1::Profile id, std::string_view client, Crossing crossing,
                                  std::span<const FieldRule> fields,
                                  RequestUserinfo request_userinfo) {
  return {
      .id = id,
      .client = client,
      .statuses = Statuses({.choices = kKept, .others = kKept}),
      .limit = 21,
      .one_shot = OneShot::kReplayed,
      .location = {.several = Several::kFirst,
                   .octets = Octets::kLatin1,
                   .refused = kControlsButTab},
      .request_userinfo = request_userinfo,
      .crossing = crossing,
      .fields = fields,
  };
}

constexpr std::array kRows = {
    kUndiciFetch,
    kUndiciRedirect,
    FollowRedirects(v1::PROFILE_FOLLOW_REDIRECTS, "follow-redirects 1.16.3",
                    kAllowsSubdomain | kAllowsAnyToHttps, kFollowRedirectsFields,
                    RequestUserinfo::kIgnored),
    FollowRedirects(v1::PROFILE_AXIOS, "axios 1.21.1 on Node.js", kTuple, kAxiosFields,
                    RequestUserinfo::kAuthorization),
};

}  // namespace

std::span<const Profile> JavaScriptProfiles() { return kRows; }

}  // namespace fingerpost::follow
