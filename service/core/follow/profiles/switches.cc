#include "core/follow/profiles/switches.h"

#include <algorithm>

#include "core/follow/profiles/rows.h"

namespace fingerpost::follow {
namespace {

void KeepAll(StatusRule& rule) { rule = {.followed = rule.followed}; }

// --- curl ---

// -e ';auto'. A Referer of -H wins. There is no exception for https to http.
void AutoReferer(Profile& profile) {
  profile.referer = {
      .previous_url = true, .caller_wins = true, .authority = RefererAuthority::kPortAsNumber};
}

// --post301, --post302, --post303: what was sent with -d stays a POST. With -X and --follow the
// rule of the code is about nothing else.
template <size_t kIndex>
void KeepPost(Profile& profile) {
  StatusRule& rule = profile.statuses[kIndex];
  for (Methods* methods : {&rule.to_get, &rule.drop_body, &rule.drop_content, &rule.one_shot_stops})
    *methods = static_cast<Methods>(*methods & ~kPost);
}
template <size_t kIndex>
void KeepPosted(Profile& profile) {
  // On 303 that is no POST to curl what goes without content, or is an upload.
  if constexpr (kIndex == 3) {
    profile.statuses[kIndex].keeps_replayable = true;
  } else {
    KeepAll(profile.statuses[kIndex]);
  }
}

// --location-trusted: credentials go everywhere. Host still belongs to the first URL.
constexpr std::string_view kContent[] = {"Content-Length", "Transfer-Encoding", "Expect"};
constexpr FieldRule kTrustedFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kContent},
    {kCredentialsStay, v1::CHANGE_REASON_HOST, kHost},
};
void LocationTrusted(Profile& profile) { profile.fields = kTrustedFields; }

// -T: an upload is no POST, so 301 and 302 keep it.
void Upload(Profile& profile) {
  KeepAll(profile.statuses[1]);
  KeepAll(profile.statuses[2]);
}

// --- Guzzle, Faraday ---

// 'strict' => true; standards_compliant: true.
void KeepMethod(Profile& profile) {
  KeepAll(profile.statuses[1]);
  KeepAll(profile.statuses[2]);
}

// 'referer' => true.
void GuzzleReferer(Profile& profile) {
  profile.referer = {.previous_url = true, .same_scheme_only = true, .origin_across = true};
}

// --- Java ---

// LaxRedirectStrategy: a list of methods, no 308, and no look at credentials.
constexpr FieldRule kLaxFields[] = {{kMethodChanges, v1::CHANGE_REASON_CLIENT_HABIT, kEveryField}};
void Lax(Profile& profile) {
  profile.fields = kLaxFields;
  profile.method_first = true;
  profile.first_method_counts = true;
  profile.handed_back |= StopBit(v1::STOP_REASON_METHOD_NOT_FOLLOWED);
  constexpr Methods kRedirectable = kGet | kPost | kHead | kDelete;
  for (const size_t status : {size_t{1}, size_t{2}, size_t{7}})
    profile.statuses[status].followed = kRedirectable;
  profile.statuses[8].followed = kNoMethod;
}

// Redirect.ALWAYS. It requests every scheme, and fails.
void Always(Profile& profile) {
  profile.downgrade = true;
  profile.handed_back &= ~StopBit(v1::STOP_REASON_SCHEME_NOT_ALLOWED);
}

constexpr SwitchRow kRows[] = {
    {v1::CLIENT_SWITCH_AUTO_REFERER, v1::PROFILE_CURL, AutoReferer},
    {v1::CLIENT_SWITCH_AUTO_REFERER, v1::PROFILE_CURL_X, AutoReferer},
    {v1::CLIENT_SWITCH_AUTO_REFERER, v1::PROFILE_CURL_FOLLOW, AutoReferer},
    {v1::CLIENT_SWITCH_AUTO_REFERER, v1::PROFILE_GUZZLE, GuzzleReferer},
    {v1::CLIENT_SWITCH_POST301, v1::PROFILE_CURL, KeepPost<1>},
    {v1::CLIENT_SWITCH_POST301, v1::PROFILE_CURL_X, KeepPosted<1>},
    {v1::CLIENT_SWITCH_POST301, v1::PROFILE_CURL_FOLLOW, KeepPosted<1>},
    {v1::CLIENT_SWITCH_POST302, v1::PROFILE_CURL, KeepPost<2>},
    {v1::CLIENT_SWITCH_POST302, v1::PROFILE_CURL_X, KeepPosted<2>},
    {v1::CLIENT_SWITCH_POST302, v1::PROFILE_CURL_FOLLOW, KeepPosted<2>},
    {v1::CLIENT_SWITCH_POST303, v1::PROFILE_CURL, KeepPost<3>},
    {v1::CLIENT_SWITCH_POST303, v1::PROFILE_CURL_X, KeepPosted<3>},
    {v1::CLIENT_SWITCH_POST303, v1::PROFILE_CURL_FOLLOW, KeepPosted<3>},
    {v1::CLIENT_SWITCH_LOCATION_TRUSTED, v1::PROFILE_CURL, LocationTrusted},
    {v1::CLIENT_SWITCH_LOCATION_TRUSTED, v1::PROFILE_CURL_X, LocationTrusted},
    {v1::CLIENT_SWITCH_LOCATION_TRUSTED, v1::PROFILE_CURL_FOLLOW, LocationTrusted},
    {v1::CLIENT_SWITCH_UPLOAD, v1::PROFILE_CURL_X, Upload},
    {v1::CLIENT_SWITCH_UPLOAD, v1::PROFILE_CURL_FOLLOW, Upload},
    {v1::CLIENT_SWITCH_STRICT, v1::PROFILE_GUZZLE, KeepMethod},
    {v1::CLIENT_SWITCH_STRICT, v1::PROFILE_FARADAY, KeepMethod},
    {v1::CLIENT_SWITCH_LAX, v1::PROFILE_HTTPCLIENT5, Lax},
    {v1::CLIENT_SWITCH_ALWAYS, v1::PROFILE_JDK, Always},
};

}  // namespace

const SwitchRow* FindSwitch(v1::ClientSwitch id, v1::Profile profile) {
  const auto* found = std::find_if(std::begin(kRows), std::end(kRows), [&](const SwitchRow& row) {
    return row.id == id && row.profile == profile;
  });
  return found == std::end(kRows) ? nullptr : found;
}

std::span<const SwitchRow> EverySwitch() { return kRows; }

}  // namespace fingerpost::follow
