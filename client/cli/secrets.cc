#include "secrets.h"

#include <absl/strings/escaping.h>
#include <re2/re2.h>

#include <algorithm>

#include "core/follow/credentials.h"
#include "core/http/fields.h"

namespace fingerpost::cli {
namespace {

constexpr std::string_view kWithheld = "(withheld)";
constexpr std::string_view kSecretFields[] = {"Authorization", "Proxy-Authorization"};
constexpr std::string_view kUrlFields[] = {"Location", "Content-Location", "Referer", "Refresh"};

bool IsOneOf(std::string_view name, const auto& names) {
  return std::ranges::any_of(names,
                             [&](const auto& one) { return http::EqualsIgnoreCase(name, one); });
}

bool IsSecret(std::string_view name, const v1::FollowOptions& options) {
  return IsOneOf(name, kSecretFields) || IsOneOf(name, options.secret_fields());
}

std::string PercentDecode(std::string_view text) {
  return ada::unicode::percent_decode(text, text.find('%'));
}

void StripUserinfo(v1::HttpRequest& request) {
  auto url = http::ParseUrl(request.url());
  if (!url || !http::HasUserinfo(*url)) return;
  http::StripUserinfo(*url);
  request.set_url(std::string(url->get_href()));
}

// "sid=7f" -> "sid=(withheld)"; a cookie without a name is all value (RFC 6265bis §5.6).
std::string CookiePair(std::string_view pair) {
  return std::string(pair.substr(0, pair.find('=') + 1)).append(kWithheld);  // npos + 1 is 0
}

// "a=1; b=2" -> "a=(withheld); b=(withheld)"; of Set-Cookie the first pair only: the rest are
// attributes.
std::string CookieNames(std::string_view value, bool all) {
  std::string out;
  for (bool is_cookie = true; !value.empty(); is_cookie = all) {
    const size_t end = std::min(value.find(';'), value.size());
    const std::string_view part = http::TrimWhitespace(value.substr(0, end));
    value.remove_prefix(std::min(end + 1, value.size()));
    if (!out.empty()) out += "; ";
    out += is_cookie ? CookiePair(part) : std::string(part);
  }
  return out;
}

// The URL parser takes more than RFC 3986 does for an authority: any number of slashes of both
// kinds, with tabs and line breaks between them, or none after the scheme. A scheme may stand
// before another one ("blob:https:").
std::string WithoutUserinfo(std::string text) {
  static const RE2 kUserinfo(R"(((?:^|[\x00-\x20"'=;,])(?:[A-Za-z][-+.A-Za-z0-9\s]*:)*?)"
                             R"((?:[A-Za-z][-+.A-Za-z0-9\s]*:[\s/\\]*|\s*[/\\]\s*[/\\][\s/\\]*)))"
                             R"([^/\\?#]*@)");
  RE2::GlobalReplace(&text, kUserinfo, "\\1(withheld)@");
  return text;
}

void WithholdField(const v1::FollowOptions& options, v1::Header& header) {
  if (http::IsWithheld(header)) return;
  const std::string_view name = header.name();
  if (IsSecret(name, options)) {
    header.clear_content();
  } else if (http::EqualsIgnoreCase(name, "Cookie") || http::EqualsIgnoreCase(name, "Set-Cookie")) {
    http::SetValue(header,
                   CookieNames(http::ValueOf(header), http::EqualsIgnoreCase(name, "Cookie")));
  } else if (IsOneOf(name, kUrlFields)) {
    http::SetValue(header, WithoutUserinfo(std::string(http::ValueOf(header))));
  }
}

void WithholdFields(const v1::FollowOptions& options, http::Headers& headers) {
  for (v1::Header& header : headers) WithholdField(options, header);
}

}  // namespace

Secrets::Secrets(v1::HttpRequest& request, const std::string& user,
                 const v1::FollowOptions& options) {
  Authorize(request, user);
  for (auto& header : *request.mutable_headers()) {
    if (!IsSecret(header.name(), options)) continue;
    values_[http::ToLowerAscii(header.name())].push_back(header);
    header.clear_content();
  }
}

void Secrets::Authorize(v1::HttpRequest& request, const std::string& user) {
  const auto url = http::ParseUrl(request.url());
  if (!url) return;
  std::string credentials = user;
  if (http::HasUserinfo(*url)) {
    if (user.empty()) {
      credentials = PercentDecode(url->get_username()) + ":" + PercentDecode(url->get_password());
    }
    StripUserinfo(request);
  }
  if (credentials.empty() || http::FindField(request.headers(), "Authorization") != nullptr) return;
  v1::Header& header = *request.add_headers();
  header.set_name("Authorization");
  header.set_value("Basic " + absl::Base64Escape(credentials));
  userinfo_origin_ = *url;
}

v1::HttpRequest Secrets::PutBack(v1::HttpRequest request) const {
  absl::flat_hash_map<std::string, size_t> used;
  for (auto& header : *request.mutable_headers()) {
    if (!http::IsWithheld(header)) continue;
    const std::string name = http::ToLowerAscii(header.name());
    const auto found = values_.find(name);
    const size_t index = used[name]++;
    if (found != values_.end() && index < found->second.size()) header = found->second[index];
  }
  return request;
}

void Secrets::LeaveOrigin(v1::HttpRequest& next, const v1::FollowOptions& options) {
  const auto url = http::ParseUrl(next.url());
  if (!userinfo_origin_ || !url || http::SameOrigin(*userinfo_origin_, *url) ||
      follow::BothTrusted(options, *userinfo_origin_, *url)) {
    return;
  }
  auto& headers = *next.mutable_headers();
  const auto is_ours = [](const v1::Header& header) {
    return http::IsWithheld(header) && http::EqualsIgnoreCase(header.name(), "Authorization");
  };
  headers.erase(std::remove_if(headers.begin(), headers.end(), is_ours), headers.end());
}

std::string Shown(http::Url url) {
  http::StripUserinfo(url);
  return WithoutUserinfo(std::string(url.get_href()));
}

void Withhold(const v1::FollowOptions& options, v1::HttpRequest& request) {
  WithholdFields(options, *request.mutable_headers());
  StripUserinfo(request);
}

void Withhold(const v1::FollowOptions& options, v1::HttpResponse& response) {
  WithholdFields(options, *response.mutable_headers());
}

void Withhold(const v1::FollowOptions& options, v1::FollowResponse& follow) {
  if (follow.has_next()) Withhold(options, *follow.mutable_next());
  for (auto& change : *follow.mutable_changes()) {
    if (change.has_field()) WithholdField(options, *change.mutable_field());
  }
  WithholdFields(options, *follow.mutable_chain()->mutable_set_aside());
  for (auto& cookie : *follow.mutable_chain()->mutable_cookies()) cookie.clear_value();
  // A hash would confirm a right guess.
  for (auto& visit : *follow.mutable_chain()->mutable_visited()) visit.clear_cookies();
}

}  // namespace fingerpost::cli
