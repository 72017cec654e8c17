#include "core/follow/profiles/profile.h"

#include <algorithm>

#include "core/follow/profiles/rows.h"
#include "core/follow/profiles/switches.h"
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

// A profile that heeds SameSite has a browser's jar already.
bool IsBrowsers(const Profile& profile) { return profile.same_site != SameSiteRule::kIgnored; }

void ChooseJar(v1::CookieJar choice, Profile& mine) {
  switch (choice) {
    case v1::COOKIE_JAR_NONE:
      mine.jar = Jar::kNone;
      return;
    case v1::COOKIE_JAR_CLIENT:
      if (mine.jar == Jar::kNone) mine.jar = Jar::kMerged;
      return;
    case v1::COOKIE_JAR_BROWSER:
      if (IsBrowsers(mine)) return;
      mine.jar = Jar::kMerged;
      mine.engine = nullptr;
      mine.same_site = SameSiteRule::kTopLevel;
      return;
    default:
      return;
  }
}

}  // namespace

const JarRule& JarOf(const Profile& profile, const v1::FollowOptions& options) {
  return options.jar() == v1::COOKIE_JAR_BROWSER && !IsBrowsers(profile) ? kBrowserJar
                                                                         : JarOf(profile);
}

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
  for (const int id : options.switches()) {
    // The question was checked: there are no others.
    if (const SwitchRow* row = FindSwitch(static_cast<v1::ClientSwitch>(id), profile.id))
      row->turn(mine);
  }
  if (options.has_limit()) mine.limit = options.limit();
  if (options.has_allow_downgrade()) mine.downgrade = options.allow_downgrade();
  if (options.allow_downgrade()) mine.mixed_content = MixedContent::kFollowed;
  if (options.has_follow_multiple_choices())
    mine.statuses[0].followed =
        options.follow_multiple_choices() ? mine.statuses[1].followed : kNoMethod;
  if (options.has_keep_post()) {
    for (const size_t status : {size_t{1}, size_t{2}}) {
      StatusRule& rule = mine.statuses[status];
      for (Methods* methods : {&rule.to_get, &rule.drop_body, &rule.drop_content,
                               &rule.to_get_across, &rule.drop_body_across}) {
        *methods = static_cast<Methods>(options.keep_post() ? *methods & ~kPost : *methods | kPost);
      }
    }
  }
  if (options.userinfo() != v1::USERINFO_POLICY_UNSPECIFIED) {
    mine.userinfo =
        options.userinfo() == v1::USERINFO_POLICY_STOP ? Userinfo::kStop : Userinfo::kStrip;
  }
  ChooseJar(options.jar(), mine);
  return mine;
}

const Profile* FindProfile(v1::Profile profile) {
  const v1::Profile wanted = profile == v1::PROFILE_UNSPECIFIED ? v1::PROFILE_STRICT : profile;
  for (const auto rows :
       {BrowserProfiles, ShellProfiles, PythonProfiles, JavaScriptProfiles, JavaScriptFetchProfiles,
        JavaProfiles, ScriptingProfiles, OtherProfiles}) {
    for (const Profile& row : rows()) {
      if (row.id == wanted) return &row;
    }
  }
  return nullptr;
}

}  // namespace fingerpost::follow
