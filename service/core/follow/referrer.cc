#include "core/follow/referrer.h"

#include <algorithm>
#include <array>
#include <string>

#include "core/follow/credentials.h"
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

Tells WhatToTell(const http::Url& referrer, const http::Url& next, ReferrerPolicy policy) {
  const PolicyRow& row = kRows[static_cast<size_t>(policy)];
  if (http::SameOrigin(referrer, next)) return row.same_origin;
  return http::IsTrustworthy(referrer) && !http::IsTrustworthy(next) ? row.downgrade
                                                                     : row.cross_origin;
}

std::optional<http::Url> ParseReferer(const v1::Header& header, const RefererInput& in) {
  if (IsOpaque(header, in.request.options())) return std::nullopt;
  auto referrer = http::ParseUrl(http::ValueOf(header), &in.url);
  if (!referrer || !http::IsHttp(*referrer)) return std::nullopt;
  return referrer;
}

void TrimCallers(const RefererInput& in, Changes& changes) {
  const http::Headers& headers = in.request.request().headers();
  for (int i = 0; i < headers.size(); ++i) {
    if (!http::EqualsIgnoreCase(headers[i].name(), "Referer")) continue;
    const auto referrer = ParseReferer(headers[i], in);
    const std::string trimmed =
        referrer
            ? TrimReferrer(*referrer, in.next, ReadReferrerPolicy(in.request.response().headers()))
            : std::string();
    if (trimmed.empty()) {
      changes.Drop(i, v1::CHANGE_REASON_REFERRER_POLICY);
    } else {
      changes.Rewrite(i, trimmed, v1::CHANGE_REASON_REFERRER_POLICY);
    }
  }
}

// The request's URL as the next Referer; empty: none.
std::string PreviousUrl(const RefererInput& in, const RefererRule& rule) {
  const bool downgrade = http::IsHttps(in.url) && !http::IsHttps(in.next);
  const bool other_scheme = in.url.get_protocol() != in.next.get_protocol();
  if ((rule.not_on_downgrade && downgrade) || (rule.same_scheme_only && other_scheme)) return {};
  http::Url previous = in.url;
  if (!rule.keeps_fragment) previous.set_hash("");
  return std::string(previous.get_href());
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

ReferrerPolicy ReadReferrerPolicy(const http::Headers& headers) {
  auto policy = ReferrerPolicy::kStrictOriginWhenCrossOrigin;
  for (const v1::Header& header : headers) {
    if (!http::EqualsIgnoreCase(header.name(), "Referrer-Policy")) continue;
    std::string_view rest = http::ValueOf(header);
    while (!rest.empty()) {
      const size_t comma = std::min(rest.find(','), rest.size());
      const std::string_view token = http::TrimWhitespace(rest.substr(0, comma));
      for (const PolicyName& known : kPolicies) {
        if (http::EqualsIgnoreCase(known.name, token)) policy = known.policy;
      }
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return policy;
}

std::string TrimReferrer(http::Url referrer, const http::Url& next, ReferrerPolicy policy) {
  const Tells tells = WhatToTell(referrer, next, policy);
  if (tells == Tells::kNothing) return {};
  http::StripUserinfo(referrer);
  referrer.set_hash("");
  if (tells == Tells::kOrigin || referrer.get_href().size() > kMaxReferrer)
    return http::OriginOf(referrer) + '/';
  return std::string(referrer.get_href());
}

bool WriteReferer(const RefererInput& in, const RefererRule& rule, Changes& changes) {
  if (rule.by_policy) TrimCallers(in, changes);
  if (!rule.previous_url) return false;
  const http::Headers& headers = in.request.request().headers();
  const auto& added = in.request.chain().added_fields();
  const bool callers = std::none_of(added.begin(), added.end(), [](const std::string& name) {
    return http::EqualsIgnoreCase(name, "Referer");
  });
  const std::string previous = PreviousUrl(in, rule);
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

bool WriteOrigin(const RefererInput& in, OriginField rule, Changes& changes) {
  if (rule == OriginField::kComputed) return ComputeOrigin(in, changes);
  bool tainted = in.request.chain().origin_tainted();
  if (rule == OriginField::kKeep || (!in.crosses && !tainted)) return tainted;
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
    tainted = tainted || rule == OriginField::kNullAcross || !is_own;
    if (tainted) changes.Rewrite(i, "null", v1::CHANGE_REASON_TAINTED_ORIGIN);
  }
  return tainted;
}

}  // namespace fingerpost::follow
