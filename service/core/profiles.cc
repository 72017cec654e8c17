#include "core/profiles.h"

#include <algorithm>

#include "core/fields.h"

namespace fingerpost {
namespace {

struct MethodName {
  std::string_view name;
  Methods bit;
};
constexpr std::array<MethodName, 10> kMethods = {{{"GET", kGet},
                                                  {"HEAD", kHead},
                                                  {"POST", kPost},
                                                  {"PUT", kPut},
                                                  {"PATCH", kPatch},
                                                  {"DELETE", kDelete},
                                                  {"OPTIONS", kOptions},
                                                  {"TRACE", kTrace},
                                                  {"PROPFIND", kPropfind},
                                                  {"QUERY", kQuery}}};

// --- What status codes do ---

constexpr StatusRule kIgnored = {};
constexpr StatusRule kKeep = {.followed = kEveryMethod};
// Becomes GET, and loses its content and what describes it.
constexpr StatusRule ToGet(Methods methods) {
  return {
      .followed = kEveryMethod, .to_get = methods, .drop_body = methods, .drop_content = methods};
}
// Followed only when FollowOptions.follow_multiple_choices asks.
constexpr StatusRule kChoices = kIgnored;

constexpr StatusRules kFetchStatuses = {{
    kChoices,                     // 300
    ToGet(kPost),                 // 301
    ToGet(kPost),                 // 302
    ToGet(AllBut(kGet | kHead)),  // 303
    kIgnored,                     // 304
    kIgnored,                     // 305
    kIgnored,                     // 306
    kKeep,                        // 307
    kKeep,                        // 308
    kIgnored,                     // other 3xx
}};

// --- Groups of fields ---

constexpr std::string_view kCredentials[] = {
    "Authorization",      "Cookie", "Cookie2", "WWW-Authenticate", "Proxy-Authenticate",
    "Proxy-Authorization"};
// RFC 9110 §15.4, RFC 9530 for the digests.
constexpr std::string_view kContent[] = {"Content-*", "Transfer-Encoding", "Trailer",      "Expect",
                                         "Digest",    "Repr-Digest",       "Last-Modified"};
// RFC 9110 §7.6.1, RFC 9113 §8.2.2, RFC 7540 §3.2.1.
constexpr std::string_view kConnection[] = {"Connection",        "Keep-Alive", "TE",
                                            "Transfer-Encoding", "Upgrade",    "HTTP2-Settings"};
constexpr std::string_view kProxy[] = {"Proxy-*"};
// RFC 9110 §13.1, RFC 4918 §10.4.
constexpr std::string_view kPreconditions[] = {"If-*", "If"};
constexpr std::string_view kHost[] = {"Host"};

constexpr FieldRule kStrictFields[] = {
    {kEveryHop, v1::CHANGE_REASON_PROXY, kProxy},
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kContent},
    {kEveryHop, v1::CHANGE_REASON_CONNECTION_SPECIFIC, kConnection},
    {kUrlChanges, v1::CHANGE_REASON_PRECONDITION, kPreconditions},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kCredentials},
    {kOriginChanges, v1::CHANGE_REASON_HOST, kHost},
};

constexpr std::array kProfiles = {
    Profile{
        .id = v1::PROFILE_STRICT,
        .client = "RFC 9110, RFC 6265bis, Fetch",
        .statuses = kFetchStatuses,
        .limit = 20,
        .loop = Loop::kSameRequest,
        .handed_back = StopBit(v1::STOP_REASON_FINAL_RESPONSE) |
                       StopBit(v1::STOP_REASON_NO_LOCATION) |
                       StopBit(v1::STOP_REASON_STATUS_NOT_FOLLOWED),
        .downgrade = false,
        .userinfo = Userinfo::kStop,
        .fragment = Inherit::kMissing,
        .fields = kStrictFields,
        .heeds_connection = true,
        .content_stays_dropped = true,
        .origin = OriginField::kNullWhenTainted,
        .referer = {.by_policy = true},
        .jar = Jar::kMerged,
        .same_site = SameSiteRule::kTopLevel,
    },
};

}  // namespace

Methods MethodBit(std::string_view method) {
  for (const MethodName& known : kMethods) {
    if (known.name == method) return known.bit;
  }
  return kOther;
}

const StatusRule& RuleOf(const StatusRules& rules, int status) {
  return rules[status >= 300 && status <= 308 ? static_cast<size_t>(status - 300)
                                              : rules.size() - 1];
}

bool HasField(FieldNames names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [name](std::string_view pattern) {
    return pattern.ends_with('*')
               ? StartsWithIgnoreCase(name, pattern.substr(0, pattern.size() - 1))
               : EqualsIgnoreCase(name, pattern);
  });
}

Profile WithOptions(const Profile& profile, const v1::FollowOptions& options) {
  Profile mine = profile;
  if (options.has_limit()) mine.limit = options.limit();
  if (options.has_allow_downgrade()) mine.downgrade = options.allow_downgrade();
  if (options.has_follow_multiple_choices())
    mine.statuses[0].followed = options.follow_multiple_choices() ? kEveryMethod : kNoMethod;
  if (options.has_keep_post()) {
    for (const size_t status : {size_t{1}, size_t{2}}) {
      StatusRule& rule = mine.statuses[status];
      for (Methods* methods : {&rule.to_get, &rule.drop_body, &rule.drop_content}) {
        *methods = static_cast<Methods>(options.keep_post() ? *methods & ~kPost : *methods | kPost);
      }
    }
  }
  if (options.userinfo() != v1::USERINFO_POLICY_UNSPECIFIED) {
    mine.userinfo =
        options.userinfo() == v1::USERINFO_POLICY_STOP ? Userinfo::kStop : Userinfo::kStrip;
  }
  return mine;
}

const Profile* FindProfile(v1::Profile profile) {
  const v1::Profile wanted = profile == v1::PROFILE_UNSPECIFIED ? v1::PROFILE_STRICT : profile;
  const auto* found = std::find_if(kProfiles.begin(), kProfiles.end(),
                                   [wanted](const Profile& row) { return row.id == wanted; });
  return found == kProfiles.end() ? nullptr : found;
}

}  // namespace fingerpost
