#include "profile_settings.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <bit>
#include <utility>

#include "core/message/enum_names.h"
#include "setting_words.h"

namespace fingerpost::cli {
namespace {

using follow::FieldRule;
using follow::Methods;
using follow::Profile;
using follow::StatusRule;
using follow::When;

// --- Methods ---

constexpr std::pair<Methods, const char*> kMethodNames[] = {
    {follow::kGet, "GET"},         {follow::kHead, "HEAD"},       {follow::kPost, "POST"},
    {follow::kPut, "PUT"},         {follow::kPatch, "PATCH"},     {follow::kDelete, "DELETE"},
    {follow::kOptions, "OPTIONS"}, {follow::kTrace, "TRACE"},     {follow::kPropfind, "PROPFIND"},
    {follow::kQuery, "QUERY"},     {follow::kConnect, "CONNECT"}, {follow::kOther, "others"}};

std::string Text(Methods methods) {
  if (methods == follow::kEveryMethod) return "every method";
  const auto missing = static_cast<Methods>(follow::kEveryMethod & ~methods);
  return std::popcount(methods) > 6
             ? absl::StrCat("all but ", absl::StrJoin(WordsOf(missing, kMethodNames), ", "))
             : absl::StrJoin(WordsOf(methods, kMethodNames), ", ");
}

std::string Text(const StatusRule& rule) {
  if (rule.fails) return "an error";
  if (rule.followed == follow::kNoMethod) return "not followed";
  if (rule.to_proxy) return "Location is a proxy for the same URL";
  const auto among = [&rule](int methods) { return static_cast<Methods>(methods & rule.followed); };
  // GET is GET already.
  const Methods to_get = among(rule.to_get & ~follow::kGet);
  const Methods empty = among(rule.drop_body & ~to_get);
  const Methods refilled = among(to_get & ~rule.drop_body);
  const Methods described = among(to_get & ~rule.drop_content);
  Words words;
  const auto refused = static_cast<Methods>(follow::kEveryMethod & ~rule.followed);
  if (refused != follow::kNoMethod) {
    words.push_back(std::popcount(refused) < 6 ? absl::StrCat("not ", Text(refused))
                                               : absl::StrCat("only ", Text(rule.followed)));
  }
  if (to_get == follow::kNoMethod) {
    words.emplace_back("method kept");
  } else {
    words.push_back(absl::StrCat(
        "GET for ",
        Text(static_cast<Methods>(
            to_get == (follow::kEveryMethod & ~follow::kGet) ? follow::kEveryMethod : to_get)),
        rule.only_with_content ? " with content" : "",
        rule.keeps_replayable ? " without content to send again" : ""));
  }
  if (empty != follow::kNoMethod)
    words.push_back(absl::StrCat("without content for ", Text(empty)));
  if (refilled != follow::kNoMethod)
    words.push_back(absl::StrCat("content kept for ", Text(refilled)));
  if (described != follow::kNoMethod) words.emplace_back("fields of the dropped content kept");
  if (rule.one_shot_stops != follow::kNoMethod)
    words.push_back(
        absl::StrCat("content that can be sent once stops ", Text(among(rule.one_shot_stops))));
  if (rule.needs_location) words.emplace_back("an error without Location");
  if (rule.to_get_across != follow::kNoMethod)
    words.push_back(absl::StrCat("to another origin GET for ", Text(among(rule.to_get_across))));
  if (rule.drop_body_across != follow::kNoMethod)
    words.push_back(
        absl::StrCat("to another origin without content for ", Text(among(rule.drop_body_across))));
  return absl::StrJoin(words, "; ");
}

// --- Fields ---

constexpr std::pair<When, const char*> kWhenNames[] = {
    {follow::kEveryHop, "on every hop"},
    {follow::kCredentialsStay, "where credentials stay behind"},
    {follow::kOriginChanges, "to another origin"},
    {follow::kContentDropped, "with the content"},
    {follow::kUrlChanges, "to another URL"},
    {follow::kMethodChanges, "with another method"},
    {follow::kAbsoluteLocation, "with a scheme in Location"},
    {follow::kUseProxy, "on 305"},
    {follow::kNewAuthority, "with an authority in Location"}};

std::string Text(const FieldRule& rule) {
  const auto names = rule.names.Names();
  std::string text = absl::StrCat(absl::StrJoin(Words(names.begin(), names.end()), ", "),
                                  rule.stops ? " stop it " : " ",
                                  absl::StrJoin(WordsOf(rule.when, kWhenNames), " or "));
  if (rule.unless != 0)
    absl::StrAppend(&text, ", but not ", absl::StrJoin(WordsOf(rule.unless, kWhenNames), " or "));
  return text;
}

std::string Text(std::span<const FieldRule> rules) {
  Words words;
  for (const FieldRule& rule : rules) words.push_back(Text(rule));
  return words.empty() ? "none" : absl::StrJoin(words, "; ");
}

// --- Origins and credentials ---

constexpr std::pair<follow::Crossing, const char*> kCrossingNames[] = {
    {follow::kAllowsSubdomain, "a subdomain of it is the same host"},
    {follow::kAllowsUpgrade, "http to https on the default ports is no change"},
    {follow::kAllowsAnyToHttps, "a change to https is none"},
    {follow::kSlashIsSame, "a Location with a leading / stays"},
    {follow::kRelativeCrosses, "one without scheme and / leaves"},
    {follow::kRawAuthority, "authorities are compared as they are written"},
    {follow::kWrittenPort, "an explicit :80 is another"},
    {follow::kWrittenCase, "capitals are another"},
    {follow::kWrittenUserinfo, "userinfo is another"},
    {follow::kWrittenHost, "host and port are compared as they are written"}};

std::string CrossingText(const Profile& profile) {
  const follow::Crossing crossing = profile.crossing;
  if ((crossing & follow::kNever) != 0) return "never";
  if ((crossing & follow::kAlways) != 0) return "always";
  Words parts;
  if ((crossing & follow::kIgnoresScheme) == 0) parts.emplace_back("scheme");
  parts.emplace_back("host");
  if ((crossing & follow::kIgnoresPort) == 0) parts.emplace_back("port");
  Words words = {absl::StrCat("another ", absl::StrJoin(parts, ", "), " than the ",
                              profile.from_first ? "first" : "previous", " URL's")};
  for (std::string& word : WordsOf(crossing, kCrossingNames)) words.push_back(std::move(word));
  if (profile.host_field_is_base) words.emplace_back("the Host field is the previous host");
  if (profile.method_first) words.emplace_back("the method is looked at first");
  if (profile.first_method_counts) words.emplace_back("the first request's method counts");
  if (profile.request_first) words.emplace_back("looked at before the next URL");
  return absl::StrJoin(words, "; ");
}

std::string Text(follow::Userinfo userinfo) {
  using enum follow::Userinfo;
  switch (userinfo) {
    case kStop:
      return "stops";
    case kStopAcross:
      return "stops to another origin, ignored on the same";
    case kStrip:
      return "ignored";
    case kAuthorizeIfAbsent:
      return "sent as Basic, unless there is Authorization";
    case kAuthorizeUnlessGiven:
      return "sent as Basic, unless the first request had Authorization";
    case kAuthorizeBeside:
      return "sent as Basic, beside another Authorization";
    case kAuthorizeInstead:
      return "sent as Basic, in place of another Authorization";
    case kAuthorizeOrStop:
      return "sent as Basic; beside Authorization it stops";
  }
  return {};
}

std::string Text(follow::RequestUserinfo userinfo) {
  using enum follow::RequestUserinfo;
  switch (userinfo) {
    case kIgnored:
      return "ignored";
    case kInherited:
      return "kept by a Location without an authority";
    case kAuthorization:
      return "an Authorization of the request";
    case kFirstOrigin:
      return "the first one's goes to its origin on every hop";
  }
  return {};
}

std::string RequestUserinfoText(const Profile& profile) {
  Words words = {Text(profile.request_userinfo)};
  if (profile.basic.of_empty) words.emplace_back("an empty one counts");
  if (profile.basic.of_empty_pair) words.emplace_back("a colon alone counts");
  if (profile.basic.latin1) words.emplace_back("written in Latin-1");
  if (profile.basic.needs_password) words.emplace_back("only with a password");
  if (profile.basic.keeps_escapes) words.emplace_back("with its escapes");
  if (profile.basic.drops_last_colon) words.emplace_back("no colon without a password");
  return absl::StrJoin(words, "; ");
}

std::string Text(follow::MixedContent mixed) {
  using enum follow::MixedContent;
  switch (mixed) {
    case kFollowed:
      return "";
    case kStops:
      return "a page over https reaches none over http";
    case kFormStops:
      return "a form of a page over https sends nothing over http";
  }
  return {};
}

std::string SchemesText(const Profile& profile) {
  Words words;
  if (!profile.downgrade) words.emplace_back("https to http stops");
  if (!profile.upgrade) words.emplace_back("http to https stops");
  if (profile.mixed_content != follow::MixedContent::kFollowed)
    words.push_back(Text(profile.mixed_content));
  return Listed(words, "every change is followed");
}

std::string Restored(const Profile& profile) {
  if (!profile.restores) return "no";
  return profile.restores_content ? "yes, those of the content too" : "yes";
}

std::string Text(follow::OriginField origin) {
  using enum follow::OriginField;
  switch (origin) {
    case kKeep:
      return "as it is";
    case kNullWhenTainted:
      return "null after the second origin (Fetch)";
    case kNullAcross:
      return "null to another origin";
    case kComputed:
      return "written anew (Fetch)";
  }
  return {};
}

std::string OriginText(const Profile& profile) {
  return absl::StrCat(Text(profile.origin),
                      profile.origin_by_policy ? "; null where Referrer Policy tells nothing" : "");
}

std::string Text(const follow::RefererRule& rule) {
  Words words;
  if (rule.by_policy) words.emplace_back("trimmed by Referrer Policy");
  if (rule.previous_url)
    words.emplace_back(rule.keeps_fragment ? "the previous URL with its fragment"
                                           : "the previous URL");
  if (rule.authority != follow::RefererAuthority::kUrlStandard)
    words.emplace_back("its authority as written");
  if (rule.caller_wins) words.emplace_back("the caller's own wins");
  if (rule.not_on_downgrade) words.emplace_back("none from https to http");
  if (rule.same_scheme_only) words.emplace_back("none to another scheme");
  return Listed(words, "as it is");
}

std::string Text(follow::FetchMetadata metadata) {
  using enum follow::FetchMetadata;
  switch (metadata) {
    case kKeep:
      return "as they are";
    case kComputed:
      return "computed for each hop, dropped where the URL is not trustworthy";
    case kPutBack:
      return "computed for each hop, back where the URL is trustworthy";
  }
  return {};
}

// --- Cookies ---

std::string Text(follow::SameSiteRule rule) {
  using enum follow::SameSiteRule;
  switch (rule) {
    case kIgnored:
      return "ignored";
    case kTopLevel:
      return "as in a navigation";
    case kSubresource:
      return "as for a script";
  }
  return {};
}

std::string SameSiteText(const Profile& profile) {
  const follow::SiteRule& site = profile.site;
  Words words = {Text(profile.same_site)};
  if (site.ignores_scheme) words.emplace_back("http and https are one site");
  if (site.needs_domain_for_metadata)
    words.emplace_back("Sec-Fetch-Site needs a registrable domain");
  if (site.of_whole_chain) words.emplace_back("every URL of the chain counts");
  if (site.of_page) words.emplace_back("the page counts");
  if (site.unspecified_crosses) words.emplace_back("a cookie without it crosses");
  return absl::StrJoin(words, "; ");
}

// --- The end ---

std::string Text(follow::Loop loop) {
  using enum follow::Loop;
  switch (loop) {
    case kNone:
      return "only the limit ends it";
    case kSameRequest:
      return "the same method, URL and cookies";
    case kSameUrl:
      return "the same URL";
    case kOwnText:
      return "a Location that is the request's URL";
    case kAnsweredTwice:
      return "a second redirect of the same request";
  }
  return {};
}

std::string LoopText(const Profile& profile) {
  if (profile.visits_per_url == 0) return Text(profile.loop);
  return absl::StrCat("the same URL ", profile.visits_per_url, " times",
                      profile.first_is_no_visit ? ", not counting the first request" : "");
}

std::string Text(follow::OneShot one_shot) {
  using enum follow::OneShot;
  switch (one_shot) {
    case kStops:
      return "stops where it would be sent again";
    case kReplayed:
      return "sent again from a copy";
    case kStopsEver:
      return "stops where it would be sent again, ever after";
    case kLost:
      return "lost: the next request has none";
  }
  return {};
}

std::string HandedBackText(const Profile& profile) {
  Words words;
  for (int value = v1::StopReason_MIN; value <= v1::StopReason_MAX; ++value) {
    if (!v1::StopReason_IsValid(value) || value == v1::STOP_REASON_UNSPECIFIED) continue;
    const auto reason = static_cast<v1::StopReason>(value);
    if ((profile.handed_back & follow::StopBit(reason)) != 0)
      words.push_back(message::ShortEnumName(reason));
  }
  if (!profile.handed_back_scheme.empty())
    words.push_back(
        absl::StrCat("scheme_not_allowed of ", std::string(profile.handed_back_scheme), ":"));
  return words.empty() ? "nothing" : absl::StrJoin(words, ", ");
}

std::string Text(follow::Inherit inherit) {
  using enum follow::Inherit;
  switch (inherit) {
    case kNever:
      return "Location's alone";
    case kIfMissing:
      return "the request's, if Location has none";
    case kIfMissingOrEmpty:
      return "the request's, if Location has none or an empty one";
  }
  return {};
}

}  // namespace

std::string NameOf(const Profile& profile) { return message::ShortEnumName(profile.id); }

std::vector<ProfileSetting> SettingsOf(const Profile& profile) {
  const auto& statuses = profile.statuses;
  std::vector<ProfileSetting> settings = {
      {"300", Text(statuses[0])},
      {"301", Text(statuses[1])},
      {"302", Text(statuses[2])},
      {"303", Text(statuses[3])},
      {"304", Text(statuses[4])},
      {"305", Text(statuses[5])},
      {"307", Text(statuses[7])},
      {"308", Text(statuses[8])},
      {"other 3xx", Text(statuses[9])},
      {"limit", absl::StrCat(profile.limit)},
      {"loop", LoopText(profile)},
      {"content sent once", Text(profile.one_shot)},
      {"content after it was dropped",
       profile.content_stays_dropped ? "dropped for ever" : "each hop decides"},
      {"handed back", HandedBackText(profile)},
      {"schemes", SchemesText(profile)},
      {"credentials stay behind", CrossingText(profile)},
      {"dropped fields", Text(profile.fields)},
      {"restored fields", Restored(profile)},
      {"Connection", profile.heeds_connection ? "the fields it names are dropped" : "as it is"},
      {"Range", profile.ties_range ? "dropped with its condition" : "as it is"},
      {"Origin", OriginText(profile)},
      {"Referer", Text(profile.referer)},
      {"Sec-Fetch", Text(profile.fetch_metadata)},
      {"userinfo in Location", Text(profile.userinfo)},
      {"userinfo of the request", RequestUserinfoText(profile)},
      {"fragment", Text(profile.fragment)},
  };
  AddLocation(profile.location, settings);
  AddJar(profile, settings);
  settings.push_back({"SameSite", SameSiteText(profile)});
  settings.push_back(
      {"Secure", profile.loopback_is_secure ? "https, and http to loopback" : "https"});
  return settings;
}

}  // namespace fingerpost::cli
