// HTTPRoute of the Gateway API, of whose matches the most specific one answers: an exact path
// before the longest prefix, then a method, the most fields and the most parameters. Its filter
// RequestRedirect keeps the request's query and has 301, 302, 303, 307 and 308.
#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <array>

#include "core/http/url.h"
#include "policy/formats/by_host.h"
#include "policy/formats/cat.h"
#include "policy/formats/exporters.h"
#include "policy/formats/spelling.h"
#include "policy/formats/yaml_text.h"

namespace fingerpost::policy::formats {
namespace {

constexpr size_t kMaxRules = 16;  // HTTPRouteSpec.rules
constexpr std::string_view kAsk = "keep asking the service there";

class Writer {
 public:
  explicit Writer(Told& told) : told_(told) {}

  // The rules of one host, one text each.
  std::vector<std::string> Rules(const std::vector<const Outgoing*>& list) {
    std::vector<std::string> rules;
    const Outgoing* before = nullptr;
    for (const Outgoing* one : list) {
      if (before != nullptr && before->source == one->source && before->path == one->path &&
          Asked(*before) < Asked(*one)) {
        told_.Change(*one,
                     "comes before the rule before it where both match, since it asks for more",
                     "make one of them exclude the other");
      }
      before = one;
      if (!IsSayable(*one)) continue;
      Rule(*one, rules);
      told_.Wrote(*one);
    }
    return rules;
  }

 private:
  static std::array<int, 3> Asked(const Outgoing& one) {
    if (one.conditions == nullptr) return {};
    return {one.conditions->methods_size() > 0, one.conditions->fields_size(),
            one.conditions->query_size()};
  }

  bool IsSayable(const Outgoing& one) {
    if (one.act == Act::kUpgrade) {
      return told_.Skip(
          one, "leads http to https, which a route for both would do for ever",
          "write a route with the filter's scheme: https for the listener of port 80");
    }
    if (one.act == Act::kLeave) {
      return told_.Skip(one, "leaves requests alone; what comes after it answers them",
                        "write a rule with its path and your backendRefs");
    }
    if (one.target.empty()) {
      return told_.Skip(one, Cat("answers with ", one.reply().code, ", which is no redirect"),
                        "answer it at the backend");
    }
    if (one.conditions != nullptr) {
      const v1::Match& match = *one.conditions;
      const auto exact = [](const v1::ValueMatch& value) {
        return value.has_equals() || value.has_regex();
      };
      if (match.cookies_size() > 0 ||
          !std::all_of(match.fields().begin(), match.fields().end(), exact) ||
          !std::all_of(match.query().begin(), match.query().end(), exact)) {
        return told_.Skip(one, "has a condition that is neither equals nor regex, or on a cookie",
                          kAsk);
      }
    }
    return HasSayableTarget(one);
  }

  bool HasSayableTarget(const Outgoing& one) {
    std::string_view rest = one.target, text, name;
    const bool value = NextValue(rest, text, name);
    if (value && (one.source != Source::kPrefix || !rest.empty())) {
      return told_.Skip(
          one, "has a part of the path within its target, which the filter does not have", kAsk);
    }
    if (one.target.find_first_of("?#") != std::string::npos) {
      return told_.Skip(one,
                        "has a query or a fragment in its target, which the filter does not have",
                        "answer it at the backend");
    }
    if (one.query == v1::QUERY_MODE_DROP) {
      told_.Change(one, "passes the request's query on, which the policy drops",
                   "nothing needs to be done where the target ignores it");
    } else if (one.takes_query) {
      told_.Change(one, "passes the parameters of its source on, too",
                   "nothing needs to be done where the target ignores them");
    }
    if (one.source == Source::kPattern) {
      told_.Change(
          one,
          "regular expressions are an implementation's own, and their place among the paths, too",
          "test it with yours");
    }
    if (one.ignore_case) TellCase(one, told_);
    return true;
  }

  void Rule(const Outgoing& one, std::vector<std::string>& rules) {
    std::vector<std::string> paths = {one.path};
    if (one.either_slash && one.source == Source::kExact && one.path.size() > 1) {
      paths.push_back(one.path.ends_with('/') ? one.path.substr(0, one.path.size() - 1)
                                              : one.path + "/");
    }
    std::vector<std::string> methods;
    if (one.conditions != nullptr) {
      methods.assign(one.conditions->methods().begin(), one.conditions->methods().end());
      const auto has = [&](const char* name) {
        return std::find(methods.begin(), methods.end(), name) != methods.end();
      };
      if (has("GET") && !has("HEAD")) methods.emplace_back("HEAD");
    }
    const bool differ =
        one.safe != nullptr && one.unsafe != nullptr && one.safe->code != one.unsafe->code;
    if (!differ) return Add(one, paths, methods, one.reply().code, rules);
    std::vector<std::string> safe, unsafe;
    for (const std::string& method : methods)
      (method == "GET" || method == "HEAD" ? safe : unsafe).push_back(method);
    if (methods.empty()) safe = {"GET", "HEAD"};
    Add(one, paths, safe, one.safe->code, rules);
    if (one.unsafe->code != 0) Add(one, paths, unsafe, one.unsafe->code, rules);
  }

  void Add(const Outgoing& one, const std::vector<std::string>& paths,
           const std::vector<std::string>& methods, int code, std::vector<std::string>& rules) {
    constexpr std::array<std::string_view, 3> kTypes = {"Exact", "PathPrefix", "RegularExpression"};
    std::string rule = Cat("    # ", one.id, "\n    - matches:\n");
    for (const std::string& path : paths) {
      for (size_t i = 0; i < std::max<size_t>(methods.size(), 1); ++i) {
        Append(rule, "        - path: {type: ", kTypes[static_cast<size_t>(one.source)],
               ", value: ", YamlText(path), "}\n");
        if (!methods.empty()) Append(rule, "          method: ", methods[i], "\n");
        if (one.conditions == nullptr) continue;
        Values("headers", one.conditions->fields(), rule);
        Values("queryParams", one.conditions->query(), rule);
      }
    }
    Append(rule, "      filters:\n        - type: RequestRedirect\n          requestRedirect:\n",
           Target(one), "            statusCode: ", code, "\n");
    rules.push_back(std::move(rule));
  }

  static void Values(const char* member,
                     const google::protobuf::RepeatedPtrField<v1::ValueMatch>& values,
                     std::string& rule) {
    if (values.empty()) return;
    Append(rule, "          ", member, ":\n");
    for (const v1::ValueMatch& value : values) {
      Append(rule, "            - {type: ", value.has_regex() ? "RegularExpression" : "Exact",
             ", name: ", YamlText(value.name()),
             ", value: ", YamlText(value.has_regex() ? value.regex() : value.equals()), "}\n");
    }
  }

  static std::string Target(const Outgoing& one) {
    constexpr std::string_view kIndent = "            ";
    std::string_view rest = one.target, text, name;
    const bool value = NextValue(rest, text, name);
    std::string target = UrlText(text), out;
    if (IsAbsolute(target)) {
      const auto url = http::ParseUrl(target);
      const size_t path = target.find('/', target.find("//") + 2);
      Append(out, kIndent, "scheme: ", http::IsHttps(*url) ? "https" : "http", "\n", kIndent,
             "hostname: ", YamlText(url->get_hostname()), "\n");
      if (!url->get_port().empty()) Append(out, kIndent, "port: ", url->get_port(), "\n");
      target = path == target.npos ? "/" : target.substr(path);
    }
    if (!value) {
      Append(out, kIndent, "path: {type: ReplaceFullPath, replaceFullPath: ", YamlText(target),
             "}\n");
    } else {
      Append(out, kIndent,
             "path: {type: ReplacePrefixMatch, replacePrefixMatch: ", YamlText(target), "}\n");
    }
    return out;
  }

  Told& told_;
};

}  // namespace

std::string WriteGateway(const OutgoingList& list, Told& told) {
  std::string out =
      "# Exported by `fingerpost policy export gateway`. Name your Gateway in each parentRefs.\n";
  Writer writer(told);
  size_t route = 0;
  for (const HostGroup& group : GroupByHost(list)) {
    std::vector<std::string> names;
    for (const std::string& host : group.hosts) {
      if (host.starts_with('.')) names.push_back("*" + host);
      if (!host.empty()) names.push_back(host.starts_with('.') ? host.substr(1) : host);
    }
    const std::vector<std::string> rules = writer.Rules(group.list);
    for (size_t begin = 0; begin < rules.size(); begin += kMaxRules) {
      Append(out,
             "---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: "
             "redirects-",
             ++route, "}\nspec:\n  parentRefs: []\n");
      if (!names.empty()) {
        out += "  hostnames:\n";
        for (const std::string& name : names) Append(out, "    - ", YamlText(name), "\n");
      }
      out += "  rules:\n";
      for (size_t i = begin; i < std::min(begin + kMaxRules, rules.size()); ++i) out += rules[i];
    }
  }
  return out;
}

}  // namespace fingerpost::policy::formats
