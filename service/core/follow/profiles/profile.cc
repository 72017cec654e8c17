#include "core/follow/profiles/profile.h"

#include <algorithm>

#include "core/follow/profiles/rows.h"
#include "core/http/fields.h"

namespace fingerpost::follow {
namespace {

struct MethodName {
  std::string_view name;
  Methods bit;
};
constexpr std::array<MethodName, 11> kMethods = {{{"GET", kGet},
                                                  {"HEAD", kHead},
                                                  {"POST", kPost},
                                                  {"PUT", kPut},
                                                  {"PATCH", kPatch},
                                                  {"DELETE", kDelete},
                                                  {"OPTIONS", kOptions},
                                                  {"TRACE", kTrace},
                                                  {"PROPFIND", kPropfind},
                                                  {"QUERY", kQuery},
                                                  {"CONNECT", kConnect}}};

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

bool FieldNames::Matches(std::string_view name) const {
  return std::any_of(names_.begin(), names_.end(), [name](std::string_view pattern) {
    if (((pattern.front() ^ name.front()) & 0xDF) != 0 && pattern.front() != '*') return false;
    return pattern.ends_with('*')
               ? http::StartsWithIgnoreCase(name, pattern.substr(0, pattern.size() - 1))
               : http::EqualsIgnoreCase(name, pattern);
  });
}

Profile WithOptions(const Profile& profile, const v1::FollowOptions& options) {
  Profile mine = profile;
  if (options.has_limit()) mine.limit = options.limit();
  if (options.has_allow_downgrade()) mine.downgrade = options.allow_downgrade();
  if (options.has_follow_multiple_choices())
    mine.statuses[0].followed =
        options.follow_multiple_choices() ? mine.statuses[1].followed : kNoMethod;
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
  for (const auto rows : {BrowserProfiles, ShellProfiles, PythonProfiles, JavaScriptProfiles,
                          JavaProfiles, OtherProfiles}) {
    for (const Profile& row : rows()) {
      if (row.id == wanted) return &row;
    }
  }
  return nullptr;
}

}  // namespace fingerpost::follow
