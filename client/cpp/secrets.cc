#include "secrets.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "answers.h"

namespace fingerpost {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool SameName(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, Lower, Lower);
}

bool IsSecret(std::string_view name, const v1::FollowOptions& options) {
  // RFC 9110 §11.6.2 and §11.7.2.
  constexpr std::array<std::string_view, 2> kAlways = {"authorization", "proxy-authorization"};
  const auto same = [name](std::string_view secret) { return SameName(name, secret); };
  return std::ranges::any_of(kAlways, same) || std::ranges::any_of(options.secret_fields(), same);
}

bool IsWithheld(const v1::Header& header) {
  return header.content_case() == v1::Header::CONTENT_NOT_SET;
}

}  // namespace

v1::FollowRequest WithoutSecrets(const v1::FollowRequest& request) {
  v1::FollowRequest out = request;
  if (!request.has_request()) return out;
  for (auto& header : *out.mutable_request()->mutable_headers()) {
    if (!IsSecret(header.name(), request.options())) continue;
    header.clear_value();
    header.clear_raw_value();
  }
  return out;
}

bool PutSecretsBack(const v1::FollowRequest& request, v1::FollowResponse& answer,
                    v1::Error& error) {
  if (!answer.has_next()) return true;
  const auto& headers = request.request().headers();
  std::vector<std::optional<v1::Header>> kept(headers.begin(), headers.end());
  std::vector<v1::Header> added;
  for (const auto& change : answer.changes()) {
    if (change.kind() == v1::CHANGE_KIND_FIELD_ADDED) added.push_back(change.field());
    const bool dropped = change.kind() == v1::CHANGE_KIND_FIELD_DROPPED;
    if (!dropped && change.kind() != v1::CHANGE_KIND_FIELD_REWRITTEN) continue;
    if (change.index() >= kept.size()) return Malformed("a change of a field that is none", error);
    auto& field = kept[change.index()];
    if (dropped) {
      field.reset();
    } else if (!IsWithheld(change.field())) {
      field = change.field();
    }
  }
  std::vector<v1::Header> next;
  for (const auto& field : kept) {
    if (field) next.push_back(*field);
  }
  next.insert(next.end(), added.begin(), added.end());
  auto& given = *answer.mutable_next()->mutable_headers();
  if (!std::ranges::equal(given, next, SameName, &v1::Header::name, &v1::Header::name)) {
    return Malformed("the changes do not lead to the next request", error);
  }
  for (int i = 0; i < given.size(); ++i) given[i] = next[static_cast<size_t>(i)];
  return true;
}

}  // namespace fingerpost
