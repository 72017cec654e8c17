// Node.js: undici twice, follow-redirects, axios, got, superagent, needle.
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
                 .breaks_response = kControlsButTab,
                 .longest_fields = kNodeFields,
                 .refuses_outer_space = true,
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
                                        .drop_body = AllBut(kHead),
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
                 .breaks_response = kControlsButTab,
                 .longest_fields = kNodeFields,
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
                   .breaks_response = kControlsButTab,
                   .longest_fields = kNodeFields,
                   .refused = kControlsButTab},
      .request_userinfo = request_userinfo,
      .crossing = crossing,
      .host_field_is_base = true,
      .fields = fields,
  };
}

// --- got ---

constexpr std::string_view kGotContent[] = {
    "Content-Length", "Content-Encoding",  "Content-Language", "Content-Location",
    "Content-Type",   "Transfer-Encoding", "Digest",           "Content-Digest",
    "Repr-Digest",    "Last-Modified"};
constexpr std::string_view kGotCredentials[] = {"Host", "Cookie", "Cookie2", "Authorization",
                                                "Proxy-Authorization"};
constexpr FieldRule kGotFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kGotContent},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kGotCredentials},
};
// As the specification asks for, except that content stays within its origin.
constexpr StatusRule kGotMoved = {
    .followed = kEveryMethod, .to_get_across = kPost, .drop_body_across = AllBut(kQuery)};

constexpr Profile kGot = {
    .id = v1::PROFILE_GOT,
    .client = "got 16.1.0",
    .statuses = Statuses({.moved = kGotMoved, .found = kGotMoved}),
    .limit = 10,
    .location = {.several = Several::kFirst,
                 .octets = Octets::kReplaceInvalidUtf8,
                 .breaks_response = kControlsButTab,
                 .longest_fields = kNodeFields,
                 .refused = kControlsButTab},
    .request_userinfo = RequestUserinfo::kAuthorization,
    .fragment = Inherit::kIfMissing,
    .fields = kGotFields,
};

// --- superagent ---

constexpr std::string_view kSuperagentContent[] = {"Content-Type", "Content-Length",
                                                   "Transfer-Encoding"};
constexpr FieldRule kSuperagentFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kSuperagentContent},
    {.when = kCredentialsStay,
     .reason = v1::CHANGE_REASON_ORIGIN_CHANGED,
     .names = kAuthorizationAndCookie,
     .unless = kUseProxy},
    {kEveryHop, v1::CHANGE_REASON_HOST, kHost},
};
// HEAD is not followed, and every other method becomes GET.
constexpr StatusRule kSuperagentToGet = {.followed = AllBut(kHead),
                                         .to_get = AllBut(kGet),
                                         .drop_body = kEveryMethod,
                                         .drop_content = kEveryMethod};
constexpr StatusRule kSuperagentKept = {.followed = AllBut(kHead)};
constexpr StatusRules SuperagentStatuses() {
  StatusRules rules = Statuses({.moved = kSuperagentToGet,
                                .found = kSuperagentToGet,
                                .see_other = kSuperagentToGet,
                                .kept = kSuperagentKept});
  rules[5] = kSuperagentKept;
  return rules;
}

constexpr Profile kSuperagent = {
    .id = v1::PROFILE_SUPERAGENT,
    .client = "superagent 10.4.2 on Node.js",
    .statuses = SuperagentStatuses(),
    .limit = 5,
    .handed_back = (kResults & ~StopBit(v1::STOP_REASON_NO_LOCATION)) |
                   StopBit(v1::STOP_REASON_METHOD_NOT_FOLLOWED) | StopBit(v1::STOP_REASON_LIMIT),
    .location = {.several = Several::kFirst,
                 .octets = Octets::kLatin1,
                 .breaks_response = kControlsButTab,
                 .longest_fields = kNodeFields,
                 .refused = kControlsButTab},
    .userinfo = Userinfo::kAuthorizeInstead,
    .request_userinfo = RequestUserinfo::kAuthorization,
    .basic = {.keeps_escapes = true},
    .method_first = true,
    .fields = kSuperagentFields,
};

// --- needle ---

constexpr std::string_view kNeedleContent[] = {"Content-Length"};
constexpr FieldRule kNeedleFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kNeedleContent},
    {kEveryHop, v1::CHANGE_REASON_COOKIE_JAR, kCookie},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kUsualCredentials},
    {kEveryHop, v1::CHANGE_REASON_HOST, kHost},
};
// Even after 307 and 308.
constexpr StatusRule kNeedleToGet = ToGetWithoutBody(AllBut(kGet));

constexpr Profile kNeedle = {
    .id = v1::PROFILE_NEEDLE,
    .client = "needle 3.5.0 with follow_max",
    .statuses = Statuses({.moved = kNeedleToGet,
                          .found = kNeedleToGet,
                          .see_other = kNeedleToGet,
                          .kept = kNeedleToGet}),
    .limit = 10,
    .loop = Loop::kOwnText,
    .handed_back = kResults | StopBit(v1::STOP_REASON_LOOP),
    .location = {.several = Several::kFirst,
                 .octets = Octets::kLatin1,
                 .breaks_response = kControlsButTab,
                 .longest_fields = kNodeFields,
                 .refused = kControlsButTab,
                 .host_ends_at = kLegacyHostEnds,
                 .host_end_is_target = true,
                 .spelling = &kLegacySpelling},
    .request_userinfo = RequestUserinfo::kAuthorization,
    .basic = {.drops_last_colon = true},
    .crossing = kWrittenHost,
    .fields = kNeedleFields,
};

constexpr std::array kRows = {
    kUndiciFetch,
    kUndiciRedirect,
    FollowRedirects(v1::PROFILE_FOLLOW_REDIRECTS, "follow-redirects 1.16.3",
                    kAllowsSubdomain | kAllowsAnyToHttps, kFollowRedirectsFields,
                    RequestUserinfo::kIgnored),
    FollowRedirects(v1::PROFILE_AXIOS, "axios 1.21.1 on Node.js", kTuple, kAxiosFields,
                    RequestUserinfo::kFirstOrigin),
    kGot,
    kSuperagent,
    kNeedle,
};

}  // namespace

std::span<const Profile> JavaScriptProfiles() { return kRows; }

}  // namespace fingerpost::follow
