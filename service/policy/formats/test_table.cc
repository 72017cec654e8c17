#include "policy/formats/test_table.h"

#include <absl/container/btree_map.h>
#include <absl/strings/str_replace.h>
#include <re2/re2.h>

#include <optional>
#include <string_view>

#include "core/http/percent_encoding.h"
#include "core/http/url.h"
#include "policy/compiled/path.h"
#include "policy/formats/cat.h"
#include "policy/formats/reach.h"
#include "policy/formats/spelling.h"
#include "policy/formats/yaml_text.h"

namespace fingerpost::policy::formats {
namespace {

constexpr std::string_view kRest = "/deeper/page";

// A path and what a target's placeholders stand for there.
struct Sample {
  std::string path;
  absl::btree_map<std::string, std::string> captures;
};

// A text that the pattern may match: the shortest choice for each operator that people write.
std::string Guess(std::string_view pattern) {
  std::string text(pattern);
  RE2::GlobalReplace(&text, R"(\(\?i\)|\^|\$)", "");
  RE2::GlobalReplace(&text, R"(\\Q|\\E)", "");
  RE2::GlobalReplace(&text, R"(\(\?P<\w+>|\(\?:)", "(");
  RE2::GlobalReplace(&text, R"(\[\^[^\]]*\][+*]|\\w[+*]|\.[+*]|\[[A-Za-z_./\\-]*[a-z][^\]]*\][+*])",
                     "page");
  RE2::GlobalReplace(&text, R"((\\d|\[0-9\])(\{\d+(,\d*)?\}|[+*])?)", "7");
  RE2::GlobalReplace(&text, R"(\[([A-Za-z0-9])[^\]]*\])", "\\1");
  // Innermost groups first: of each its first alternative.
  for (int groups = 0; groups < 64; ++groups) {
    if (!RE2::Replace(&text, R"(\(([^()|]*)(\|[^()]*)?\)[?*+]?)", "\\1")) break;
  }
  RE2::GlobalReplace(&text, R"(([^\\])[?*])", "\\1");
  RE2::GlobalReplace(&text, R"(\\(.))", "\\1");
  return text;
}

std::optional<Sample> SamplePattern(const std::string& pattern) {
  const RE2 regex(pattern, RE2::Quiet);
  if (!regex.ok()) return std::nullopt;
  const std::optional<std::string> path = compiled::ParsePath(Guess(pattern));
  const int groups = regex.NumberOfCapturingGroups();
  std::vector<re2::StringPiece> values(static_cast<size_t>(groups) + 1);
  if (!path || !regex.Match(*path, 0, path->size(), RE2::ANCHOR_BOTH, values.data(), groups + 1)) {
    return std::nullopt;
  }
  Sample sample{*path, {}};
  for (int i = 1; i <= groups; ++i) {
    const auto name = regex.CapturingGroupNames().find(i);
    sample.captures[name == regex.CapturingGroupNames().end() ? Cat(i) : name->second] =
        std::string(values[static_cast<size_t>(i)]);
  }
  return sample;
}

std::optional<Sample> SampleOf(const Redirect& redirect) {
  if (redirect.source == Source::kExact) return Sample{redirect.path, {}};
  if (redirect.source == Source::kPattern) return SamplePattern(redirect.path);
  const std::string root = redirect.path == "/" ? "" : redirect.path;
  return Sample{Cat(root, kRest), {{"rest", std::string(kRest)}}};
}

// A query and fields that fulfil the conditions; nullopt where that is a guess.
struct Evidence {
  std::string query;
  std::string cookies;
  std::string fields;
  std::string method = "GET";
};
std::optional<std::string> ValueFor(const v1::ValueMatch& value) {
  if (value.has_equals()) return value.equals();
  if (value.has_prefix()) return value.prefix();
  if (value.has_regex())
    return SamplePattern("/" + value.regex())
               ? std::optional(SamplePattern("/" + value.regex())->path.substr(1))
               : std::nullopt;
  return "1";
}
bool IsAbsent(const v1::ValueMatch& value) { return value.has_present() && !value.present(); }

std::optional<Evidence> EvidenceFor(const v1::Match* conditions) {
  Evidence evidence;
  if (conditions == nullptr) return evidence;
  if (conditions->methods_size() > 0) evidence.method = conditions->methods(0);
  for (const v1::ValueMatch& value : conditions->query()) {
    if (IsAbsent(value)) continue;
    const auto text = ValueFor(value);
    if (!text) return std::nullopt;
    if (!evidence.query.empty()) evidence.query += '&';
    http::AppendEncoded(value.name(), evidence.query);
    evidence.query += '=';
    http::AppendEncoded(*text, evidence.query);
  }
  for (const v1::ValueMatch& value : conditions->cookies()) {
    if (IsAbsent(value)) continue;
    const auto text = ValueFor(value);
    if (!text) return std::nullopt;
    Append(evidence.cookies, evidence.cookies.empty() ? "" : "; ", value.name(), "=", *text);
  }
  for (const v1::ValueMatch& value : conditions->fields()) {
    if (IsAbsent(value)) continue;
    const auto text = ValueFor(value);
    if (!text) return std::nullopt;
    Append(evidence.fields, ", {name: ", YamlText(value.name()), ", value: ", YamlText(*text), "}");
  }
  if (!evidence.cookies.empty())
    Append(evidence.fields, ", {name: Cookie, value: ", YamlText(evidence.cookies), "}");
  return evidence;
}

// The target as a client gets it; nullopt where it is not plain what that is.
std::optional<std::string> LocationFor(const Redirect& redirect, const Sample& sample,
                                       const std::string& query) {
  std::string target = redirect.target;
  for (const auto& [name, value] : sample.captures) {
    const std::string placeholder = Cat("{", name, "}");
    if (const size_t at = target.find(placeholder);
        name == "rest" && redirect.source == Source::kPrefix && at != std::string::npos && at > 0 &&
        target[at - 1] == '/')
      target.erase(at - 1, 1);
    const size_t at = target.find(placeholder);
    if (at != std::string::npos && target.find('?') < at &&
        value.find_first_of("&+=;/") != std::string::npos)
      return std::nullopt;
    target = absl::StrReplaceAll(target, {{placeholder, value}});
  }
  const auto base = http::ParseUrl("https://www.example.com" + sample.path);
  auto url = http::ParseUrl(target, base ? &*base : nullptr);
  if (!url) return std::nullopt;
  if (redirect.query != v1::QUERY_MODE_DROP && !query.empty()) {
    const std::string own(url->get_search());
    if (!own.empty() && redirect.query == v1::QUERY_MODE_KEEP) return std::nullopt;
    url->set_search(own.empty() ? query : Cat(own, "&", query));
  }
  return std::string(IsAbsolute(target) ? url->get_href() : http::FromPathOn(*url));
}

}  // namespace

void TestTable::Add(const Redirect& redirect, const std::vector<std::string>& hosts,
                    const std::string& id, const std::string& file) {
  // What is left alone may be redirected in part by what comes before it.
  if (redirect.act != Act::kRedirect || added_++ % every_ != 0) return;
  std::optional<Sample> sample = SampleOf(redirect);
  const std::optional<Evidence> evidence = EvidenceFor(redirect.conditions.get());
  if (!sample || !evidence) return;
  sample->captures["0"] = "www";
  std::string host = hosts.empty() ? "www.example.com" : hosts.front();
  if (IsDomain(host)) host.replace(0, host.find('.'), "www");
  const std::string url =
      Cat("https://", host, sample->path, evidence->query.empty() ? "" : "?", evidence->query);
  std::vector<std::string> expected = {Cat("status is ", redirect.code), Cat("rule is ", id)};
  if (!IsBare(redirect.code)) {
    const auto location = LocationFor(redirect, *sample, evidence->query);
    if (location) expected.insert(expected.begin() + 1, Cat("location is ", *location));
  }
  std::string fields =
      evidence->fields.empty() ? "" : Cat(", headers: [", evidence->fields.substr(2), "]");
  Append(
      out_, "  - name: ",
      YamlText(Cat(file.substr(file.rfind('/') + 1), ":", redirect.place.line, ": ", sample->path)),
      "\n    ask: {request: {method: ", evidence->method, ", url: ", YamlText(url), fields,
      "}}\n    expect: ", YamlList(expected), "\n");
  ++tests_;
}

std::string TestTable::Take() {
  if (tests_ == 0) return "";
  std::string head = every_ == 1 ? "" : Cat("# One redirect of ", every_, " is tested.\n");
  return head + "tests:\n" + std::move(out_);
}

}  // namespace fingerpost::policy::formats
