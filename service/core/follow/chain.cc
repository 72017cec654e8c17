#include "core/follow/chain.h"

#include <algorithm>
#include <string>

#include "core/follow/cookie_jar.h"
#include "core/follow/credentials.h"
#include "core/follow/referrer.h"
#include "xxhash.h"

namespace fingerpost::follow {
namespace {

// Of content that can be sent only once: the client does not know its length.
constexpr const char* kFramedInChunks = "Transfer-Encoding";

// Whether it looks like an http(s) URL as the URL parser writes it. Visits are only compared with
// such URLs.
bool LooksLikeUrl(std::string_view text) {
  return text.size() <= http::kMaxUrl &&
         (text.starts_with("http://") || text.starts_with("https://")) && !http::HasControl(text) &&
         text.find('#') == std::string_view::npos;
}

void CheckVisits(const v1::Chain& chain, message::Faults& faults) {
  if (chain.count() > kMaxHops) {
    faults.Error("chain.count", "0 to 100, got " + std::to_string(chain.count()));
  }
  if (static_cast<uint64_t>(chain.visited_size()) != chain.count()) {
    faults.Error("chain.visited", "one visit for each of chain.count redirects: expected " +
                                      std::to_string(chain.count()) + ", got " +
                                      std::to_string(chain.visited_size()));
    return;
  }
  const message::Place visited("chain.visited");
  for (int i = 0; i < std::min(chain.visited_size(), static_cast<int>(kMaxHops)); ++i) {
    http::CheckMethod(chain.visited(i).method(), visited.Element(i, "method"), faults);
    if (!LooksLikeUrl(chain.visited(i).url())) {
      faults.Error(visited.Element(i, "url"),
                   "expected an http or https URL without fragment, as the last answer gave it");
    }
  }
}

// A chain without hops has at most an initial jar; the first request fills in the rest.
void CheckFirst(const v1::Chain& chain, const Profile& profile, message::Faults& faults) {
  if (chain.count() == 0) return;
  const auto url = http::ParseUrl(chain.first_url());
  if (!url || !http::IsHttp(*url) || http::HasUserinfo(*url) ||
      chain.first_url().size() > http::kMaxUrl) {
    faults.Error("chain.first_url",
                 "expected the first request's http or https URL without userinfo, as the last "
                 "answer gave it");
  } else if (chain.visited_size() > 0 && chain.visited(0).url() != http::WithoutFragment(*url)) {
    faults.Error("chain.first_url", "not the URL of chain.visited[0]");
  }
  http::CheckMethod(chain.first_method(), "chain.first_method", faults);
  if (chain.visited_size() > 0 && chain.visited(0).method() != chain.first_method()) {
    faults.Error("chain.first_method", "not the method of chain.visited[0]");
  }
  if (chain.profile() != profile.id) {
    faults.Error("chain.profile",
                 "the chain was begun with " +
                     (v1::Profile_IsValid(chain.profile()) ? v1::Profile_Name(chain.profile())
                                                           : std::string("an unknown profile")) +
                     "; go on with the same one");
  }
}

// Otherwise a chain could pass the caller's fields off as added by the client.
bool AddsFields(const Profile& profile) {
  return profile.referer.previous_url ||
         profile.request_userinfo == RequestUserinfo::kFirstOrigin ||
         (profile.userinfo != Userinfo::kStop && profile.userinfo != Userinfo::kStopAcross &&
          profile.userinfo != Userinfo::kStrip);
}

void CheckBase(const std::string& text, const Profile& profile, message::Faults& faults) {
  if (!profile.location.host_end_is_target) {
    faults.Error("chain.base", "expected none: this profile has no URL besides the request's");
    return;
  }
  const auto base = http::ParseUrl(text);
  if (!base || !http::IsHttp(*base) || http::HasUserinfo(*base) || http::HasControl(text) ||
      text.size() > http::kMaxUrl) {
    faults.Error("chain.base", "expected an http or https URL, as the last answer gave it");
  }
}

}  // namespace

void CheckChain(const v1::Chain& chain, const Profile& profile, const JarRule& jar,
                message::Faults& faults) {
  CheckVisits(chain, faults);
  CheckJar(chain.cookies(), jar, faults);
  CheckFirst(chain, profile, faults);
  if (!chain.referrer_policy().empty() && !FindReferrerPolicy(chain.referrer_policy())) {
    faults.Error("chain.referrer_policy", "expected a referrer policy, as the last answer gave it");
  }
  const bool restores = profile.restores || jar.remembers() ||
                        profile.referer.no_relaxing_across_sites ||
                        profile.referer.authority != RefererAuthority::kUrlStandard ||
                        profile.one_shot == OneShot::kStopsEver ||
                        profile.request_userinfo == RequestUserinfo::kFirstOrigin ||
                        profile.fetch_metadata == FetchMetadata::kPutBack;
  if (!restores && chain.set_aside_size() > 0) {
    faults.Error("chain.set_aside", "expected none: this profile puts nothing back");
  } else {
    http::CheckHeaders(chain.set_aside(), "chain.set_aside", faults);
  }
  if (!AddsFields(profile) && chain.added_fields_size() > 0) {
    faults.Error("chain.added_fields", "expected none: this profile adds no fields of its own");
  } else if (chain.added_fields_size() > kMaxAddedFields) {
    faults.Error("chain.added_fields",
                 "at most 16, got " + std::to_string(chain.added_fields_size()));
  }
  if (!chain.base().empty()) CheckBase(chain.base(), profile, faults);
  if (chain.authority() != 0 && !ComparesText(profile.crossing)) {
    faults.Error("chain.authority", "expected none: this profile compares no authorities as text");
  }
}

void StartChain(const v1::HttpRequest& request, const http::Url& url, const Profile& profile,
                v1::Chain& chain) {
  const std::string_view href = url.get_href();
  chain.mutable_first_url()->assign(href);  // set_first_url() would make a temporary string first.
  chain.set_first_method(request.method());
  chain.set_profile(profile.id);
}

void AddVisit(const v1::HttpRequest& request, const http::Url& url,
              const v1::FollowOptions& options, v1::Chain& chain) {
  v1::Visit& visit = *chain.add_visited();
  const std::string_view href = http::WithoutFragment(url);
  visit.set_method(request.method());
  visit.mutable_url()->assign(href);
  visit.set_cookies(CookieFingerprint(request.headers(), options));
  chain.set_count(chain.count() + 1);
}

uint32_t CountVisits(const v1::Chain& chain, std::string_view url) {
  return static_cast<uint32_t>(
      std::count_if(chain.visited().begin(), chain.visited().end(),
                    [url](const v1::Visit& visit) { return visit.url() == url; }));
}

bool HasVisited(const v1::Chain& chain, std::string_view method, std::string_view url,
                uint64_t cookies) {
  return std::any_of(chain.visited().begin(), chain.visited().end(), [=](const v1::Visit& earlier) {
    return earlier.url() == url && earlier.method() == method && earlier.cookies() == cookies;
  });
}

bool WasAdded(const char* name, const v1::Chain& chain) {
  const auto& added = chain.added_fields();
  return std::find(added.begin(), added.end(), name) != added.end();
}

void RememberAdded(const char* name, v1::Chain& chain) {
  if (!WasAdded(name, chain) && chain.added_fields_size() < kMaxAddedFields)
    chain.add_added_fields(name);
}

void ForgetAdded(const char* name, v1::Chain& chain) {
  auto& added = *chain.mutable_added_fields();
  added.erase(std::remove(added.begin(), added.end(), name), added.end());
}

bool HadOneShot(const Profile& profile, const v1::Chain& chain) {
  return profile.one_shot == OneShot::kStopsEver &&
         http::FindField(chain.set_aside(), kFramedInChunks) != nullptr;
}

void RememberOneShot(const Profile& profile, v1::Chain& chain) {
  if (profile.one_shot != OneShot::kStopsEver || HadOneShot(profile, chain)) return;
  v1::Header& field = *chain.add_set_aside();
  field.set_name(kFramedInChunks);
  field.set_value("chunked");
}

uint64_t CookieFingerprint(const http::Headers& headers, const v1::FollowOptions& options) {
  uint64_t fingerprint = 0;
  for (const v1::Header& header : headers) {
    if (!http::EqualsIgnoreCase(header.name(), "Cookie")) continue;
    const std::string_view value =
        IsOpaque(header, options) ? std::string_view() : http::ValueOf(header);
    // Several fields form one list; the seed keeps their order.
    fingerprint = XXH64(value.data(), value.size(), fingerprint + 1) | 1;
  }
  return fingerprint;
}

bool ReturnsToOrigin(const v1::Chain& chain, const http::Url& to) {
  if (chain.visited_size() < 2) return false;
  const std::string origin = http::OriginOf(to) + '/';
  const auto visited = [&origin](const v1::Visit& visit) {
    return visit.url().starts_with(origin);
  };
  if (visited(*chain.visited().rbegin())) return false;
  return std::any_of(chain.visited().begin(), chain.visited().end(), visited);
}

}  // namespace fingerpost::follow
