#include "core/follow/referrer.h"

#include <algorithm>
#include <array>
#include <string>

#include "core/follow/cookie_jar.h"
#include "core/follow/credentials.h"
#include "core/follow/spelling.h"
#include "core/http/hosts.h"

namespace fingerpost::follow {
namespace {

constexpr size_t kMaxReferrer =
    4096;  // Referrer Policy §8.3: a longer one is reduced to its origin.

struct PolicyName {
  std::string_view name;
  ReferrerPolicy policy;
};
constexpr std::array<PolicyName, 8> kPolicies = {{
    {"no-referrer", ReferrerPolicy::kNoReferrer},
    {"no-referrer-when-downgrade", ReferrerPolicy::kNoReferrerWhenDowngrade},
    {"same-origin", ReferrerPolicy::kSameOrigin},
    {"origin", ReferrerPolicy::kOrigin},
    {"strict-origin", ReferrerPolicy::kStrictOrigin},
    {"origin-when-cross-origin", ReferrerPolicy::kOriginWhenCrossOrigin},
    {"strict-origin-when-cross-origin", ReferrerPolicy::kStrictOriginWhenCrossOrigin},
    {"unsafe-url", ReferrerPolicy::kUnsafeUrl},
}};

// What a policy reveals.
enum class Tells { kNothing, kOrigin, kUrl };
struct PolicyRow {
  ReferrerPolicy policy;
  Tells same_origin;
  Tells cross_origin;
  Tells downgrade;  // From https to a URL that is not.
};
constexpr std::array<PolicyRow, 8> kRows = {{
    {ReferrerPolicy::kNoReferrer, Tells::kNothing, Tells::kNothing, Tells::kNothing},
    {ReferrerPolicy::kNoReferrerWhenDowngrade, Tells::kUrl, Tells::kUrl, Tells::kNothing},
    {ReferrerPolicy::kSameOrigin, Tells::kUrl, Tells::kNothing, Tells::kNothing},
    {ReferrerPolicy::kOrigin, Tells::kOrigin, Tells::kOrigin, Tells::kOrigin},
    {ReferrerPolicy::kStrictOrigin, Tells::kOrigin, Tells::kOrigin, Tells::kNothing},
    {ReferrerPolicy::kOriginWhenCrossOrigin, Tells::kUrl, Tells::kOrigin, Tells::kOrigin},
    {ReferrerPolicy::kStrictOriginWhenCrossOrigin, Tells::kUrl, Tells::kOrigin, Tells::kNothing},
    {ReferrerPolicy::kUnsafeUrl, Tells::kUrl, Tells::kUrl, Tells::kUrl},
}};

// Whether it may tell another origin more than the default policy.
bool Relaxes(ReferrerPolicy policy) {
  return policy == ReferrerPolicy::kUnsafeUrl ||
         policy == ReferrerPolicy::kNoReferrerWhenDowngrade ||
         policy == ReferrerPolicy::kOriginWhenCrossOrigin;
}

bool Downgrades(const http::Url& referrer, const http::Url& next, const RefererRule& rule) {
  if (rule.downgrade_by_scheme) return http::IsHttps(referrer) && !http::IsHttps(next);
  return http::IsTrustworthy(referrer) && !http::IsTrustworthy(next);
}

Tells WhatToTell(const http::Url& referrer, const http::Url& next, ReferrerPolicy policy,
                 const RefererRule& rule) {
  if (Relaxes(policy) && rule.no_relaxing_across_sites && !SchemelesslySameSite(referrer, next))
    policy = ReferrerPolicy::kStrictOriginWhenCrossOrigin;
  const PolicyRow& row = kRows[static_cast<size_t>(policy)];
  if (http::SameOrigin(referrer, next)) return row.same_origin;
  return Downgrades(referrer, next, rule) ? row.downgrade : row.cross_origin;
}

std::optional<http::Url> ParseReferer(const v1::Header& header, const v1::FollowRequest& question,
                                      const http::Url& url) {
  if (IsOpaque(header, question.options())) return std::nullopt;
  auto referrer = http::ParseUrl(http::ValueOf(header), &url);
  if (!referrer || !http::IsHttp(*referrer)) return std::nullopt;
  return referrer;
}

bool IsReferer(const v1::Header& header) {
  return http::EqualsIgnoreCase(header.name(), "Referer");
}

std::string Trimmed(const v1::Header& header, const RefererInput& in, const RefererRule& rule) {
  const auto referrer = ParseReferer(header, in.request, in.url);
  return referrer ? TrimReferrer(*referrer, in.next, in.policy, rule) : std::string();
}

void TrimCallers(const RefererInput& in, const RefererRule& rule, Changes& changes) {
  const http::Headers& headers = in.request.request().headers();
  for (int i = 0; i < headers.size(); ++i) {
    if (!IsReferer(headers[i])) continue;
    const std::string trimmed = Trimmed(headers[i], in, rule);
    if (trimmed.empty()) {
      changes.Drop(i, v1::CHANGE_REASON_REFERRER_POLICY);
    } else {
      changes.Rewrite(i, trimmed, v1::CHANGE_REASON_REFERRER_POLICY);
    }
  }
}

// Whether the last hop has ignored the chain's policy, so that the first Referer is trimmed anew.
bool IsTrimmedAnew(const v1::Header& first, const RefererInput& in) {
  const auto referrer = ParseReferer(first, in.request, in.url);
  return referrer && Relaxes(ReferrerPolicyOf(in.request.chain())) &&
         !SchemelesslySameSite(*referrer, in.url);
}

// Trims as TrimCallers. The chain sets the first request's Referer aside as soon as it is trimmed.
void TrimFirst(const RefererInput& in, const RefererRule& rule, v1::Chain& chain,
               Changes& changes) {
  const http::Headers& headers = in.request.request().headers();
  http::Headers& aside = *chain.mutable_set_aside();
  const auto first = std::find_if(aside.begin(), aside.end(), IsReferer);
  if (first == aside.end()) {
    const auto sent = std::find_if(headers.begin(), headers.end(), IsReferer);
    if (sent != headers.end() && ParseReferer(*sent, in.request, in.url) &&
        Trimmed(*sent, in, rule) != http::ValueOf(*sent) && aside.size() < http::kMaxHeaders)
      *aside.Add() = *sent;
    return TrimCallers(in, rule, changes);
  }
  if (!IsTrimmedAnew(*first, in)) return TrimCallers(in, rule, changes);
  const std::string trimmed = Trimmed(*first, in, rule);
  bool there = false;
  for (int i = 0; i < headers.size(); ++i) {
    if (!IsReferer(headers[i])) continue;
    if (trimmed.empty() || there) {
      changes.Drop(i, v1::CHANGE_REASON_REFERRER_POLICY);
    } else {
      changes.Rewrite(i, trimmed, v1::CHANGE_REASON_REFERRER_POLICY);
      there = true;
    }
  }
  if (!there && !trimmed.empty())
    changes.Add("Referer", trimmed, v1::CHANGE_REASON_REFERRER_POLICY);
}

// Whether the policy withholds Origin from the next URL (Fetch, "append a request `Origin` header",
// for other modes than cors).
bool IsOriginSecret(const std::optional<http::Url>& origin, const RefererInput& in,
                    const RefererRule& rule) {
  return origin && WhatToTell(*origin, in.next, in.policy, rule) == Tells::kNothing;
}

// "http://A.test:80" of "http://u@A.test:80/x", which was read as `url`, in the client's writing.
std::string WrittenOrigin(std::string_view text, const http::Url& url, RefererAuthority rule) {
  std::string_view written = text.substr(std::min(text.find("//"), text.size()));
  written.remove_prefix(std::min<size_t>(2, written.size()));
  written = written.substr(0, written.find_first_of("/?#"));
  written.remove_prefix(written.rfind('@') + 1);  // npos + 1 is 0.
  const size_t end = std::min(url.get_hostname().size(), written.size());
  const std::string_view host = written.substr(0, end);
  std::string_view port = written.substr(end);
  if (!http::EqualsIgnoreCase(host, url.get_hostname()) || (!port.empty() && port.front() != ':'))
    return http::OriginOf(url);
  std::string origin(url.get_protocol());
  origin.append("//").append(host);
  if (rule == RefererAuthority::kAsWritten) return origin.append(port);
  port.remove_prefix(std::min(port.find_first_not_of(":0"), port.size()));
  return port.empty() ? origin : origin.append(":").append(port);
}

// "http://[::1]" of "http://[::1%25lo]", which no URL has.
std::string WithoutZone(std::string origin) {
  const size_t zone = origin.find("%25");
  if (zone != origin.npos) origin.erase(zone, origin.find(']', zone) - zone);
  return origin;
}

// The origin of the request's URL in the client's writing. The chain remembers it, because that URL
// is Follow's own.
std::string WrittenOrigin(const RefererInput& in, RefererAuthority rule) {
  const v1::FollowRequest& question = in.request;
  if (rule == RefererAuthority::kUrlStandard) return http::OriginOf(in.url);
  if (question.chain().count() == 0) return WrittenOrigin(question.request().url(), in.url, rule);
  const auto& aside = question.chain().set_aside();
  const auto written = std::find_if(aside.begin(), aside.end(), IsReferer);
  const auto origin = written == aside.end()
                          ? std::nullopt
                          : http::ParseUrl(WithoutZone(std::string(http::ValueOf(*written))));
  return origin && http::SameOrigin(*origin, in.url) ? std::string(http::ValueOf(*written))
                                                     : http::OriginOf(in.url);
}

// Remembers the same of the next URL, if it is not the URL Standard's writing.
void RememberOrigin(const RefererInput& in, RefererAuthority rule, std::string origin,
                    v1::Chain& chain) {
  if (rule == RefererAuthority::kUrlStandard) return;
  if (NamesAuthority(in.reference)) origin = WrittenOrigin(in.reference, in.next, rule);
  if (const size_t end = origin.find(']'); !in.zone.empty() && end != origin.npos)
    origin.insert(end, "%25" + std::string(in.zone));
  http::Headers& aside = *chain.mutable_set_aside();
  aside.erase(std::remove_if(aside.begin(), aside.end(), IsReferer), aside.end());
  if (origin == http::OriginOf(in.next)) return;
  v1::Header& written = *aside.Add();
  written.set_name("Referer");
  written.set_value(std::move(origin));
}

// The request's URL as the next Referer; empty: none.
std::string PreviousUrl(const RefererInput& in, const RefererRule& rule,
                        const std::string& origin) {
  const bool downgrade = http::IsHttps(in.url) && !http::IsHttps(in.next);
  const bool other_scheme = in.url.get_protocol() != in.next.get_protocol();
  if ((rule.not_on_downgrade && downgrade) || (rule.same_scheme_only && other_scheme)) return {};
  if (rule.origin_across && in.crosses) return http::OriginOf(in.url) + '/';
  std::string previous = SpelledUrl(in.request.request().url(), in.url, in.location);
  if (!rule.keeps_fragment) previous.resize(std::min(previous.find('#'), previous.size()));
  return previous.replace(0, http::UpToPath(in.url).size(), origin);
}

// Fetch, "append a request `Origin` header", in mode cors: for another origin, ever after one, and
// with every method except GET and HEAD. A request without the field comes from its own origin.
bool ComputeOrigin(const RefererInput& in, Changes& changes) {
  const http::Headers& headers = in.request.request().headers();
  const v1::Header* sent = nullptr;
  for (int i = 0; i < headers.size(); ++i) {
    if (http::EqualsIgnoreCase(headers[i].name(), "Origin") && !changes.IsDropped(i))
      sent = &headers[i];
  }
  std::optional<http::Url> page;
  if (sent == nullptr) {
    const std::string& first = in.request.chain().first_url();
    page = first.empty() ? in.url : http::ParseUrl(first);
  } else if (!IsOpaque(*sent, in.request.options())) {
    page = http::ParseUrl(http::ValueOf(*sent));
  }
  const bool tainted = in.request.chain().origin_tainted() || !page ||
                       (in.crosses && !http::SameOrigin(*page, in.url));
  const bool safe = changes.method() == "GET" || changes.method() == "HEAD";
  const bool cors =
      tainted || !http::SameOrigin(*page, in.url) || !http::SameOrigin(*page, in.next);
  const std::string value = tainted ? "null" : http::OriginOf(*page);
  for (int i = 0; i < headers.size(); ++i) {
    if (!http::EqualsIgnoreCase(headers[i].name(), "Origin") || changes.IsDropped(i)) continue;
    if (safe && !cors) {
      changes.Drop(i, v1::CHANGE_REASON_CONTENT_DROPPED);
    } else if (tainted) {
      changes.Rewrite(i, value, v1::CHANGE_REASON_TAINTED_ORIGIN);
    }
  }
  if (sent == nullptr && (!safe || cors))
    changes.Add("Origin", value, v1::CHANGE_REASON_ORIGIN_CHANGED);
  return tainted;
}

}  // namespace

std::optional<ReferrerPolicy> FindReferrerPolicy(std::string_view name) {
  for (const PolicyName& known : kPolicies) {
    if (http::EqualsIgnoreCase(known.name, name)) return known.policy;
  }
  return std::nullopt;
}

ReferrerPolicy ReferrerPolicyOf(const v1::Chain& chain) {
  return FindReferrerPolicy(chain.referrer_policy())
      .value_or(ReferrerPolicy::kStrictOriginWhenCrossOrigin);
}

void RememberReferrerPolicy(const http::Headers& headers, v1::Chain& chain) {
  std::string_view last;
  for (const v1::Header& header : headers) {
    if (!http::EqualsIgnoreCase(header.name(), "Referrer-Policy")) continue;
    std::string_view rest = http::ValueOf(header);
    while (!rest.empty()) {
      const size_t comma = std::min(rest.find(','), rest.size());
      const std::string_view token = http::TrimWhitespace(rest.substr(0, comma));
      if (FindReferrerPolicy(token)) last = token;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  if (!last.empty()) chain.set_referrer_policy(http::ToLowerAscii(last));
}

std::string TrimReferrer(http::Url referrer, const http::Url& next, ReferrerPolicy policy,
                         const RefererRule& rule) {
  const Tells tells = WhatToTell(referrer, next, policy, rule);
  if (tells == Tells::kNothing) return {};
  http::StripUserinfo(referrer);
  referrer.set_hash("");
  if (tells == Tells::kOrigin || referrer.get_href().size() > kMaxReferrer)
    return http::OriginOf(referrer) + '/';
  return std::string(referrer.get_href());
}

std::optional<http::Url> FindReferrer(const v1::FollowRequest& question, const http::Url& url) {
  const http::Headers& headers = question.request().headers();
  const auto sent = std::find_if(headers.begin(), headers.end(), IsReferer);
  return sent == headers.end() ? std::nullopt : ParseReferer(*sent, question, url);
}

bool IsForReferer(const v1::Header& header, const Profile& profile) {
  const RefererRule& rule = profile.referer;
  return IsReferer(header) &&
         (rule.no_relaxing_across_sites || rule.authority != RefererAuthority::kUrlStandard);
}

bool WriteReferer(const RefererInput& in, const RefererRule& rule, v1::Chain& chain,
                  Changes& changes) {
  if (rule.no_relaxing_across_sites) {
    TrimFirst(in, rule, chain, changes);
  } else if (rule.by_policy) {
    TrimCallers(in, rule, changes);
  }
  if (!rule.previous_url) return false;
  const http::Headers& headers = in.request.request().headers();
  const auto& added = in.request.chain().added_fields();
  const bool callers = std::none_of(added.begin(), added.end(), [](const std::string& name) {
    return http::EqualsIgnoreCase(name, "Referer");
  });
  const std::string origin = WrittenOrigin(in, rule.authority);
  RememberOrigin(in, rule.authority, origin, chain);
  const std::string previous = PreviousUrl(in, rule, origin);
  if (previous.empty() && callers) return false;
  bool there = false;
  for (int i = 0; i < headers.size(); ++i) {
    if (!http::EqualsIgnoreCase(headers[i].name(), "Referer") || changes.IsDropped(i)) continue;
    if (rule.caller_wins && callers) return false;
    if (previous.empty() || there) {
      changes.Drop(i, v1::CHANGE_REASON_CLIENT_HABIT);
    } else {
      changes.Rewrite(i, previous, v1::CHANGE_REASON_CLIENT_HABIT);
      there = true;
    }
  }
  if (there || previous.empty()) return there;
  changes.Add("Referer", previous, v1::CHANGE_REASON_CLIENT_HABIT);
  return true;
}

bool WriteOrigin(const RefererInput& in, const Profile& profile, Changes& changes) {
  const OriginField rule = profile.origin;
  if (rule == OriginField::kComputed) return ComputeOrigin(in, changes);
  bool tainted = in.request.chain().origin_tainted();
  if (rule == OriginField::kKeep || (!in.crosses && !tainted && !profile.origin_by_policy))
    return tainted;
  const http::Headers& headers = in.request.request().headers();
  for (int i = 0; i < headers.size(); ++i) {
    if (!http::EqualsIgnoreCase(headers[i].name(), "Origin") || changes.IsDropped(i)) continue;
    // If the hop leaves the request's own origin, Origin remains trustworthy (Fetch,
    // "redirect-taint").
    const auto origin = IsOpaque(headers[i], in.request.options())
                            ? std::nullopt
                            : http::ParseUrl(http::ValueOf(headers[i]));
    // A field with more than an origin is not an origin, and is not passed on.
    const bool is_own = origin && http::SameOrigin(*origin, in.url) &&
                        http::EqualsIgnoreCase(http::OriginOf(*origin), http::ValueOf(headers[i]));
    tainted = tainted || (in.crosses && (rule == OriginField::kNullAcross || !is_own)) ||
              (profile.origin_by_policy && IsOriginSecret(origin, in, profile.referer));
    if (tainted) changes.Rewrite(i, "null", v1::CHANGE_REASON_TAINTED_ORIGIN);
  }
  return tainted;
}

}  // namespace fingerpost::follow
