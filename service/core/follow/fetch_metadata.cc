#include "core/follow/fetch_metadata.h"

#include "core/follow/cookie_jar.h"
#include "core/http/fields.h"
#include "core/http/hosts.h"

namespace fingerpost::follow {
namespace {

constexpr std::string_view kSite = "Sec-Fetch-Site";

// "Set the Sec-Fetch-Site header" for one more URL, which can only widen the value.
std::string_view Widen(std::string_view site, const http::Url& url, const http::Url& next,
                       const SiteRule& rule) {
  const bool same_origin = site == "same-origin";
  if (same_origin && http::SameOrigin(url, next)) return site;
  if (!same_origin && site != "same-site") return site;
  const bool has_site = !rule.needs_domain_for_metadata || HasRegistrableDomain(next);
  return has_site && SameSite(url, next) ? "same-site" : "cross-site";
}

// "Append the Fetch metadata headers": only to trustworthy URLs. The same holds for client hints.
bool IsForTrustworthy(std::string_view name) {
  return IsFetchMetadata(name) || http::StartsWithIgnoreCase(name, "Sec-CH-");
}

void TakeOff(const v1::HttpRequest& request, const http::Url& url, const http::Url& next,
             const Profile& profile, v1::Chain& chain, Changes& changes) {
  for (int i = 0; i < request.headers_size(); ++i) {
    const v1::Header& header = request.headers(i);
    if (changes.IsDropped(i) || !IsForTrustworthy(header.name())) continue;
    changes.Drop(i, v1::CHANGE_REASON_FETCH_METADATA);
    if (profile.fetch_metadata != FetchMetadata::kPutBack || !IsFetchMetadata(header.name()) ||
        chain.set_aside_size() >= http::kMaxHeaders) {
      continue;
    }
    v1::Header& aside = *chain.add_set_aside();
    aside = header;
    if (http::EqualsIgnoreCase(header.name(), kSite) && !http::IsWithheld(header))
      http::SetValue(aside, Widen(http::ValueOf(header), url, next, profile.site));
  }
}

void PutBack(v1::Chain& chain, Changes& changes) {
  http::Headers still;
  for (v1::Header& header : *chain.mutable_set_aside()) {
    if (IsFetchMetadata(header.name())) {
      changes.Add(header, v1::CHANGE_REASON_FETCH_METADATA);
    } else {
      *still.Add() = std::move(header);
    }
  }
  *chain.mutable_set_aside() = std::move(still);
}

}  // namespace

bool IsFetchMetadata(std::string_view field_name) {
  return http::StartsWithIgnoreCase(field_name, "Sec-Fetch-");
}

void WriteFetchMetadata(const v1::HttpRequest& request, const http::Url& url, const http::Url& next,
                        const Profile& profile, v1::Chain& chain, Changes& changes) {
  if (profile.fetch_metadata == FetchMetadata::kKeep) return;
  for (v1::Header& header : *chain.mutable_set_aside()) {
    if (http::EqualsIgnoreCase(header.name(), kSite) && !http::IsWithheld(header))
      http::SetValue(header, std::string(Widen(http::ValueOf(header), url, next, profile.site)));
  }
  if (!http::IsTrustworthy(next)) {
    TakeOff(request, url, next, profile, chain, changes);
    return;
  }
  for (int i = 0; i < request.headers_size(); ++i) {
    const v1::Header& header = request.headers(i);
    if (!http::EqualsIgnoreCase(header.name(), kSite) || http::IsWithheld(header)) continue;
    const std::string_view site = Widen(http::ValueOf(header), url, next, profile.site);
    if (site != http::ValueOf(header)) changes.Rewrite(i, site, v1::CHANGE_REASON_FETCH_METADATA);
  }
  if (profile.fetch_metadata == FetchMetadata::kPutBack) PutBack(chain, changes);
}

}  // namespace fingerpost::follow
