#include "secrets.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

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

bool IsSecret(std::string_view name, const v1::FollowRequest& request) {
  // RFC 9110 §11.6.2 and §11.7.2.
  constexpr std::array<std::string_view, 2> kAlways = {"authorization", "proxy-authorization"};
  const auto same = [name](std::string_view secret) { return SameName(name, secret); };
  return std::ranges::any_of(kAlways, same) ||
         std::ranges::any_of(request.options().secret_fields(), same) ||
         (SameName(name, "cookie") && !KeepsCookies(request));
}

bool IsWithheld(const v1::Header& header) {
  return header.content_case() == v1::Header::CONTENT_NOT_SET;
}

}  // namespace

// What stands before the last "@" of the authority, where a URL parser looks for it (URL Standard,
// 4.4).
std::string WithoutUserinfo(std::string url) {
  const size_t scheme = url.find_first_of(":/\\?#");
  if (scheme == std::string::npos || url[scheme] != ':') return url;
  const size_t begin = std::min(url.find_first_not_of("/\\", scheme + 1), url.size());
  const size_t end = std::min(url.find_first_of("/\\?#", begin), url.size());
  const size_t at = std::string_view(url).substr(begin, end - begin).rfind('@');
  if (at == std::string_view::npos || at == 0) return url;
  return url.replace(begin, at, "-");
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
  for (const auto& change : answer.changes()) {
    const bool dropped = change.kind() == v1::CHANGE_KIND_FIELD_DROPPED;
    if (!dropped && change.kind() != v1::CHANGE_KIND_FIELD_REWRITTEN) continue;
    if (change.index() >= kept.size()) return Malformed("a change of a field that is none", error);
    if (dropped) kept[change.index()] = nullptr;
  }
  if (!answer.has_next()) return true;
  for (auto& header : *answer.mutable_next()->mutable_headers()) {
    if (!IsWithheld(header)) continue;
    const auto own = std::ranges::find_if(kept, [&header](const v1::Header* one) {
      return one != nullptr && SameName(one->name(), header.name());
    });
    if (own == kept.end()) continue;
    header = **own;
    *own = nullptr;
  }
  return true;
}

}  // namespace fingerpost
