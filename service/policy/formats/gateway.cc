// HTTPRoute of the Gateway API: rules whose filter is RequestRedirect. Of matches the longest path
// wins, an exact one first; the request's query is kept.
#include <algorithm>
#include <array>
#include <charconv>

#include "core/http/url.h"
#include "policy/formats/cat.h"
#include "policy/formats/manifests.h"
#include "policy/formats/reach.h"
#include "policy/formats/readers.h"
#include "policy/formats/spelling.h"

namespace fingerpost::policy::formats {
namespace {

// Of equal paths: a method, then the most fields, then the most of the query.
std::array<int, 3> Asked(const Redirect& redirect) {
  if (redirect.conditions == nullptr) return {};
  const v1::Match& match = *redirect.conditions;
  return {match.methods_size(), match.fields_size(), match.query_size()};
}

// The more, the earlier: a name comes before the longest domain, whichever route has it.
size_t HostRank(const Redirect& redirect) {
  if (redirect.hosts.empty()) return 0;
  size_t rank = std::string::npos;
  for (const std::string& host : redirect.hosts) {
    if (IsDomain(host)) rank = std::min(rank, host.size());
  }
  return rank;
}

// HTTPMethod
constexpr std::array<std::string_view, 9> kMethods = {
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};

class Reader {
 public:
  Reader(Redirects& redirects, Report& report) : redirects_(redirects), report_(report) {}

  void Read(const Node& route, Place place) {
    place_ = place;
    for (const Node& host : route["spec"]["hostnames"].items()) hosts_.push_back(host.text());
    for (const Node& rule : route["spec"]["rules"].items()) Rule(rule);
    // Our order is the one of the specification, but for patterns, which come last here.
    std::stable_sort(read_.begin(), read_.end(), [](const Redirect& a, const Redirect& b) {
      if (a.source != b.source) return a.source < b.source;
      if (a.source == Source::kPrefix && a.path.size() != b.path.size()) {
        return a.path.size() > b.path.size();
      }
      return a.path == b.path && Asked(a) > Asked(b);
    });
    for (Redirect& redirect : read_) redirects_.push_back(std::move(redirect));
  }

 private:
  [[nodiscard]] Place At(const Node& node) const {
    return {place_.line + node.line(), place_.file};
  }

  void Rule(const Node& rule) {
    Node filter;
    for (const Node& one : rule["filters"].items()) {
      if (one["type"].text() == "RequestRedirect") filter = one;
    }
    std::vector<Node> matches = rule["matches"].items();
    if (matches.empty()) matches.emplace_back();
    for (const Node& match : matches) {
      Redirect redirect;
      redirect.place = At(match ? match : rule);
      redirect.hosts = hosts_;
      redirect.query = v1::QUERY_MODE_KEEP;
      if (!Asks(match, redirect)) continue;
      if (!filter) {
        redirect.act = Act::kLeave;
      } else if (!Leads(filter["requestRedirect"], redirect)) {
        continue;
      }
      read_.push_back(std::move(redirect));
    }
  }

  bool Unsayable(const Node& node, std::string_view what) {
    report_.Skip(At(node), Cat("the policy does not have ", what),
                 "write a rule with the match that is meant");
    return false;
  }

  bool Asks(const Node& match, Redirect& redirect) {
    const Node path = match["path"];
    const std::string& type = path["type"].text();
    redirect.path = path["value"] ? path["value"].text() : "/";
    if (type == "Exact") {
      redirect.source = Source::kExact;
    } else if (type == "RegularExpression") {
      redirect.source = Source::kPattern;
    } else {
      redirect.source = Source::kPrefix;
      if (redirect.path.size() > 1 && redirect.path.ends_with('/')) redirect.path.pop_back();
    }
    auto conditions = std::make_shared<v1::Match>();
    if (match["method"]) {
      const std::string& method = match["method"].text();
      if (std::find(kMethods.begin(), kMethods.end(), method) == kMethods.end()) {
        report_.Skip(At(match),
                     Cat("has the method \"", method, "\", which the Gateway API does not have"),
                     "write one in upper case, such as GET");
        return false;
      }
      conditions->add_methods(method);
    }
    if (!Values(match["headers"], *conditions->mutable_fields()) ||
        !Values(match["queryParams"], *conditions->mutable_query())) {
      return false;
    }
    if (conditions->ByteSizeLong() > 0) redirect.conditions = std::move(conditions);
    return true;
  }

  bool Values(const Node& list, google::protobuf::RepeatedPtrField<v1::ValueMatch>& values) {
    for (const Node& one : list.items()) {
      const std::string& type = one["type"].text();
      v1::ValueMatch& value = *values.Add();
      value.set_name(one["name"].text());
      if (type == "RegularExpression") {
        value.set_regex(one["value"].text());
      } else if (type.empty() || type == "Exact") {
        value.set_equals(one["value"].text());
      } else {
        return Unsayable(one, type);
      }
    }
    return true;
  }

  bool Leads(const Node& filter, Redirect& redirect) {
    redirect.code = 302;
    if (const std::string& code = filter["statusCode"].text(); !code.empty()) {
      std::from_chars(code.data(), code.data() + code.size(), redirect.code);
      if (code != "301" && code != "302" && code != "303" && code != "307" && code != "308") {
        return Unsayable(filter, Cat("the code ", code));
      }
    }
    const std::string& scheme = filter["scheme"].text();
    const std::string& host = filter["hostname"].text();
    const Node path = filter["path"];
    if (scheme == "https" && host.empty() && !path && redirect.source == Source::kPrefix &&
        redirect.path == "/" && redirect.conditions == nullptr) {
      redirect.act = Act::kUpgrade;
      return true;
    }
    if (host.empty() && !scheme.empty() && redirect.hosts.size() != 1) {
      return Unsayable(filter, "another scheme on the request's own host, but for a whole host");
    }
    std::string origin_host = host.empty() && !scheme.empty() ? redirect.hosts[0] : host;
    if (origin_host.starts_with('*')) origin_host.replace(0, 1, "{0}");
    std::string port;
    if (const std::string& text = filter["port"].text(); !text.empty()) {
      if (origin_host.empty()) return Unsayable(filter, "another port on the request's own host");
      port = Cat(":", text);
    }
    if (!origin_host.empty()) {
      redirect.target = Cat(scheme.empty() ? "https" : scheme, "://", origin_host, port);
      if (scheme.empty()) {
        report_.Change(At(filter), "leads to https, where the scheme was that of the request",
                       "write the scheme");
      }
    }
    return Path(path, redirect);
  }

  bool Path(const Node& path, Redirect& redirect) {
    const std::string& type = path["type"].text();
    for (const char* member : {"replaceFullPath", "replacePrefixMatch"}) {
      const std::string& text = path[member].text();
      if (text.empty() || text.starts_with('/')) continue;
      // It would become a part of the host.
      report_.Skip(At(path), Cat("has the path \"", text, "\", which does not begin with \"/\""),
                   "write the \"/\"");
      return false;
    }
    if (type == "ReplaceFullPath") {
      redirect.target += WithoutPlaceholders(path["replaceFullPath"].text());
      return true;
    }
    if (redirect.source == Source::kPattern && (type == "ReplacePrefixMatch" || !path)) {
      return Unsayable(path, "the path of a regular expression in a target");
    }
    const bool exact = redirect.source == Source::kExact;
    std::string own = redirect.path == "/" ? "" : redirect.path;
    if (type == "ReplacePrefixMatch") own = path["replacePrefixMatch"].text();
    if (own.ends_with('/') && !exact) own.pop_back();
    redirect.target += WithoutPlaceholders(own) + (exact ? "" : "{rest}");
    // A path alone must not be empty.
    if (redirect.target == "{rest}") redirect.target = "/{rest}";
    return true;
  }

  Redirects& redirects_;
  Report& report_;
  Place place_;
  std::vector<std::string> hosts_;
  Redirects read_;
};

}  // namespace

void ReadGateway(const File& file, uint16_t index, Redirects& redirects, Report& report) {
  const auto before = static_cast<ptrdiff_t>(redirects.size());
  ReadManifests(file, index, report, [&](const Node& manifest, Place place) {
    if (manifest["kind"].text() != "HTTPRoute") return false;
    Reader(redirects, report).Read(manifest, place);
    return true;
  });
  std::stable_sort(redirects.begin() + before, redirects.end(),
                   [](const Redirect& a, const Redirect& b) { return HostRank(a) > HostRank(b); });
}

}  // namespace fingerpost::policy::formats
