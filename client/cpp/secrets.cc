#include "secrets.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/escaping.h"
#include "ada.h"
#include "answers.h"

namespace fingerpost {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool SameName(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, Lower, Lower);
}

// The service needs Cookie's value only to join it with the cookies that it keeps.
bool KeepsCookies(const v1::FollowRequest& request) {
  return !request.chain().cookies().empty() ||
         std::ranges::any_of(request.response().headers(), [](const v1::Header& header) {
           return SameName(header.name(), "set-cookie");
         });
}

bool IsCredential(std::string_view name, const v1::FollowRequest& request) {
  // RFC 9110 §11.6.2 and §11.7.2.
  constexpr std::array<std::string_view, 2> kAlways = {"authorization", "proxy-authorization"};
  const auto same = [name](std::string_view secret) { return SameName(name, secret); };
  return std::ranges::any_of(kAlways, same) ||
         std::ranges::any_of(request.options().secret_fields(), same);
}

bool IsSecret(std::string_view name, const v1::FollowRequest& request) {
  return IsCredential(name, request) || (SameName(name, "cookie") && !KeepsCookies(request));
}

// Nothing: it cannot be told. "null" is no origin.
std::optional<std::string> OriginOf(std::string_view url) {
  const auto parsed = ada::parse<ada::url_aggregator>(url);
  const bool http = parsed && (parsed->type == ada::scheme::type::HTTP ||
                               parsed->type == ada::scheme::type::HTTPS);
  return http ? std::optional(parsed->get_origin()) : std::nullopt;
}

bool IsSameOrigin(std::string_view next, const v1::FollowRequest& request) {
  const auto from = OriginOf(request.request().url());
  return from && from == OriginOf(next);
}

// Whether the request's secrets may travel to `next`. The service does not decide this.
bool MayTakeSecretsTo(std::string_view next, const v1::FollowRequest& request) {
  const auto from = OriginOf(request.request().url());
  const auto to = OriginOf(next);
  if (!from || !to) return false;
  const auto& trusted = request.options().trusted_origins();
  const auto trusts = [&trusted](const auto& origin) {
    return std::ranges::any_of(trusted, [&](const auto& one) { return OriginOf(one) == origin; });
  };
  return from == to || (trusts(from) && trusts(to));
}

// A caller that names another client's profile wants to learn what that client would do.
bool IsOurProfile(v1::Profile profile) {
  return profile == v1::PROFILE_UNSPECIFIED || profile == v1::PROFILE_STRICT;
}

bool IsWithheld(const v1::Header& header) {
  return header.content_case() == v1::Header::CONTENT_NOT_SET;
}

// Everything before the last "@" of the authority, as a URL parser finds it (URL Standard,
// 4.4).
std::string_view UserinfoOf(std::string_view url) {
  const size_t scheme = url.find_first_of(":/\\?#");
  if (scheme == std::string_view::npos || url[scheme] != ':') return url.substr(0, 0);
  const size_t begin = std::min(url.find_first_not_of("/\\", scheme + 1), url.size());
  const size_t end = std::min(url.find_first_of("/\\?#", begin), url.size());
  const size_t at = url.substr(begin, end - begin).rfind('@');
  return url.substr(begin, at == std::string_view::npos ? 0 : at);
}

std::string PercentDecoded(std::string_view text) {
  std::string octets;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned octet = 0;
    const char* digits = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(digits, digits + 2, octet, 16).ptr == digits + 2) {
      octets += static_cast<char>(octet);
      i += 2;
    } else {
      octets += text[i];
    }
  }
  return octets;
}

// The Basic credentials that a client makes of its URL's userinfo (RFC 7617).
std::string BasicOf(std::string_view userinfo) {
  const size_t colon = std::min(userinfo.find(':'), userinfo.size());
  const std::string_view password = userinfo.substr(std::min(colon + 1, userinfo.size()));
  return "Basic " + absl::Base64Escape(PercentDecoded(userinfo.substr(0, colon)) + ':' +
                                       PercentDecoded(password));
}

// For userinfo that the service never saw, it adds a withheld field.
bool IsBasicOfUserinfo(const v1::Header& added) {
  return IsWithheld(added) && SameName(added.name(), "authorization");
}

}  // namespace

std::string WithoutUserinfo(std::string url) {
  const std::string_view userinfo = UserinfoOf(url);
  if (userinfo.empty()) return url;
  return url.replace(static_cast<size_t>(userinfo.data() - url.data()), userinfo.size(), "-");
}

v1::FollowRequest WithoutSecrets(const v1::FollowRequest& request) {
  v1::FollowRequest out = request;
  if (!request.has_request()) return out;
  out.mutable_request()->set_url(WithoutUserinfo(request.request().url()));
  for (auto& header : *out.mutable_request()->mutable_headers()) {
    if (!IsSecret(header.name(), request)) continue;
    header.clear_value();
    header.clear_raw_value();
  }
  return out;
}

bool PutSecretsBack(const v1::FollowRequest& request, v1::FollowResponse& answer,
                    v1::Error& error) {
  const auto& headers = request.request().headers();
  std::vector<const v1::Header*> kept;
  for (const auto& header : headers) kept.push_back(&header);
  const bool may_take = answer.has_next() && MayTakeSecretsTo(answer.next().url(), request);
  // No client takes its URL's userinfo to another origin, whatever its profile.
  const std::string_view userinfo = answer.has_next() && IsSameOrigin(answer.next().url(), request)
                                        ? UserinfoOf(request.request().url())
                                        : std::string_view();
  bool adds_basic = false;
  for (auto& change : *answer.mutable_changes()) {
    if (change.kind() == v1::CHANGE_KIND_FIELD_ADDED && IsBasicOfUserinfo(change.field()) &&
        !userinfo.empty()) {
      change.mutable_field()->set_value(BasicOf(userinfo));
      adds_basic = true;
    }
    const bool dropped = change.kind() == v1::CHANGE_KIND_FIELD_DROPPED;
    if (!dropped && change.kind() != v1::CHANGE_KIND_FIELD_REWRITTEN) continue;
    if (change.index() >= kept.size())
      return Malformed("a change of a field that does not exist", error);
    if (dropped || !IsWithheld(change.field())) kept[change.index()] = nullptr;
  }
  if (!answer.has_next()) return true;
  const auto secret = [&request](const v1::Header* one) {
    return one != nullptr &&
           (IsCredential(one->name(), request) || SameName(one->name(), "cookie"));
  };
  // Applying the changes would send the secret there, so the answer is malformed.
  if (IsOurProfile(request.options().profile()) && !may_take && std::ranges::any_of(kept, secret)) {
    return Malformed("a secret would leave the origin", error);
  }
  for (auto& header : *answer.mutable_next()->mutable_headers()) {
    if (!IsWithheld(header)) continue;
    const auto own = std::ranges::find_if(kept, [&header](const v1::Header* one) {
      return one != nullptr && SameName(one->name(), header.name());
    });
    if (own == kept.end()) {
      if (adds_basic && IsBasicOfUserinfo(header)) header.set_value(BasicOf(userinfo));
      continue;
    }
    header = **own;
    *own = nullptr;
  }
  return true;
}

}  // namespace fingerpost
