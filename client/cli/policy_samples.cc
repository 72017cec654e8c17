#include "policy_samples.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <string_view>

#include "policy/lint/sample.h"

namespace fingerpost::cli {
namespace {

using Visitor = absl::FunctionRef<void(const v1::HttpRequest&)>;

// A value that the condition holds for; "" where none is known.
std::string ValueFor(const v1::ValueMatch& value) {
  switch (value.test_case()) {
    case v1::ValueMatch::kEquals:
      return value.equals();
    case v1::ValueMatch::kPrefix:
      return value.prefix();
    case v1::ValueMatch::kPresent:
      return value.present() ? "x" : "";
    case v1::ValueMatch::kRegex:
      // Most are a word or several: "de|at".
      return value.regex().substr(0, value.regex().find('|'));
    case v1::ValueMatch::TEST_NOT_SET:
      break;
  }
  return "x";
}

// "a b" -> "a%20b"
std::string FormEncoded(std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      out += c;
    } else {
      out.append({'%', kHex[octet >> 4], kHex[octet & 0xF]});
    }
  }
  return out;
}

void AddField(v1::HttpRequest& request, const std::string& name, const std::string& value) {
  v1::Header& header = *request.add_headers();
  header.set_name(name);
  header.set_value(value);
}

// The same request for neighbours of the path, with GET and POST, and over http.
void VisitAround(v1::HttpRequest request, const std::string& url, bool any_method, Visitor visit) {
  const size_t end = std::min(url.find('?'), url.size());
  const std::string path = url.substr(0, end);
  const std::string query = url.substr(end);
  const auto ask = [&](const std::string& other) {
    request.set_url(other);
    visit(request);
  };
  ask(url);
  ask(path.ends_with('/') ? path + "x" + query : path + "/" + query);
  ask(absl::StrCat(path, query, query.empty() ? "?" : "&", "x=1"));
  ask("http" + url.substr(std::string_view("https").size()));
  if (!any_method) return;
  request.set_method("POST");
  ask(url);
}

void SetConditions(const v1::Match& match, v1::HttpRequest& request, std::string& query) {
  for (const v1::ValueMatch& value : match.query()) {
    if (value.has_present() && !value.present()) continue;
    absl::StrAppend(&query, query.empty() ? "?" : "&", FormEncoded(value.name()), "=",
                    FormEncoded(ValueFor(value)));
  }
  for (const v1::ValueMatch& value : match.fields()) {
    if (!value.has_present() || value.present()) AddField(request, value.name(), ValueFor(value));
  }
  std::string cookies;
  for (const v1::ValueMatch& value : match.cookies()) {
    if (value.has_present() && !value.present()) continue;
    absl::StrAppend(&cookies, cookies.empty() ? "" : "; ", value.name(), "=", ValueFor(value));
  }
  if (!cookies.empty()) AddField(request, "Cookie", cookies);
  if (match.has_accept_language()) {
    AddField(request, "Accept-Language", match.accept_language().prefers(0));
  }
}

}  // namespace

size_t VisitSamples(const v1::Policy& policy, const policy::compiled::Snapshot& snapshot,
                    const std::string& host, Visitor visit) {
  size_t without = 0;
  for (const v1::Rule& rule : policy.rules()) {
    v1::Match match = rule.match();
    if (match.hosts().empty()) match.add_hosts(host);
    const std::string url = policy::lint::SampleUrl(match);
    if (url.empty()) {
      ++without;
      continue;
    }
    v1::HttpRequest request;
    request.set_method(match.methods().empty() ? "GET" : match.methods(0));
    std::string query;
    SetConditions(match, request, query);
    VisitAround(request, url + query, match.methods().empty(), visit);
    if (match.has_path_prefix()) {
      VisitAround(request, url.substr(0, url.rfind('/')) + query, match.methods().empty(), visit);
    }
  }
  const std::vector<std::string_view> hosts = snapshot.hosts.Patterns();
  snapshot.rules.maps().ForEach([&](const policy::compiled::MapEntry& row) {
    const std::string own =
        row.host == policy::compiled::kAnyHost ? host : std::string(hosts[row.host]);
    v1::HttpRequest request;
    request.set_method("GET");
    const std::string url =
        absl::StrCat("https://", own.starts_with('.') ? "x" : "", own, std::string(row.path),
                     row.query.empty() ? "" : "?", std::string(row.query));
    VisitAround(request, url, true, visit);
  });
  return without;
}

}  // namespace fingerpost::cli
