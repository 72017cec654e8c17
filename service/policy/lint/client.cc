#include "policy/lint/client.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "core/http/fields.h"
#include "core/http/percent_encoding.h"
#include "core/http/url.h"
#include "policy/lint/regex_sample.h"
#include "policy/lint/sample.h"

namespace fingerpost::policy::lint {
namespace {

// Keys that are tried for a share: one of 0.2 % is found almost always.
constexpr int kMostKeys = 2000;

// A value for which the condition holds; nullopt: that it is absent, or none is known.
std::optional<std::string> ValueFor(const compiled::ValueCondition& condition) {
  const v1::ValueMatch& match = condition.match();
  switch (match.test_case()) {
    case v1::ValueMatch::kEquals:
      return match.equals();
    case v1::ValueMatch::kPrefix:
      return match.prefix();
    case v1::ValueMatch::kRegex:
      return SampleOf(RE2(match.regex()), Optional::kThere);
    case v1::ValueMatch::kPresent:
      return match.present() ? std::optional<std::string>("1") : std::nullopt;
    case v1::ValueMatch::TEST_NOT_SET:
      break;
  }
  return "1";
}

struct Evidence {
  v1::ClientKind kind;
  const char* field;
  const char* value;
};
// One field that says it (http/client_kind.cc).
constexpr std::array<Evidence, 3> kEvidence = {{
    {v1::CLIENT_KIND_BROWSER, "Sec-Fetch-Mode", "navigate"},
    {v1::CLIENT_KIND_SCRIPT, "Sec-Fetch-Mode", "cors"},
    {v1::CLIENT_KIND_API, "Accept", "application/json"},
}};

// A key in the share, if one is found.
std::string KeyInShare(const compiled::Rule& rule) {
  for (int i = 0; i < kMostKeys; ++i) {
    std::string key = std::to_string(i);
    if (compiled::IsInShare(rule.id, key, rule.share_threshold)) return key;
  }
  return "0";
}

std::vector<std::string> SamplePaths(const compiled::Rule& rule, char letter) {
  const std::string any = std::string("/") + letter;
  using Path = compiled::Conditions::Path;
  switch (rule.path_kind) {
    case Path::kExact:
      return {rule.path};
    case Path::kPrefix:
      return {rule.path + any, rule.path.empty() ? "/" : rule.path};
    case Path::kAny:
      return {any, "/"};
    case Path::kPattern:
      break;
  }
  std::vector<std::string> paths;
  if (rule.pattern == nullptr) return paths;
  for (const Optional optional : {Optional::kThere, Optional::kLeftOut}) {
    auto path = SampleOf(*rule.pattern, optional, letter);
    const bool is_new = path && std::find(paths.begin(), paths.end(), *path) == paths.end();
    if (is_new && path->starts_with('/')) paths.push_back(*std::move(path));
  }
  return paths;
}

}  // namespace

void Client::Add(Values& values, const std::string& name, const std::string& value) {
  const bool has =
      std::any_of(values.begin(), values.end(), [&](const Value& it) { return it.name == name; });
  if (!has) values.push_back({name, value});
}

void Client::MeetAll(const std::vector<compiled::ValueCondition>& conditions, Values& values) {
  for (const compiled::ValueCondition& condition : conditions) {
    if (const auto value = ValueFor(condition)) Add(values, condition.name(), *value);
  }
}

void Client::Draw(const v1::StickyKey& key, const std::string& value) {
  if (key.has_cookie()) Add(cookies_, key.cookie(), value);
  if (key.has_field()) Add(fields_, key.field(), value);
}

void Client::Meet(const compiled::Rule& rule) {
  if (method_.empty() && !rule.methods.empty()) method_ = rule.methods.front();
  MeetAll(rule.query, query_);
  MeetAll(rule.fields, fields_);
  MeetAll(rule.cookies, cookies_);
  if (!rule.clients.empty()) {
    for (const Evidence& evidence : kEvidence) {
      if (evidence.kind == rule.clients.front()) Add(fields_, evidence.field, evidence.value);
    }
  }
  if (rule.languages && language_.empty()) language_ = rule.languages->prefers.front();
  if (rule.share) Draw(rule.share->sticky_key(), KeyInShare(rule));
}

Client::Values Client::Fields() const {
  Values fields = fields_;
  if (!language_.empty()) fields.push_back({"Accept-Language", language_});
  if (cookies_.empty()) return fields;
  std::string cookies;
  for (const Value& cookie : cookies_) {
    absl::StrAppend(&cookies, cookies.empty() ? "" : "; ", cookie.name, "=", cookie.value);
  }
  fields.push_back({"Cookie", std::move(cookies)});
  return fields;
}

v1::DecideRequest Client::Asks(const std::string& url,
                               const google::protobuf::Timestamp& now) const {
  v1::DecideRequest asked;
  v1::HttpRequest& request = *asked.mutable_request();
  request.set_method(method_.empty() ? "GET" : method_);
  std::string query;
  for (const Value& parameter : query_) {
    query += query.empty() && url.find('?') == url.npos ? '?' : '&';
    http::AppendEncoded(parameter.name, query);
    query += '=';
    http::AppendEncoded(parameter.value, query);
  }
  request.set_url(url + query);
  for (const Value& field : Fields()) {
    v1::Header& header = *request.add_headers();
    header.set_name(field.name);
    header.set_value(field.value);
  }
  *asked.mutable_now() = now;
  asked.set_draw(0);
  return asked;
}

std::string Client::Text() const {
  std::string sends;
  for (const Value& field : Fields()) {
    absl::StrAppend(&sends, sends.empty() ? "" : ", ", "\"", field.name, ": ", field.value, "\"");
  }
  for (const Value& parameter : query_) {
    absl::StrAppend(&sends, sends.empty() ? "" : ", ", "\"?", parameter.name, "=", parameter.value,
                    "\"");
  }
  return sends.empty() ? "" : ", for a client that sends " + sends;
}

std::vector<std::string> SampleUrls(const Walker& walker, const compiled::Rule& rule, char letter,
                                    size_t most_hosts) {
  std::vector<std::string> urls;
  const std::vector<std::string> paths = SamplePaths(rule, letter);
  std::vector<compiled::HostId> hosts = rule.hosts;
  if (hosts.empty()) {
    hosts = walker.with_settings();
    hosts.insert(hosts.begin(), compiled::kAnyHost);
  }
  hosts.resize(std::min(hosts.size(), most_hosts));
  for (const std::string& path : paths) {
    for (const compiled::HostId host : hosts) {
      urls.push_back("https://" + HostIn(walker.hosts()[host]) + path);
    }
  }
  return urls;
}

std::string HostIn(std::string_view pattern) {
  if (pattern.empty()) return std::string(kSampleHost);
  if (pattern.starts_with("*.")) pattern.remove_prefix(1);
  return pattern.starts_with('.') ? absl::StrCat("x", std::string(pattern)) : std::string(pattern);
}

std::string HostOf(const std::string& url) {
  const auto parsed = http::ParseUrl(url);
  return parsed ? std::string(parsed->get_hostname()) : "";
}

std::string SampleUrl(std::string_view host_pattern, const compiled::MapEntry& row) {
  std::string url = "https://" + HostIn(host_pattern);
  url += row.path;
  if (!row.query.empty()) url.append("?").append(row.query);
  return url;
}

}  // namespace fingerpost::policy::lint
